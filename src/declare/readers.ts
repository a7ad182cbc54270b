import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Position } from "../model/baseline.ts";
import { keyText, type Source } from "./open-source.ts";
import { quote, suggest } from "./suggest.ts";

/** A value of a file: its node, where it stands (its key, where it has no text of its own), and what to call it. */
type Cell = { readonly node: unknown; readonly position: Position; readonly label: string };

/** What a reader takes, for those who describe the format: the schema of editors and the reference. */
export type Form =
  | { readonly kind: "text" | "name" | "count" | "flag" | "duration" | "day" }
  | { readonly kind: "word"; readonly choices: readonly string[] }
  | { readonly kind: "like"; readonly pattern: string; readonly description: string }
  | { readonly kind: "list" | "map"; readonly entry: Form }
  | {
      readonly kind: "record";
      readonly fields: ReadonlyMap<string, Form>;
      readonly required: readonly string[];
    };

/** Reads a value of one type; what does not fit is reported, and null or an empty value stands in. */
export type Reader<T> = ((cell: Cell, source: Source) => T) & { readonly form: Form };

type Fields = { readonly [key: string]: Reader<unknown> };

/** A map with known keys: null for a key that is absent or was reported; `at` is where each key stands. */
export type Entry<F extends Fields> = {
  readonly position: Position;
  readonly values: { readonly [K in keyof F]: ReturnType<F[K]> | null };
  readonly at: { readonly [K in keyof F]?: Position };
};

/** An entry of a map that is keyed by name; the position is the key's. */
export type Named<T> = { readonly name: string; readonly position: Position; readonly value: T };

/** Any string. */
export const text = reader({ kind: "text" }, (cell, source): string | null => {
  const { node } = cell;
  if (isScalar(node) && typeof node.value === "string") return node.value;
  return reportType(cell, source, "a string");
});

/** A string that is not empty. */
export const name = reader({ kind: "name" }, (cell, source): string | null => {
  const value = text(cell, source);
  if (value !== "") return value;
  source.report("BL007", cell.position, `expected ${cell.label} not to be empty`);
  return null;
});

/** A whole number of 1 or more. */
export const count = reader({ kind: "count" }, (cell, source): number | null => {
  const { node } = cell;
  if (isScalar(node) && typeof node.value === "number" && Number.isSafeInteger(node.value) && node.value >= 1) {
    return node.value;
  }
  return reportType(cell, source, "a whole number of 1 or more");
});

/** `true` or `false`. */
export const flag = reader({ kind: "flag" }, (cell, source): boolean | null => {
  const { node } = cell;
  if (isScalar(node) && typeof node.value === "boolean") return node.value;
  return reportType(cell, source, "true or false");
});

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time such as `90s`, `15m`, `24h` or `30d`, in ms. */
export const duration = reader({ kind: "duration" }, (cell, source): number | null => {
  const value = text(cell, source);
  if (value === null) return null;
  const match = /^(\d{1,6})([smhd])$/u.exec(value);
  if (match !== null) return Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? 0);
  source.report("BL006", cell.position, `expected ${cell.label} to be a time such as "15m", got ${quote(value)}`);
  return null;
});

/** A day of the calendar, `YYYY-MM-DD`. */
export const day = reader({ kind: "day" }, (cell, source): string | null => {
  const value = text(cell, source);
  if (value === null) return null;
  const parsed = /^\d{4}-\d{2}-\d{2}$/u.test(value) ? new Date(`${value}T00:00:00Z`) : null;
  if (parsed !== null && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value)) return value;
  source.report("BL006", cell.position, `expected ${cell.label} to be a day such as "2027-01-31", got ${quote(value)}`);
  return null;
});

/** One of a few words. */
export function oneOf<const T extends string>(choices: readonly T[]): Reader<T | null> {
  const expected = choices.map(quote).join(" or ");
  return reader({ kind: "word", choices }, (cell, source): T | null => {
    const value = text(cell, source);
    const choice = choices.find((candidate) => candidate === value);
    if (choice !== undefined || value === null) return choice ?? null;
    const hint = suggest(value, choices);
    source.report("BL006", cell.position, `expected ${cell.label} to be ${expected}, got ${quote(value)}${hint}`);
    return null;
  });
}

/** A string of a given form. */
export function textLike(form: RegExp, description: string): Reader<string | null> {
  return reader({ kind: "like", pattern: form.source, description }, (cell, source): string | null => {
    const value = text(cell, source);
    if (value === null || form.test(value)) return value;
    source.report("BL006", cell.position, `expected ${cell.label} to be ${description}, got ${quote(value)}`);
    return null;
  });
}

