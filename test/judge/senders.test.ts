import { expect, test } from "vitest";
import { createJudgeContext } from "../../src/judge/judge-context.ts";
import { judgeTelemetry } from "../../src/judge/judge-telemetry.ts";
import type { TelemetrySighting } from "../../src/model/facts.ts";
import { contextOf, EVIDENCE, told, WITHOUT_BASELINE } from "./support.ts";

const YAML = `
senders:
  web-pods: { principal: "spiffe://shop/ns/*/sa/web", services: [web] }
  agent: { principal: "key:agent", services: ["shop/*"] }
  idle: { principal: "key:idle", services: [] }
services:
  web: { aliases: [web-canary] }
  shop/cart: { criticality: critical }
`;
const under = (attestation: string) => contextOf(`settings: { attestation: ${attestation} }\n${YAML}`);
const PREFER = under("prefer");
const REQUIRE = under("require");
const WEB = "spiffe://shop/ns/a/sa/web";

function sent(service: string, principal: string, kind: TelemetrySighting["kind"] = "sender"): TelemetrySighting {
  return { kind, environment: "prod", service, detail: principal, count: 1, seenMs: 0, evidence: EVIDENCE };
}

test("a sender that is known by another name is one alert a service and sender, and the baseline's line decides", () => {
  const [finding, ...more] = judgeTelemetry(sent("shop/cart", WEB), PREFER);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    rule: "unattested-service-name",
    severity: "high",
    verdict: "violation",
    confidence: "high",
    environment: "prod",
    caller: null,
    callee: "shop/cart",
    keyFields: ["shop/cart", WEB],
    summary: `${WEB}, which is web-pods and may not, sends spans as shop/cart`,
    decidedBy: { position: { line: 6 }, says: "senders.web-pods" },
  });
});

test("a sender that nobody named, or that proves nothing, says so where proofs are required", () => {
  const [nameless] = judgeTelemetry(sent("web", ""), REQUIRE);
  expect(nameless).toMatchObject({
    keyFields: ["web", ""],
    confidence: "medium",
    summary: "a sender that proves nothing sends spans as web",
    decidedBy: null,
  });
  const [unnamed] = judgeTelemetry(sent("web", "key:new"), REQUIRE);
  expect(unnamed).toMatchObject({
    keyFields: ["web", "key:new"],
    confidence: "medium",
    summary: "key:new, which no sender of the baseline is, sends spans as web",
    decidedBy: null,
  });
});

test.each([
  ["its own name", "web", WEB, PREFER],
  ["another name of its service", "web-canary", WEB, PREFER],
  ["a service that a forwarder's pattern names", "shop/cart", "key:agent", REQUIRE],
  ["a service that nobody declares", "made-up", WEB, REQUIRE],
  ["nobody's proof, where proofs are preferred", "web", "", PREFER],
  ["nobody whom the baseline names, where proofs are preferred", "web", "key:new", PREFER],
  ["another service, where senders are ignored", "shop/cart", WEB, under("ignore")],
  ["another service, without a baseline", "shop/cart", WEB, WITHOUT_BASELINE],
])("%s is no dispute", (_, service, principal, context) => {
  expect(told(judgeTelemetry(sent(service, principal), context))).toEqual([]);
});

test.each([
  ["a service outside a forwarder's pattern", "web", "key:agent", PREFER],
  ["any service, of a sender that may send for none", "web", "key:idle", PREFER],
  ["a service that its sender may not speak for, where proofs are required", "shop/cart", WEB, REQUIRE],
])("%s is disputed", (_, service, principal, context) => {
  expect(told(judgeTelemetry(sent(service, principal), context))).toEqual(["unattested-service-name high"]);
});

test("only sightings of senders are looked at", () => {
  expect(told(judgeTelemetry(sent("web", "", "untrusted-parent"), REQUIRE))).toEqual([]);
});

test("a context over a baseline without senders knows nobody", () => {
  const { baseline } = contextOf("services: { web: {} }");
  expect(baseline.senders.size).toBe(0);
  expect(createJudgeContext(baseline).learned.disputed.size).toBe(0);
});
