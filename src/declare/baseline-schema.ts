import { RULE_IDS } from "../model/finding.ts";
import { readFile } from "./file-schema.ts";
import { KEY_MEANINGS } from "./key-meanings.ts";
import type { Form } from "./readers.ts";

/** A JSON Schema or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** A JSON Schema (draft 2020-12) of one baseline file: what {@link readFile} takes, and what a single file can get wrong. */
export function baselineSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Trustdrift baseline",
    ...schemaOf(readFile.form, ""),
  };
}

/** What the reader's own form does not say, by path: choices that go with others, and examples. */
const FURTHER: Readonly<Record<string, JsonSchema>> = {
  "services.*.calls.*.token": {
    allOf: [
      whenIs("mode", "passthrough", { required: ["reason"] }),
      whenIs("mode", "exchange", { required: ["audiences"], properties: { audiences: { minItems: 1 } } }),
    ],
  },
  "services.*.lifecycle": {
    allOf: [whenIs("state", "retired", { required: ["since"] }), whenIs("state", "learning", { required: ["until"] })],
  },
  "identities.*": {
    type: "object",
    anyOf: ["client", "kubernetes", "spiffe", "key"].map((key) => ({ required: [key] })),
  },
  "issuers.*.subjectClaims": { minItems: 1, uniqueItems: true },
  "exceptions[].match": { minProperties: 2 },
  "exceptions[].match.rule": { enum: RULE_IDS },
  "services.*.calls.*.operations": examples("GET,DELETE /v1/carts/{id}", "rpc:pkg.Service/*", "publish:orders.created"),
  "services.*.ingress[].operations": examples("* /**"),
  "services.*.public": examples("GET /v1/prices"),
  "internal.probes": examples("GET /healthz"),
  include: examples("teams/*.yaml"),
};

function whenIs(key: string, value: string, then: JsonSchema): JsonSchema {
  return { if: { properties: { [key]: { const: value } }, required: [key] }, then };
}

function examples(...texts: readonly string[]): JsonSchema {
  return { examples: [texts] };
}

function schemaOf(form: Form, path: string): JsonSchema {
  return { ...describe(path), ...typeOf(form, path), ...FURTHER[path] };
}

function describe(path: string): JsonSchema {
  const [says, otherwise = ""] = KEY_MEANINGS[path] ?? [];
  if (says === undefined) return {};
  return { description: otherwise === "" ? says : `${says} (left out: ${otherwise})` };
}

function typeOf(form: Form, path: string): JsonSchema {
  switch (form.kind) {
    case "list":
      return { type: "array", items: schemaOf(form.entry, `${path}[]`) };
    case "map":
      return {
        type: ["object", "null"],
        propertyNames: { minLength: 1 },
        additionalProperties: schemaOf(form.entry, `${path}.*`),
      };
    case "record":
      return recordOf(form, path);
    case "word":
      return { enum: form.choices };
    case "like":
      return { type: "string", pattern: form.pattern };
    default:
      return SCALARS[form.kind];
  }
}

const SCALARS: Readonly<Record<"text" | "name" | "count" | "flag" | "duration" | "day", JsonSchema>> = {
  text: { type: "string" },
  name: { type: "string", minLength: 1 },
  count: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
  flag: { type: "boolean" },
  duration: { type: "string", pattern: "^[0-9]{1,6}[smhd]$", examples: ["90s", "15m", "24h", "30d"] },
  day: { type: "string", format: "date", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples: ["2027-01-31"] },
};

/** Nothing behind a key is a map without keys, where none is required. */
function recordOf({ fields, required }: Extract<Form, { kind: "record" }>, path: string): JsonSchema {
  const prefix = path === "" ? "" : `${path}.`;
  return {
    type: required.length === 0 ? ["object", "null"] : "object",
    properties: Object.fromEntries([...fields].map(([key, form]) => [key, schemaOf(form, `${prefix}${key}`)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}
