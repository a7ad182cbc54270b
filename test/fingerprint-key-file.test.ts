import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFingerprintKey, openFingerprintKeys } from "../src/fingerprint-key-file.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

const folder = scratchFolder();

test("the first start makes a key that only its owner can read, the next ones read it", () => {
  const dbFile = join(folder, "new", "trustdrift.db");
  const key = openFingerprintKeys(dbFile);
  expect(key.bytes).toHaveLength(32);
  expect(statSync(join(folder, "new", "fingerprint.key")).mode & 0o777).toBe(0o600);
  expect(openFingerprintKeys(dbFile)).toEqual(key);
});

test("databases in two folders have two keys", () => {
  const [one, other] = ["one", "other"].map((name) => openFingerprintKeys(join(folder, name, "trustdrift.db")));
  expect(one).not.toEqual(other);
  expect(createFingerprintKey()).not.toEqual(createFingerprintKey());
});

test("a key file that holds no key is named, never quoted and never replaced", () => {
  const file = join(folder, "fingerprint.key");
  writeFileSync(file, "half a key");
  const open = () => openFingerprintKeys(join(folder, "trustdrift.db"));
  expect(open).toThrowError(
    expect.objectContaining({
      code: "storage-failed",
      message: `cannot use the fingerprint key ${file}; restore it, or remove it to start with a new one`,
    }),
  );
  expect(readFileSync(file, "utf8")).toBe("half a key");
});

test("a folder that cannot be made is an operating error", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => openFingerprintKeys(join(folder, "file", "trustdrift.db"))).toThrowError(
    expect.objectContaining({ code: "storage-failed" }),
  );
});
