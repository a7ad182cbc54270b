import { isDeepStrictEqual } from "node:util";
import type { JsonSchema } from "../../src/declare/baseline-schema.ts";

type Check = (value: unknown, argument: never, schema: JsonSchema) => boolean;

/**
 * Whether a value fits a JSON Schema, for the keywords of draft 2020-12 that our schemas use. Throws at any other, so
 * that nothing is passed over.
 */
export function fitsSchema(value: unknown, schema: JsonSchema): boolean {
  return Object.entries(schema).every(([keyword, argument]) => {
    // What follows from an `if` is looked at with it.
    if (keyword === "then") return true;
    const check = CHECKS[keyword];
    if (check === undefined) throw new Error(`expected a keyword that is known here, got ${keyword}`);
    return check(value, argument as never, schema);
  });
}

const always: Check = () => true;

const CHECKS: Readonly<Record<string, Check>> = {
  ...{ $schema: always, title: always, description: always, examples: always, format: always },
  type: (value, types: string | string[]) => [types].flat().some((type) => isOfType(value, type)),
  enum: (value, choices: unknown[]) => choices.includes(value),
  const: (value, constant: unknown) => value === constant,
  minLength: (value, length: number) => typeof value !== "string" || value.length >= length,
  pattern: (value, pattern: string) => typeof value !== "string" || new RegExp(pattern, "u").test(value),
  minimum: (value, minimum: number) => typeof value !== "number" || value >= minimum,
  maximum: (value, maximum: number) => typeof value !== "number" || value <= maximum,
  items: (value, items: JsonSchema) => !Array.isArray(value) || value.every((each) => fitsSchema(each, items)),
  minItems: (value, count: number) => !Array.isArray(value) || value.length >= count,
  uniqueItems: (value) =>
    !Array.isArray(value) || value.every((a, i) => !value.slice(i + 1).some((b) => isDeepStrictEqual(a, b))),
  required: (value, keys: string[]) => !isMap(value) || keys.every((key) => Object.hasOwn(value, key)),
  minProperties: (value, count: number) => !isMap(value) || Object.keys(value).length >= count,
  propertyNames: (value, names: JsonSchema) =>
    !isMap(value) || Object.keys(value).every((key) => fitsSchema(key, names)),
  properties: (value, known: Record<string, JsonSchema>) =>
    !isMap(value) ||
    Object.entries(value).every(([key, each]) => !Object.hasOwn(known, key) || fitsSchema(each, known[key] ?? {})),
  additionalProperties: (value, rest: false | JsonSchema, { properties = {} }) => {
    const others = isMap(value)
      ? Object.entries(value).filter(([key]) => !Object.hasOwn(properties as object, key))
      : [];
    return others.every(([, each]) => rest !== false && fitsSchema(each, rest));
  },
  allOf: (value, all: JsonSchema[]) => all.every((each) => fitsSchema(value, each)),
  anyOf: (value, any: JsonSchema[]) => any.some((each) => fitsSchema(value, each)),
  if: (value, condition: JsonSchema, { then }) =>
    !fitsSchema(value, condition) || fitsSchema(value, then as JsonSchema),
};

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "object") return isMap(value);
  if (type === "array") return Array.isArray(value);
  if (type === "null") return value === null;
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}
