import { hash } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createIngestKey, parseIngestKeys, readIngestKeys } from "../src/ingest-keys-file.ts";
import { isTelling } from "../src/model/scrub-text.ts";
import { IngestKeys } from "../src/receive/ingest-keys.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

const folder = scratchFolder();
const digest = (key: string): string => `sha256:${hash("sha256", key)}`;

test("a new key is 32 random bytes that scrubbers know, and its line lets it in by its id", () => {
  const [one, other] = [createIngestKey("node-agent"), createIngestKey("node-agent")];
  expect(one.key).toMatch(/^tdkey_[\w-]{43}$/u);
  expect(one.key).not.toBe(other.key);
  expect(isTelling(one.key)).toBe(true);
  expect(one.line).not.toContain(one.key.slice(6, 18));
  expect(new IngestKeys(parseIngestKeys(one.line, "keys")).identify(`Bearer ${one.key}`)).toBe("node-agent");
});

test("an id that a file could not hold is refused before there is a key", () => {
  for (const id of ["", "a b", "a:", "-a", "ä", "a".repeat(101)])
    expect(() => createIngestKey(id)).toThrow("expected the id");
  expect(createIngestKey("a".repeat(100)).line.length).toBeGreaterThan(100);
});

test("a file is YAML or JSON, and an id may have two keys while one takes another's place", () => {
  const keys = new IngestKeys(
    parseIngestKeys(`a: "${digest("one")}"\nb: ["${digest("two")}", "${digest("three")}"]`, "keys"),
  );
  expect(["one", "two", "three"].map((key) => keys.identify(`bearer ${key}`))).toEqual(["a", "b", "b"]);
  const json = new IngestKeys(parseIngestKeys(JSON.stringify({ a: digest("one") }), "keys"));
  expect(json.identify("Bearer one")).toBe("a");
});

test.each([
  ["a key instead of a digest", "a: tdkey_canarycanarycanary", "keys:1: expected `sha256:`"],
  ["a digest that is cut", `\na: "sha256:canary${"0".repeat(20)}"`, "keys:2: expected `sha256:`"],
  ["a list with something else", `a: ["${digest("x")}", {canary: 1}]`, "keys:1: expected `sha256:`"],
  ["an id that is none", `"canary canary": "${digest("x")}"`, "keys:1: expected the id of a key"],
  ["an id that is a number", `7: "${digest("x")}"`, "keys:1: expected the id of a key"],
  [
    "an id twice",
    `canary: "${digest("x")}"\ncanary: "${digest("y")}"`,
    "keys:2: expected YAML or JSON, and every id once",
  ],
  ["a digest under two ids", `a: "${digest("x")}"\ncanary: "${digest("x")}"`, "keys:2: expected every digest once"],
  ["a digest twice under one", `a: ["${digest("x")}", "${digest("x")}"]`, "keys:1: expected every digest once"],
  ["a map without a key", "{}", "keys:1: expected at least one key"],
  ["an id without a key", "canary: []", "keys:1: expected at least one key"],
  ["no YAML", "{canary", "keys:1: expected YAML or JSON, and every id once"],
  ["a list", "[canary]", "keys:1: expected lines"],
  ["nothing", "", "keys:1: expected lines"],
])("%s is refused with its line, and not repeated", (_, text, message) => {
  const parse = () => parseIngestKeys(text, "keys");
  expect(parse).toThrow(message);
  expect(parse).toThrow(
    expect.objectContaining({ code: "bad-argument", message: expect.not.stringContaining("canary") }),
  );
});

test("more keys than can be compared with each request are refused", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `k${n}: "${digest(String(n))}"`).join("\n");
  expect(parseIngestKeys(lines(1_000), "keys")).toHaveLength(1_000);
  expect(() => parseIngestKeys(lines(1_001), "keys")).toThrow("expected at most 1000 keys");
});

test("a file that others may read, or a group may change, is refused", () => {
  const file = join(folder, "keys.yaml");
  writeFileSync(file, createIngestKey("a").line);
  for (const mode of [0o604, 0o602, 0o620, 0o644]) {
    chmodSync(file, mode);
    expect(() => readIngestKeys(file)).toThrow(`expected ${file} to be its owner's alone`);
  }
  for (const mode of [0o400, 0o600, 0o640]) {
    chmodSync(file, mode);
    expect(readIngestKeys(file)).toHaveLength(1);
  }
  expect(() => readIngestKeys(join(folder, "none"))).toThrow("--ingest-keys has to name a file that is there");
});
