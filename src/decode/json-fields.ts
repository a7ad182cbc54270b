import { OperatingError } from "../model/operating-error.ts";

/** A JSON object of whatever the sender wrote. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The protobuf names of the few JSON names we ask for, worked out once each; null where they are the same. */
const snakeNames = new Map<string, string | null>();

const INTEGER = /^-?\d{1,20}$/u;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** Parses a body to its outermost object. Throws `malformed-request` with a message that quotes nothing of it. */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  const text = new TextDecoder().decode(bytes);
  const parsed = parseJson(text);
  if ("message" in parsed) throw malformed(`cannot parse JSON body${positionIn(parsed.message, text)}`);
  return asObject(parsed.value, "JSON body");
}

/** The parser's own error quotes the body, so it goes no further than here, not even as a cause. */
function parseJson(text: string): { readonly value: unknown } | { readonly message: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { message: error instanceof Error ? error.message : "" };
  }
}

/** The parser tells a position only at the end of some of its messages; what stands before it may be the body's. */
function positionIn(message: string, text: string): string {
  const position = / in JSON at position (\d+)(?: \(line \d+ column \d+\))?$/u.exec(message)?.[1];
  if (position !== undefined) return ` at position ${position}`;
  return message === "Unexpected end of JSON input" ? ` at position ${text.length}` : "";
}

/** A field by its JSON name or, as some senders write it, its protobuf name; null where it is absent. */
export function field(object: JsonObject, name: string): unknown {
  const value = object[name] ?? null;
  if (value !== null) return value;
  const snake = snakeCase(name);
  return snake === null ? null : (object[snake] ?? null);
}

function snakeCase(name: string): string | null {
  const known = snakeNames.get(name);
  if (known !== undefined) return known;
  const snake = name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
  snakeNames.set(name, snake === name ? null : snake);
  return snakeCase(name);
}

/** A message field, or null. */
export function objectField(object: JsonObject, name: string): JsonObject | null {
  const value = field(object, name);
  return value === null ? null : asObject(value, name);
}

/** The messages of a repeated field; none where it is absent. */
export function objectsField(object: JsonObject, name: string): readonly JsonObject[] {
  const value = field(object, name);
  if (value === null) return [];
  if (!Array.isArray(value)) throw malformed(`expected ${name} to be an array`);
  return value.map((element) => asObject(element, name));
}

/** A string field, or "". */
export function textField(object: JsonObject, name: string): string {
  const value = field(object, name) ?? "";
  if (typeof value !== "string") throw malformed(`expected ${name} to be a string`);
  return value;
}

/** A 64-bit integer, which JSON senders write as a string or a number; null where it is absent. */
export function integerField(object: JsonObject, name: string): bigint | null {
  const value = field(object, name);
  if (value === null) return null;
  const isInteger = typeof value === "string" ? INTEGER.test(value) : Number.isInteger(value);
  const integer = isInteger ? BigInt(value as string | number) : null;
  if (integer === null || integer < INT64_MIN || integer > UINT64_MAX) {
    throw malformed(`expected ${name} to be a 64-bit integer`);
  }
  return integer;
}

/** A double, or one of the words JSON has no number for (`NaN`, `Infinity`); null where it is absent. */
export function doubleField(object: JsonObject, name: string): number | null {
  const value = field(object, name);
  if (value === null) return null;
  if (typeof value === "number") return value;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (Number.isNaN(number) && value !== "NaN") throw malformed(`expected ${name} to be a number`);
  return number;
}

/** An enum's number, given as such or by name; 0, which all enums of OTLP call unspecified, for names unknown. */
export function enumField(object: JsonObject, name: string, names: readonly string[]): number {
  const value = field(object, name);
  if (typeof value === "string" && !INTEGER.test(value)) return Math.max(names.indexOf(value), 0);
  return Number(BigInt.asUintN(32, integerField(object, name) ?? 0n));
}

function asObject(value: unknown, name: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed(`expected ${name} to be an object`);
  }
  return value as JsonObject;
}

function malformed(message: string): OperatingError {
  return new OperatingError("malformed-request", message);
}
