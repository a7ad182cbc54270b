import { expect, test } from "vitest";
import { createAssembler, createDecoder, describeHops } from "../support/assemble.ts";
import { type DrawnSpan, drawSpans, requestOf } from "../support/draw.ts";
import { encodeRequest } from "../support/otlp.ts";

// What happens at the limits: memory doubles or gives way, and nothing is lost without being counted.

function pairs(count: number, from = 0): DrawnSpan[] {
  const lines = Array.from({ length: count }, (_, i) => {
    const trace = (from + i + 1).toString(36);
    return `a C#1<9@${trace}; b S#2<1@${trace}`;
  });
  return drawSpans(lines.join(";"));
}

test("doubling the ring loses no waiting span, wherever in it the oldest stands", () => {
  const decoder = createDecoder();
  const assembler = createAssembler({ settleMs: 500, windowMs: 1000 });
  const calls = pairs(20_000, 10_000).filter(({ span }) => span.kind === 3);
  const called = pairs(20_000, 10_000).filter(({ span }) => span.kind === 2);
  assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf(pairs(5_000)))), 0);
  assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf(calls))), 2_000);
  assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf(called))), 2_100);
  expect(assembler.figures()).toMatchObject({ waiting: 40_000, evicted: 0, unseenCallers: 0 });
  assembler.settleAll();
  expect(describeHops(assembler.takeFacts())).toEqual(["a -> b paired n=25000"]);
  expect(assembler.figures().waiting).toBe(0);
});

test("a full ring lets the oldest go, its guess made first, and counts it", () => {
  const decoder = createDecoder();
  const assembler = createAssembler({ waitingMax: 1024 });
  const drawing = Array.from({ length: 1500 }, (_, i) => `a C#1@${(i + 1).toString(36)} {peer=p}`).join(";");
  assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf(drawSpans(drawing)))), 0);
  expect(assembler.figures()).toMatchObject({ waiting: 1024, evicted: 476 });
  assembler.settleAll();
  expect(describeHops(assembler.takeFacts())).toEqual(["a -> p peer n=1500"]);
});

test("operations past an edge's bound fold into (other)", () => {
  const decoder = createDecoder();
  const assembler = createAssembler({ operationsPerEdgeMax: 3 });
  const drawing = [..."abcdefgh"].map((x, i) => `s S#1@${i + 1} {http.request.method=GET, http.route=/${x}}`).join(";");
  assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf(drawSpans(drawing)))), 0);
  const { newShapes } = assembler.takeFacts();
  expect(newShapes.map(({ shape }) => shape.operation)).toEqual(["GET /a", "GET /b", "GET /c", "(other)"]);
  expect(assembler.figures().overflowed).toBe(5);
});

test("names past the bound are one node", () => {
  const decoder = createDecoder();
  const assembler = createAssembler({ nodesMax: 10 });
  const drawing = Array.from({ length: 50 }, (_, i) => `svc-${i} S#1@${(i + 1).toString(36)}`).join(";");
  assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf(drawSpans(drawing)))), 0);
  const hops = describeHops(assembler.takeFacts());
  expect(hops).toHaveLength(9);
  expect(hops[0]).toBe("external -> (other) root n=42");
});

test("credentials past the bound start again, and old ones are no longer known", () => {
  const decoder = createDecoder();
  const assembler = createAssembler({ fingerprintsMax: 4 });
  const drawing = Array.from({ length: 20 }, (_, i) => `b S#1@${(i + 1).toString(36)} {fp=t${i}}`).join(";");
  assembler.add(decoder.decodeProtobuf(encodeRequest(requestOf(drawSpans(drawing)))), 0);
  assembler.settleAll();
  expect(describeHops(assembler.takeFacts())).toEqual(["external -> b root n=20"]);
  expect(assembler.figures().overflowed).toBe(4);
});
