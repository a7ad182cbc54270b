import { expect, test } from "vitest";
import type { CredentialValue } from "../../src/credential/credential-facts.ts";
import { ValueBytes } from "../../src/credential/value-bytes.ts";

type Entry = readonly [nameIndex: number, value: CredentialValue];

function filled(entries: readonly Entry[]): ValueBytes {
  const bytes = new ValueBytes();
  for (const [nameIndex, value] of entries) bytes.add(nameIndex, value);
  return bytes;
}

function viewOf(text: string): DataView {
  // At an odd place of a longer buffer, as in a request.
  const bytes = Buffer.from(`\0${text}\0`);
  return new DataView(bytes.buffer, bytes.byteOffset + 1, bytes.length - 2);
}

const ENTRIES: readonly Entry[] = [
  [3, "a text, ä"],
  [300, ["orders", "", "payments"]],
  [0, 1_764_000_000.5],
  [1, true],
  [2, false],
  [4, []],
  [3, ""],
];

test("values come back as they were added, in order", () => {
  expect([...filled(ENTRIES).values()]).toEqual(ENTRIES);
});

test("a text from a request's bytes is the same value as the text", () => {
  for (const text of ["short", "x".repeat(1_000), ""]) {
    const bytes = new ValueBytes();
    const view = viewOf(text);
    bytes.addText(7, view, 0, view.byteLength);
    bytes.addList(8);
    bytes.addItem(view, 0, view.byteLength);
    expect([...bytes.values()]).toEqual([
      [7, text],
      [8, [text]],
    ]);
    expect(bytes.digest(null)).toBe(
      filled([
        [7, text],
        [8, [text]],
      ]).digest(null),
    );
  }
});

test("values beyond the first block of memory are whole", () => {
  const entries: Entry[] = Array.from({ length: 40 }, (_, index) => [index, `${index}`.repeat(500)]);
  expect([...filled(entries).values()]).toEqual(entries);
});

test("what is said otherwise has another digest", () => {
  const others: readonly (readonly Entry[])[] = [
    [[1, "ab"]],
    [
      [1, "a"],
      [1, "b"],
    ],
    [[2, "ab"]],
    [[1, ["ab"]]],
    [[1, ["a", "b"]]],
    [[1, 1]],
    [[1, true]],
    [[1, []]],
    [
      [1, []],
      [1, "ab"],
    ],
  ];
  expect(new Set(others.map((entries) => filled(entries).digest(null))).size).toBe(others.length);
});

test("who received the call is part of the digest and no value", () => {
  const bytes = filled([[1, "a"]]);
  const digests = [null, "spiffe://shop.example/ns/shop/sa/orders", "other"].map((self) => bytes.digest(self));
  expect(new Set(digests).size).toBe(3);
  expect(bytes.digest(null)).toBe(digests[0]);
  expect([...bytes.values()]).toEqual([[1, "a"]]);
});

test("a cleared one is empty, however much it held", () => {
  for (const size of [1, 1_000_000]) {
    const bytes = filled([[1, "s".repeat(size)]]);
    expect(bytes.isEmpty).toBe(false);
    bytes.clear();
    expect(bytes.isEmpty).toBe(true);
    expect([...bytes.values()]).toEqual([]);
    bytes.add(2, "next");
    expect([...bytes.values()]).toEqual([[2, "next"]]);
  }
});
