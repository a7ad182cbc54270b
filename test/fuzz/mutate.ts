import type { Random } from "../simulation/random.ts";
import { type Field, readFields, varint, writeFields } from "./wire-tree.ts";

/** What is changed, what it may borrow from, and how large it may grow. */
export type Material = { readonly random: Random; readonly pool: readonly Uint8Array[]; readonly bytesMax: number };

const BYTES = [0, 1, 2, 7, 8, 9, 10, 16, 18, 31, 32, 34, 74, 127, 128, 192, 255];
const LENGTHS = [0, 1, 7, 8, 9, 15, 16, 17, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const WORDS = [
  "",
  "__proto__",
  "constructor",
  "\0",
  "\ud800",
  "é€😀",
  "authorization: Bearer abc",
  "ot=th:c8",
  "x".repeat(300),
];
const KEYS = [
  ..."resourceSpans resource attributes scopeSpans spans traceId spanId parentSpanId kind links status code".split(" "),
  ..."key value stringValue intValue doubleValue boolValue arrayValue kvlistValue bytesValue values batches".split(" "),
  ..."traceState startTimeUnixNano endTimeUnixNano instrumentationLibrarySpans service.name server.address".split(" "),
  ..."http.request.header.authorization trustdrift.credential.authorization.token.expires_at toString".split(" "),
];
const NUMBERS = [0, -0, -1, 1e308, -1e-308, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), 2 ** 64, 0.5];
const TEXTS = ["NaN", "Infinity", "-9223372036854775808", "18446744073709551615", "18446744073709551616", " ", "1e5"];

/** A request in protobuf, changed in one to four places, with its lengths kept right or not. */
export function mutateProtobuf(bytes: Uint8Array, material: Material): Uint8Array {
  let changed: Uint8Array = bytes;
  for (let left = material.random.between(1, 4); left > 0; left--) {
    const fields = material.random.chance(0.7) ? readFields(changed) : null;
    changed = fields === null ? mutateBytes(changed, material) : writeFields(mutateFields(fields, material));
  }
  return changed.subarray(0, material.bytesMax);
}

/** A request in JSON, changed in one to four places; its text is rarely cut or damaged. */
export function mutateJson(bytes: Uint8Array, material: Material): Uint8Array {
  if (material.random.chance(0.1)) return mutateBytes(bytes, material).subarray(0, material.bytesMax);
  let value = parsed(bytes);
  for (let left = material.random.between(1, 4); left > 0; left--) value = mutateValue(value, material);
  return Buffer.from(JSON.stringify(value) ?? "").subarray(0, material.bytesMax);
}

function mutateBytes(bytes: Uint8Array, { random, pool }: Material): Uint8Array {
  const [from, to] = rangeOf(bytes, random);
  const [head, middle, tail] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
  const other = random.pick(pool);
  switch (random.between(0, 6)) {
    case 0:
      return Buffer.concat([head, Buffer.from([random.pick(BYTES)]), tail]);
    case 1:
      return Buffer.concat([head, middle.map((byte) => byte ^ (1 << random.between(0, 7))), tail]);
    case 2:
      return Buffer.concat([head, tail]);
    case 3:
      return Buffer.concat([head, middle, middle, tail]);
    case 4:
      return Buffer.concat([head, other.subarray(...rangeOf(other, random)), tail]);
    case 5:
      return Buffer.concat([head, varint(random.pick(LENGTHS)), tail]);
    default:
      return head;
  }
}

/** Mostly short ranges: a long one leaves little to look at. */
function rangeOf(bytes: Uint8Array, random: Random): [from: number, to: number] {
  const from = random.between(0, bytes.length);
  const length = random.chance(0.8) ? random.between(0, 8) : random.between(0, bytes.length);
  return [from, Math.min(from + length, bytes.length)];
}

function mutateFields(fields: readonly Field[], material: Material): readonly Field[] {
  const { random, pool } = material;
  if (fields.length === 0) return readFields(random.pick(pool)) ?? [];
  const at = random.between(0, fields.length - 1);
  const field = fields[at] as Field;
  if (!(field.value instanceof Uint8Array) && random.chance(0.8)) {
    return fields.with(at, { ...field, value: mutateFields(field.value, material) });
  }
  const other = random.pick(fields);
  switch (random.between(0, 5)) {
    case 0:
      return fields.toSpliced(at, 1);
    case 1:
      return fields.toSpliced(random.between(0, fields.length), 0, field);
    case 2:
      return fields.with(at, { ...field, value: other.value });
    case 3:
      return fields.with(at, { ...field, tag: other.tag });
    case 4:
      return fields.with(at, { ...field, tag: Math.max(8, (field.tag + random.between(-9, 9)) >>> 0) });
    default:
      return fields.with(at, { ...field, value: mutateLeaf(field.value, material) });
  }
}

function mutateLeaf(value: Field["value"], material: Material): Uint8Array {
  const bytes = value instanceof Uint8Array ? value : writeFields(value);
  return material.random.chance(0.3) ? Buffer.from(material.random.pick(WORDS)) : mutateBytes(bytes, material);
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

function parsed(bytes: Uint8Array): Json {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return {};
  }
}

function mutateValue(value: Json, material: Material): Json {
  const { random } = material;
  if (typeof value !== "object" || value === null || random.chance(0.08)) return anything(material);
  const entries: [string, Json][] = Object.entries(value);
  if (entries.length === 0)
    return random.chance(0.5) ? anything(material) : { [random.pick(KEYS)]: anything(material) };
  const at = random.between(0, entries.length - 1);
  const [key, inner] = entries[at] as [string, Json];
  const changed = mutateEntry([key, inner], material);
  const replaced = entries.toSpliced(at, 1, ...changed);
  return Array.isArray(value) ? replaced.map(([, each]) => each) : ownEntries(replaced);
}

function mutateEntry([key, value]: [string, Json], material: Material): [string, Json][] {
  const { random } = material;
  if (random.chance(0.75)) return [[key, mutateValue(value, material)]];
  const choices: [string, Json][][] = [
    [],
    [[random.pick(KEYS), value]],
    [
      [key, value],
      [random.pick(KEYS), value],
    ],
    [[key.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`), value]],
    [[key, [value, value]]],
  ];
  return random.pick(choices);
}

/** Keys such as `__proto__` become properties like any other, as they do when JSON is parsed. */
function ownEntries(entries: readonly [string, Json][]): Json {
  return Object.fromEntries(entries);
}

function anything({ random, pool }: Material): Json {
  const kinds = { number: 3, text: 3, word: 2, key: 1, small: 2, borrowed: 1 };
  switch (random.weigh(kinds)) {
    case "number":
      return random.pick(NUMBERS);
    case "text":
      return random.pick(TEXTS);
    case "word":
      return random.pick(WORDS);
    case "key":
      return { [random.pick(KEYS)]: random.pick(TEXTS) };
    case "small":
      return random.pick<Json>([null, true, false, [], {}, [[]], [null]]);
    default:
      return parsed(random.pick(pool));
  }
}
