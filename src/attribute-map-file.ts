import { readFileSync } from "node:fs";
import { isMap, isScalar, isSeq } from "yaml";
import {
  type AttributeMap,
  EMPTY_ATTRIBUTE_MAP,
  MAPPED_SLOTS,
  type MappedAttribute,
  mappedFacts,
} from "./credential/attribute-map.ts";
import type { CredentialPlace } from "./credential/credential-attributes.ts";
import { OperatingError } from "./model/operating-error.ts";
import { type Fail, offsetOf, openYaml } from "./open-yaml.ts";

const ROWS_MAX = 256;
const ATTRIBUTE = /^[A-Za-z][\w.-]{0,199}$/;
/** The characters of a token by RFC 9110 section 5.6.2, which cookie names are. */
const COOKIE = /^[\w!#$%&'*+.^`|~-]{1,100}$/;
const KEYS = ["attributes", "sessionCookies"];
const ROW_KEYS = ["attribute", "slot", "fact"];
/** Written by the collector alone: nobody may have it read as something else. */
const RESERVED = "trustdrift.ingest.";

/**
 * Reads the file that says what attributes mean which somebody else writes already, as YAML or JSON; null is none.
 * Throws `bad-argument` with the line of what is wrong.
 */
export function readAttributeMap(file: string | null): AttributeMap {
  if (file === null) return EMPTY_ATTRIBUTE_MAP;
  return parseAttributeMap(readText(file), file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): OperatingError {
  return new OperatingError("bad-argument", `cannot read the attribute map ${file}; name a file that is there`, {
    cause,
  });
}

/** The map in a text; `file` is named where something is wrong. */
export function parseAttributeMap(text: string, file: string): AttributeMap {
  const { root, fail } = openYaml(text, file, "expected YAML or JSON");
  if (root === null) return EMPTY_ATTRIBUTE_MAP;
  const entries = entriesOf(root, KEYS, fail);
  return {
    attributes: itemsOf(entries.get("attributes") ?? null, fail).map((item) => readRow(item, fail)),
    sessionCookies: itemsOf(entries.get("sessionCookies") ?? null, fail).map((item) =>
      textOf(item, COOKIE, "the name of a cookie", fail),
    ),
  };
}

function readRow(item: unknown, fail: Fail): MappedAttribute {
  const entries = entriesOf(item, ROW_KEYS, fail);
  const part = (key: string): unknown =>
    entries.get(key) ?? fail(offsetOf(item), `expected ${key} in a row {attribute, slot, fact}`);
  const attribute = textOf(part("attribute"), ATTRIBUTE, "the name of an attribute", fail);
  if (attribute.startsWith(RESERVED)) fail(offsetOf(part("attribute")), `expected another attribute than ${RESERVED}*`);
  const slot = textOf(part("slot"), /^/, "text", fail);
  if (!isSlot(slot)) return fail(offsetOf(part("slot")), `expected slot to be one of ${MAPPED_SLOTS.join(", ")}`);
  const facts = mappedFacts(slot);
  const fact = facts.get(textOf(part("fact"), /^/, "text", fail));
  if (fact === undefined)
    return fail(offsetOf(part("fact")), `expected fact to be one of ${[...facts.keys()].join(", ")}`);
  return { attribute, slot, fact };
}

function isSlot(text: string): text is CredentialPlace {
  return MAPPED_SLOTS.includes(text);
}

function entriesOf(node: unknown, keys: readonly string[], fail: Fail): ReadonlyMap<string, unknown> {
  if (!isMap(node)) return fail(offsetOf(node), `expected a map of ${keys.join(", ")}`);
  return new Map(
    node.items.map(({ key, value }) => {
      const name = textOf(key, /^/, "a key", fail);
      if (!keys.includes(name)) fail(offsetOf(key), `expected the keys ${keys.join(", ")} and no others`);
      return [name, value] as const;
    }),
  );
}

function itemsOf(node: unknown, fail: Fail): readonly unknown[] {
  if (node === null) return [];
  if (!isSeq(node)) return fail(offsetOf(node), "expected a list");
  if (node.items.length > ROWS_MAX) fail(offsetOf(node), `expected at most ${ROWS_MAX} entries`);
  return node.items;
}

function textOf(node: unknown, form: RegExp, what: string, fail: Fail): string {
  const text = isScalar(node) ? node.value : null;
  return typeof text === "string" && form.test(text) ? text : fail(offsetOf(node), `expected ${what}`);
}
