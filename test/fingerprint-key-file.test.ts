import { linkSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createFingerprintKey,
  eraseFingerprintKey,
  listFingerprintKeys,
  openFingerprintKeys,
  rotateFingerprintKey,
} from "../src/fingerprint-key-file.ts";
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

test("a rotation puts a new key in front and keeps the others, four at the most, for their owner alone", () => {
  const dbFile = join(folder, "rotated", "trustdrift.db");
  const first = openFingerprintKeys(dbFile);
  for (let keys = 2; keys <= 4; keys++) rotateFingerprintKey(dbFile);
  const { older = [], ...current } = openFingerprintKeys(dbFile);
  expect(current.id).not.toBe(first.id);
  expect(older).toHaveLength(3);
  expect(older.at(-1)).toEqual(first);
  expect(statSync(join(folder, "rotated", "fingerprint.key")).mode & 0o777).toBe(0o600);
  expect(() => rotateFingerprintKey(dbFile)).toThrowError(/4 keys are kept at most/);
});

test("an erased key is nowhere: not in the file, nor where the file stood before, nor in a file beside it", () => {
  const dbFile = join(folder, "erased", "trustdrift.db");
  const file = join(folder, "erased", "fingerprint.key");
  const { id, bytes } = openFingerprintKeys(dbFile);
  rotateFingerprintKey(dbFile);
  const [current] = listFingerprintKeys(dbFile);
  // The old content of the file, as a disk still has it that nobody wrote over.
  linkSync(file, `${file}.before`);
  expect(eraseFingerprintKey(dbFile, id)).toEqual([current, { id, state: "erased" }]);
  const secret = Buffer.from(bytes).toString("base64url");
  const left = readdirSync(join(folder, "erased")).map((name) => readFileSync(join(folder, "erased", name), "latin1"));
  expect(left).toHaveLength(2);
  expect(left.join("\n")).not.toContain(secret.slice(0, 8));
  expect(openFingerprintKeys(dbFile)).toMatchObject({ id: current?.id, erasedIds: [id] });
});

test("the key in use and one that is not there cannot be erased", () => {
  const dbFile = join(folder, "kept", "trustdrift.db");
  const { id } = openFingerprintKeys(dbFile);
  expect(() => eraseFingerprintKey(dbFile, id)).toThrowError(/it is in use; rotate first/);
  expect(() => eraseFingerprintKey(dbFile, "nobody")).toThrowError(/cannot find a key nobody/);
  expect(openFingerprintKeys(dbFile).id).toBe(id);
});
