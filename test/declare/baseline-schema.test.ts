import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { baselineSchema } from "../../src/declare/baseline-schema.ts";
import { readFile } from "../../src/declare/file-schema.ts";
import { KEY_MEANINGS } from "../../src/declare/key-meanings.ts";
import { parseBaseline } from "../../src/declare/parse-baseline.ts";
import type { Form } from "../../src/declare/readers.ts";
import { fitsSchema } from "../support/validate-schema.ts";

const FOLDER = "test/declare/every-key";
const FILES = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => ({ path: join(FOLDER, name), text: readFileSync(join(FOLDER, name), "utf8") }));
const SCHEMA = baselineSchema();
const REFERENCE = readFileSync("baselines/README.md", "utf8");

type Key = { readonly path: string; readonly form: Form; readonly isRequired: boolean };

/** Every key of the format; in its path, `*` is a name of the user's choice and `[]` an entry of a list. */
function keysOf(form: Form, path: string): readonly Key[] {
  if (form.kind === "list") return keysOf(form.entry, `${path}[]`);
  if (form.kind === "map") {
    return [{ path: `${path}.*`, form: form.entry, isRequired: false }, ...keysOf(form.entry, `${path}.*`)];
  }
  if (form.kind !== "record") return [];
  const prefix = path === "" ? "" : `${path}.`;
  return [...form.fields].flatMap(([key, field]) => [
    { path: `${prefix}${key}`, form: field, isRequired: form.required.includes(key) },
    ...keysOf(field, `${prefix}${key}`),
  ]);
}

const KEYS = keysOf(readFile.form, "");
const PATHS = KEYS.map(({ path }) => path);

/** The paths that a file's own keys have in the format. */
function usedPaths(value: unknown, form: Form, path: string): readonly string[] {
  if (form.kind === "list") return (value as unknown[]).flatMap((each) => usedPaths(each, form.entry, `${path}[]`));
  if (form.kind !== "map" && form.kind !== "record") return [];
  return Object.entries(value ?? {}).flatMap(([key, each]) => {
    const known = form.kind === "record" ? form.fields.get(key) : form.entry;
    const below = `${path === "" ? "" : `${path}.`}${form.kind === "map" ? "*" : key}`;
    return known === undefined ? [] : [below, ...usedPaths(each, known, below)];
  });
}

test("a file that uses every key of the format has no problem, and fits the schema", () => {
  expect(parseBaseline(FILES, Date.parse("2026-11-20T00:00:00Z")).problems).toEqual([]);
  for (const { text } of FILES) expect(fitsSchema(parse(text), SCHEMA)).toBe(true);
  const used = new Set(FILES.flatMap(({ text }) => usedPaths(parse(text), readFile.form, "")));
  expect(PATHS.filter((path) => !used.has(path))).toEqual([]);
});

test("the demo's baseline and the reference's examples fit the schema", () => {
  const examples = [...REFERENCE.matchAll(/```yaml\n(apiVersion.*?)```/gsu)].map(([, text = ""]) => text);
  expect(examples.length).toBeGreaterThan(0);
  for (const text of [...examples, readFileSync("baselines/shop.yaml", "utf8")]) {
    expect(fitsSchema(parse(text), SCHEMA)).toBe(true);
  }
});

test("every key has a meaning, and every meaning a key", () => {
  expect([...PATHS].sort()).toEqual(Object.keys(KEY_MEANINGS).sort());
});

const TYPES: Readonly<Record<string, string>> = {
  text: "text",
  name: "text",
  count: "number",
  flag: "true, false",
  duration: "time",
  day: "day",
  map: "map",
  record: "map",
};

function typeOf(form: Form): string {
  if (form.kind === "word") return form.choices.map((choice) => `\`${choice}\``).join(", ");
  if (form.kind === "like") return form.description.startsWith("a range") ? "range" : "principal";
  return form.kind === "list" ? `list: ${typeOf(form.entry)}` : (TYPES[form.kind] ?? "");
}

test("the reference has a row for every key, made of its form and its meaning", () => {
  const expected = KEYS.map(({ path, form, isRequired }) => {
    const [says, otherwise = ""] = KEY_MEANINGS[path] ?? [];
    return `| \`${path}\` | ${typeOf(form)} | ${isRequired ? "required" : otherwise} | ${says} |`;
  });
  const rows = REFERENCE.split("\n").filter((line) => PATHS.some((path) => line.startsWith(`| \`${path}\` | `)));
  expect(rows.sort()).toEqual(expected.sort());
});

/** What the schema can see in a file by itself. */
const SEEN_BY_SCHEMA = [
  "BL003",
  "BL004",
  "BL005",
  "BL006",
  "BL007",
  "BL012",
  "BL013",
  "BL014",
  "BL016",
  "BL018",
  "BL045",
];

/** A file with one thing changed, as the reader and as the schema sees it. */
function checkAgree(changed: object): void {
  const text = JSON.stringify(changed);
  const { problems } = parseBaseline([{ path: "b.yaml", text }]);
  const isRefused = problems.some(({ code }) => SEEN_BY_SCHEMA.includes(code));
  expect({ text, fits: fitsSchema(JSON.parse(text), SCHEMA) }).toEqual({ text, fits: !isRefused });
}

type Place = { readonly holder: Record<string, unknown>; readonly key: string };

function* placesOf(holder: Record<string, unknown>): Generator<Place> {
  for (const [key, value] of Object.entries(holder)) {
    yield { holder, key };
    if (typeof value === "object" && value !== null) yield* placesOf(value as Record<string, unknown>);
  }
}

/** The example in pieces of one top-level key each: what is changed in one is seen no worse, and sooner. */
function sections(): readonly Record<string, unknown>[] {
  const { apiVersion, kind, ...rest } = parse(FILES.find(({ path }) => path.endsWith("ferry.yaml"))?.text ?? "");
  return Object.entries(rest).map(([key, value]) => ({ apiVersion, kind, [key]: value }));
}

test("an unknown key is refused in every map of known keys, by reader and schema", () => {
  let maps = 0;
  for (const section of sections()) {
    for (const { holder, key } of placesOf({ section })) {
      const value = holder[key];
      if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
      maps++;
      holder[key] = { ...value, nope: [] };
      checkAgree(section);
      holder[key] = value;
    }
    expect(fitsSchema({ ...section, nope: [] }, SCHEMA)).toBe(false);
  }
  expect(maps).toBeGreaterThan(50);
});

test.for([[7], [0.5], [-1], [""], ["nope nope"], [true], [null], [[]], [[7]], [{}], [{ nope: 1 }]])(
  "with %j for any value, reader and schema say the same",
  ([wrong]) => {
    for (const section of sections()) {
      for (const { holder, key } of placesOf(section)) {
        const value = holder[key];
        holder[key] = wrong;
        checkAgree(section);
        holder[key] = value;
      }
    }
  },
);

test("without any one key, reader and schema say the same", () => {
  for (const section of sections()) {
    for (const { holder, key } of placesOf(section)) {
      const value = holder[key];
      if (Array.isArray(holder)) continue;
      delete holder[key];
      checkAgree(section);
      holder[key] = value;
    }
  }
});
