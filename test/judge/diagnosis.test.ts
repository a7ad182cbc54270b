import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NEEDS, needsOf, RULE_NEEDS } from "../../src/judge/catalogue/rule-needs.ts";
import { TELEMETRY_RULES } from "../../src/judge/catalogue/telemetry.ts";
import { diagnoseService, type Examined } from "../../src/judge/diagnose-service.ts";
import { RULES } from "../../src/judge/rules.ts";
import type { ServiceDiagnosis } from "../../src/model/diagnosis.ts";
import { RULE_IDS, type RuleId } from "../../src/model/finding.ts";
import type { Shape } from "../../src/model/graph.ts";
import type { SeenShape } from "../../src/model/store.ts";
import { contextOf, service, shapeOf, token } from "./support.ts";

const OUTSIDE_BASELINE = contextOf("services: { cart: {} }");
const PAGES = new URL("../../docs/rules/", import.meta.url);
const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 30);

/** Rules that need no more than spans of anybody. */
const NEEDLESS: readonly RuleId[] = ["unknown-service", "blind-spot", "credential-in-url"];

test("every rule says what it needs, but for those that need spans alone", () => {
  const silent = RULE_IDS.filter((id) => RULE_NEEDS[id] === undefined);
  expect([...silent].sort()).toEqual([...NEEDLESS].sort());
});

/** Pages say it in the words of the doctor, without the way out. */
test.each(TELEMETRY_RULES)("the page of $id says where it cannot fire", ({ id }) => {
  const page = readFileSync(new URL(`${id}.md`, PAGES), "utf8");
  const reasons = needsOf(id).map((need) => NEEDS[need].split(";")[0]);
  expect(page).toContain(`It cannot fire where ${reasons.join("; where ")}.`);
});

test("a page that says where its rule cannot fire says it as the doctor does", () => {
  for (const { id } of RULES) {
    const [, said] = /It cannot fire where (.+)\./u.exec(readFileSync(new URL(`${id}.md`, PAGES), "utf8")) ?? [];
    if (said === undefined) continue;
    expect([id, said]).toEqual([
      id,
      needsOf(id)
        .map((need) => NEEDS[need].split(";")[0])
        .join("; where "),
    ]);
  }
});

function seen(fields: Partial<Shape> = {}, estimated = 1): SeenShape {
  return { shape: shapeOf(fields), count: 1, estimated, firstSeenMs: NOW_MS, lastSeenMs: NOW_MS };
}

function examined(
  fields: Partial<Examined> & { readonly withCredential?: number; readonly days?: number } = {},
): Examined {
  const { withCredential = 0, days = 100, ...rest } = fields;
  const firstSeen = new Date(NOW_MS - days * DAY_MS).toISOString();
  return {
    sent: {
      ...{ environment: "prod", service: "payments", runtime: null, release: null, spans: 9 },
      ...{ inbound: 4, inboundWithCredential: withCredential, outbound: 0, outboundWithCredential: 0 },
      ...{ isInPods: false, firstSeen, lastSeen: firstSeen },
    },
    inbound: [seen()],
    outbound: [],
    isSenderAsked: false,
    observedSinceMs: NOW_MS - days * DAY_MS,
    nowMs: NOW_MS,
    ...rest,
  };
}

const DECLARED = contextOf("services: { payments: {} }");

function reasons({ blind }: ServiceDiagnosis, rule: RuleId): readonly string[] {
  return blind.filter(({ rules }) => rules.includes(rule)).map(({ because }) => because);
}

test("a service that shows no credentials is blind to rules about them, and says why", () => {
  const diagnosis = diagnoseService(examined(), DECLARED);
  expect(diagnosis.visibleShare).toBe(0);
  expect(reasons(diagnosis, "audience-mismatch-accepted")).toEqual([NEEDS.credentials, NEEDS.tokens, NEEDS.accepts]);
  expect(diagnosis.able).not.toContain("audience-mismatch-accepted");
});

test("with credentials, tokens and a declaration the rule can fire", () => {
  const context = contextOf(
    'services: { payments: { accepts: [{ issuer: "https://idp.example", audiences: [pay] }] } }',
  );
  const inbound = [seen({ credential: token({ audiences: ["pay"] }), credentialSeenBy: "callee" })];
  const diagnosis = diagnoseService(examined({ withCredential: 4, inbound }), context);
  expect(reasons(diagnosis, "audience-mismatch-accepted")).toEqual([]);
  expect(diagnosis.able).toContain("audience-mismatch-accepted");
  expect(diagnosis.visibleShare).toBe(1);
});

test("an undeclared service is judged by hardly anything", () => {
  const diagnosis = diagnoseService(examined(), OUTSIDE_BASELINE);
  expect(diagnosis.isDeclared).toBe(false);
  expect(reasons(diagnosis, "undeclared-call")).toEqual([NEEDS.declared]);
  expect(diagnosis.able).toContain("unknown-service");
});

test("the tokens of a service's pods are followed where its spans name pod and node", () => {
  expect(reasons(diagnoseService(examined(), DECLARED), "token-outlives-workload")).toEqual([NEEDS.pods]);
  const sent = { ...examined().sent, isInPods: true };
  expect(diagnoseService(examined({ sent }), DECLARED).able).toContain("token-outlives-workload");
});

test.each([
  ["", false, [NEEDS.ingestPrincipals, NEEDS.senders]],
  ["settings: { attestation: prefer }", false, [NEEDS.ingestPrincipals, NEEDS.senders]],
  ["settings: { attestation: require }", true, []],
  ['senders: { a: { principal: "key:a", services: [] } }', true, [NEEDS.senders]],
  ['settings: { attestation: prefer }\nsenders: { a: { principal: "key:a", services: [] } }', true, []],
])("senders under %j, asked: %j", (declared, isSenderAsked, expected) => {
  const diagnosis = diagnoseService(examined({ isSenderAsked }), contextOf(`services: { payments: {} }\n${declared}`));
  expect(reasons(diagnosis, "unattested-service-name")).toEqual(expected);
});

test("time, environment, sampling and certificates are looked at", () => {
  const young = diagnoseService(examined({ days: 7 }), DECLARED);
  expect(reasons(young, "telemetry-silent")).toEqual([NEEDS.week]);
  expect(reasons(young, "blast-radius-increase")).toEqual([NEEDS.month]);
  expect(reasons(young, "dormant-identity-reactivated")).toContain(NEEDS.month);
  const old = diagnoseService(examined(), DECLARED);
  expect(old.able).toContain("telemetry-silent");
  expect(old.able).toContain("blast-radius-increase");
  expect(old.able).toContain("cross-environment-call");
  const sent = { ...examined().sent, environment: "default" };
  expect(reasons(diagnoseService(examined({ sent }), DECLARED), "cross-environment-call")).toEqual([NEEDS.environment]);
});

test("who is called by nobody has no calls", () => {
  const diagnosis = diagnoseService(examined({ inbound: [], outbound: [] }), DECLARED);
  expect(reasons(diagnosis, "undeclared-call")).toEqual([NEEDS.calls]);
  const calling = diagnoseService(examined({ inbound: [], outbound: [seen({ callee: service("x") })] }), DECLARED);
  expect(reasons(calling, "undeclared-call")).toEqual([]);
});
