// Hot path for sampled spans only: bytes in, a number out, nothing allocated.

const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const SPACE = 0x20;
const TAB = 0x09;
const OT = [0x6f, 0x74, 0x3d] as const;
const TH = [0x74, 0x68, 0x3a] as const;

const DIGITS_MAX = 14;
const HALF = 2 ** 28;
/** Weights are whole multiples of this, so that sums of them are exact and no order of adding changes one. */
const STEP = 1 / 1024;
/** Nobody samples one in sixteen million; past it sums would no longer be exact. */
const WEIGHT_MAX = 2 ** 24;

/**
 * How many spans the one with this trace state stands for: its adjusted count, 2^56 / (2^56 - T), where T are the up to
 * 14 hex digits of `ot=th:` with their trailing zeros restored
 * (https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/#sampling-threshold-value-th).
 * 1 where no threshold is said, or none that can be read.
 */
export function readSamplingWeight(view: DataView, start: number, end: number): number {
  for (let at = start; at < end; ) {
    const memberEnd = find(view, COMMA, at, end);
    while (at < memberEnd && isBlank(view.getUint8(at))) at += 1;
    if (startsWith(view, OT, at, memberEnd)) return weightOfMember(view, at + OT.length, memberEnd);
    at = memberEnd + 1;
  }
  return 1;
}

function weightOfMember(view: DataView, start: number, end: number): number {
  let memberEnd = end;
  while (memberEnd > start && isBlank(view.getUint8(memberEnd - 1))) memberEnd -= 1;
  for (let at = start; at < memberEnd; ) {
    const pairEnd = find(view, SEMICOLON, at, memberEnd);
    if (startsWith(view, TH, at, pairEnd)) return weightOfThreshold(view, at + TH.length, pairEnd);
    at = pairEnd + 1;
  }
  return 1;
}

/** 56 bits do not fit a number, so the threshold is read in two halves of seven digits. */
function weightOfThreshold(view: DataView, start: number, end: number): number {
  const digits = end - start;
  if (digits < 1 || digits > DIGITS_MAX) return 1;
  let high = 0;
  let low = 0;
  for (let digit = 0; digit < DIGITS_MAX; digit += 1) {
    const value = digit < digits ? hexDigit(view.getUint8(start + digit)) : 0;
    if (value < 0) return 1;
    if (digit < DIGITS_MAX / 2) high = high * 16 + value;
    else low = low * 16 + value;
  }
  const weight = (HALF * HALF) / ((HALF - high) * HALF - low);
  return Math.min(Math.round(weight / STEP) * STEP, WEIGHT_MAX);
}

function find(view: DataView, byte: number, start: number, end: number): number {
  let at = start;
  while (at < end && view.getUint8(at) !== byte) at += 1;
  return at;
}

function startsWith(view: DataView, bytes: readonly [number, number, number], at: number, end: number): boolean {
  if (end - at < 3) return false;
  return view.getUint8(at) === bytes[0] && view.getUint8(at + 1) === bytes[1] && view.getUint8(at + 2) === bytes[2];
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** The value of an ASCII hex digit of either case, or -1. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
