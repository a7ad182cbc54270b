import { expect, test } from "vitest";
import type { Facts } from "../../src/model/facts.ts";
import { assembleBatches, createAssembler, createFeed } from "../support/assemble.ts";
import { drawSpans } from "../support/draw.ts";
import { dressedBatch } from "../support/dress.ts";

// Situations 130 to 134 of docs/conformance.md: what is odd about the telemetry itself.

function describe({ telemetry }: Facts): string[] {
  return telemetry.map(({ kind, service, detail, count }) => `${kind} ${service} ${detail} ${count}`).sort();
}

const telemetryOf = (drawing: string) =>
  describe(assembleBatches(drawSpans(drawing).map((span) => dressedBatch([span]))).facts);

test("130: places where a credential stood in the open are told by service, with an example", () => {
  const batch = dressedBatch(drawSpans("a S#1 [deployment.environment.name=prod]; b S#2"));
  const leaks = [
    { resource: 0, place: "db.statement", count: 3 },
    { resource: 1, place: "exception.message", count: 1 },
    { resource: 0, place: "db.statement", count: 2 },
  ];
  const { facts } = assembleBatches([{ ...batch, leaks }]);
  expect(describe(facts)).toEqual(["raw-credential a db.statement 5", "raw-credential b exception.message 1"]);
  expect(facts.telemetry.find(({ service }) => service === "a")).toMatchObject({
    environment: "prod",
    evidence: { calleeSpanId: "0000000000000001", traceId: "000000000000000a0000000000000001" },
  });
});

test("131: one span from two senders of one name is a conflict, delivered twice it is none", () => {
  expect(telemetryOf("a S#1; a S#1")).toEqual([]);
  expect(telemetryOf("a S#1 [service.version=1]; a S#1 [service.version=2, telemetry.sdk.language=go]")).toEqual([
    "identity-conflict a release 1",
    "identity-conflict a runtime 1",
  ]);
  expect(telemetryOf("a C#1<9; b S#1<9")).not.toContain("identity-conflict a release 1");
});

test("132: a parent that never came within the window is told once it is over", () => {
  const { assembler, add } = createFeed();
  add("a S#1<9; a S#2<8; b S#3<7", 0);
  add("c C#7", 10_000);
  assembler.advance(29_000);
  expect(describe(assembler.takeFacts())).toEqual([]);
  assembler.advance(30_000);
  expect(describe(assembler.takeFacts())).toEqual(["untrusted-parent a parent_span_id 2"]);
});

test("132: of a message whose producer never came, nothing is told", () => {
  expect(telemetryOf("a K#1<9; a K#2<8 {messaging.system=kafka, messaging.destination.name=Q}")).toEqual([]);
  expect(telemetryOf("a S#1<9")).toEqual(["untrusted-parent a parent_span_id 1"]);
});

test("133: a name from two places at one time is a conflict", () => {
  const { assembler, add } = createFeed();
  add("a S#1 [k8s.namespace.name=x, telemetry.sdk.language=go]; a S#2 [k8s.namespace.name=x]; a S#3", 0);
  expect(describe(assembler.takeFacts())).toEqual([]);
  add("a S#4 [k8s.namespace.name=y, telemetry.sdk.language=go]; b S#5 [k8s.namespace.name=y]", 1_000);
  add("a S#6 [k8s.namespace.name=x, telemetry.sdk.language=go]", 2_000);
  expect(describe(assembler.takeFacts())).toEqual(["name-conflict a k8s.namespace.name 2"]);
});

test("134: a service that moved, or is in two environments, is in no conflict", () => {
  const { assembler, add } = createFeed();
  add("a S#1 [cloud.account.id=x]", 0);
  add("a S#2 [cloud.account.id=y]; a S#3 [cloud.account.id=x, deployment.environment.name=test]", 600_000);
  expect(describe(assembler.takeFacts())).toEqual([]);
});

function feedAs(): (drawing: string, nowMs: number, principal?: string | null) => string[] {
  const assembler = createAssembler();
  return (drawing, nowMs, principal) => {
    assembler.add(dressedBatch(drawSpans(drawing)), nowMs, nowMs, principal);
    return describe(assembler.takeFacts());
  };
}

test("135: who sent for whom is told once a service, and again once a minute with all in between", () => {
  const add = feedAs();
  expect(add("a S#1; a S#2; b S#3", 0, "key:x")).toEqual(["sender a key:x 1", "sender b key:x 1"]);
  expect(add("a S#4", 30_000, "key:x")).toEqual([]);
  expect(add("a S#5", 59_999, "key:y")).toEqual(["sender a key:y 1"]);
  expect(add("a S#6", 60_000, "key:x")).toEqual(["sender a key:x 3"]);
  expect(add("a S#7", 60_001, "key:x")).toEqual([]);
});

test("135: a sender that proved nothing is told as such, and one that nobody asks is not", () => {
  const add = feedAs();
  expect(add("a S#1", 0, null)).toEqual(["sender a  1"]);
  expect(add("a S#2", 0)).toEqual([]);
});

test("135: of so many senders at once the rest is told the next time; what is odd is told all the same", () => {
  const add = feedAs();
  const told = add(Array.from({ length: 20_001 }, (_, n) => `s${n} S#${n + 1}`).join(";"), 0, "key:x");
  expect(told).toHaveLength(20_000);
  expect(add("s20000 S#30001; s0 S#30002; s0 S#30003 [k8s.namespace.name=x]", 0, "key:x")).toEqual([
    "sender s0 key:x 1",
    "sender s20000 key:x 1",
  ]);
  expect(add("s0 S#30004 [k8s.namespace.name=y]", 0, "key:x")).toEqual(["name-conflict s0 k8s.namespace.name 1"]);
});
