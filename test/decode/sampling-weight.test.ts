import { expect, test } from "vitest";
import { makeDecoder, rowsOf } from "./decoding.ts";
import { IDS, message, requestOf, text } from "./wire.ts";

// The specification of the threshold: opentelemetry.io/docs/specs/otel/trace/tracestate-handling.

function weightOf(...states: readonly string[]): number | undefined {
  const fields = states.map((state) => text(3, state));
  return rowsOf(makeDecoder().decodeProtobuf(requestOf(IDS, ...fields)))[0]?.weight;
}

test.each([
  ["ot=th:0", 1],
  ["ot=th:8", 2],
  ["ot=th:c", 4],
  ["ot=th:C", 4],
  ["ot=th:80000000000000", 2],
  ["ot=th:fd70a4", 100],
  ["ot=th:e6666666666668", 10],
  ["ot=th:55", 1.497_070_312_5],
])("%s stands for %f spans", (state, weight) => {
  expect(weightOf(state)).toBe(weight);
});

test("the threshold is found among other keys and other vendors' members", () => {
  expect(weightOf("ot=rv:abcdef01234567;th:8")).toBe(2);
  expect(weightOf("ot=th:8;rv:abcdef01234567")).toBe(2);
  expect(weightOf("dd=s:1;p:00f067aa0ba902b7, \tot=th:8 ,es=s:0.5")).toBe(2);
});

test("another vendor's threshold, or a longer name, is not OpenTelemetry's", () => {
  for (const state of ["vendor=th:8", "dot=th:8", "ot2=th:8", "ot@tenant=th:8", "ot=oth:8", "ot=th8", "th:8", "ot"]) {
    expect(weightOf(state), state).toBe(1);
  }
});

test("the newest member, which stands first, is the one", () => {
  expect(weightOf("ot=th:8,ot=th:c")).toBe(2);
});

test("what is no threshold says nothing", () => {
  for (const digits of ["", "g", "0x8", "-8", "8 8", "123456789abcdef", "8\u0661"]) {
    expect(weightOf(`ot=th:${digits}`), digits).toBe(1);
  }
  expect(weightOf("")).toBe(1);
  const noText = message(3, [0xff, 0xfe, 0x6f, 0x74, 0x3d]);
  expect(rowsOf(makeDecoder().decodeProtobuf(requestOf(IDS, noText)))[0]?.weight).toBe(1);
});

test("thresholds that let next to nothing through are bounded", () => {
  expect(weightOf("ot=th:ffffffffffffff")).toBe(2 ** 24);
});

test("of several trace states the last one counts", () => {
  expect(weightOf("ot=th:8", "ot=th:c")).toBe(4);
  expect(weightOf("ot=th:8", "")).toBe(1);
});

test("a span's weight is not left to the next, kept or not, nor to the next request", () => {
  const decoder = makeDecoder();
  const sampled = message(2, IDS, text(3, "ot=th:8"));
  const bad = message(2, message(1, [1]), text(3, "ot=th:c"));
  const bytes = Uint8Array.from(message(1, message(2, message(2, IDS), sampled, bad, message(2, IDS))));
  expect(rowsOf(decoder.decodeProtobuf(bytes)).map(({ weight }) => weight)).toEqual([1, 2, 1]);
  expect(decoder.decodeProtobuf(requestOf(IDS)).weights).toHaveLength(0);
});

test("a batch of which no span was sampled has no column of weights", () => {
  const bytes = Uint8Array.from(message(1, message(2, message(2, IDS, text(3, "ot=th:0")))));
  expect(makeDecoder().decodeProtobuf(bytes).weights).toHaveLength(0);
});