/** A list; entries that do not fit are left out. An empty value is refused: it could mean "none" or "unchecked". */
export function listOf<T>(entry: Reader<T>): Reader<readonly NonNullable<T>[] | null> {
  return reader({ kind: "list", entry: entry.form }, (cell, source): readonly NonNullable<T>[] | null => {
    if (!isSeq(cell.node)) return reportType(cell, source, "a list; write [] for none, or leave the key out");
    return cell.node.items.flatMap((item, index) => {
      const value = entry(cellOf(item, `${cell.label}[${index}]`, cell.position, source), source);
      return value === null || value === undefined ? [] : [value];
    });
  });
}

/** A map keyed by names of the user's choice; an empty value is the empty map. */
export function mapOf<T>(entry: Reader<T>): Reader<readonly Named<T>[]> {
  return reader({ kind: "map", entry: entry.form }, (cell, source): readonly Named<T>[] =>
    pairsOf(cell, source).map(({ key, position, node }) => {
      if (key === "") source.report("BL007", position, `expected a name in ${cell.label} not to be empty`);
      return { name: key, position, value: entry(cellOf(node, quote(key), position, source), source) };
    }),
  );
}

/** A map with known keys; an empty value is a map without keys. */
export function record<F extends Fields>(fields: F, required: readonly (keyof F & string)[] = []): Reader<Entry<F>> {
  const readers = new Map(Object.entries(fields));
  const absent = Object.fromEntries([...readers.keys()].map((key) => [key, null]));
  return reader({ kind: "record", fields: formsOf(readers), required }, (cell, source): Entry<F> => {
    const values: Record<string, unknown> = { ...absent };
    const at: Record<string, Position> = {};
    for (const { key, position, node } of pairsOf(cell, source)) {
      const read = readers.get(key);
      if (read === undefined) {
        source.report("BL003", position, `unknown key ${quote(key)} in ${cell.label}${suggest(key, readers.keys())}`);
        continue;
      }
      at[key] = position;
      values[key] = read(cellOf(node, key, position, source), source);
    }
    reportMissing(
      required.filter((key) => at[key] === undefined),
      cell,
      source,
    );
    // The keys of `values` are exactly those of `fields`, each read by its own reader.
    return { position: cell.position, values, at } as Entry<F>;
  });
}

function reader<T>(form: Form, read: (cell: Cell, source: Source) => T): Reader<T> {
  return Object.assign(read, { form });
}

function formsOf(readers: ReadonlyMap<string, Reader<unknown>>): ReadonlyMap<string, Form> {
  return new Map([...readers].map(([key, { form }]) => [key, form]));
}

function reportMissing(keys: readonly string[], cell: Cell, source: Source): void {
  if (!isMap(cell.node) && !isEmpty(cell.node)) return;
  for (const key of keys) source.report("BL005", cell.position, `missing key ${quote(key)} in ${cell.label}`);
}

type KeyedNode = { readonly key: string; readonly position: Position; readonly node: unknown };

/** A map's entries in the order of the file; of duplicates, which were reported, one is enough. */
function pairsOf(cell: Cell, source: Source): readonly KeyedNode[] {
  if (isEmpty(cell.node)) return [];
  if (!isMap(cell.node)) return reportType(cell, source, "a map") ?? [];
  const pairs = new Map<string, KeyedNode>();
  for (const pair of cell.node.items) {
    const key = keyText(pair.key);
    const position = source.positionOf(pair.key) ?? cell.position;
    if (key !== null) pairs.set(key, { key, position, node: pair.value });
  }
  return [...pairs.values()];
}

function cellOf(node: unknown, label: string, keyPosition: Position, source: Source): Cell {
  return {
    node: source.follow(node),
    position: isEmpty(node) ? keyPosition : (source.positionOf(node) ?? keyPosition),
    label,
  };
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

function reportType(cell: Cell, source: Source, expected: string): null {
  // An alias that could not be followed was reported where it stands.
  if (isAlias(cell.node)) return null;
  source.report("BL004", cell.position, `expected ${cell.label} to be ${expected}, got ${describe(cell.node)}`);
  return null;
}

function describe(node: unknown): string {
  if (isEmpty(node)) return "nothing";
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  const value = isScalar(node) ? node.value : null;
  if (typeof value === "string") return quote(value);
  return `the ${typeof value} ${String(value)}`;
}
