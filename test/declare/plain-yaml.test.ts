import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isMap, isScalar, isSeq, type Node, parseDocument, stringify } from "yaml";
import { readPlainYaml } from "../../src/declare/plain-yaml.ts";

// The library is the judge of what YAML means: where the quick reader says anything, it says the same.

/** A node as plain data: values, how they were written, and where they begin. What is empty has no place. */
function describeNode(node: unknown): unknown {
  if (isScalar(node)) return node.value === null ? null : [node.value, node.source, node.type, node.range?.[0]];
  if (isSeq(node)) return { at: node.range?.[0], list: node.items.map(describeNode) };
  if (!isMap(node)) return node ?? null;
  return { at: node.range?.[0], map: node.items.map(({ key, value }) => [describeNode(key), describeNode(value)]) };
}

/** Returns whether the quick reader took the text. */
function checkAgrees(text: string): boolean {
  const plain: Node | null = readPlainYaml(text);
  if (plain === null) return false;
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  expect(describeNode(plain)).toEqual(describeNode(document.contents));
  return true;
}

const SAMPLE = `# what the shop declares
apiVersion: trustdrift/v1
kind: Baseline   # of one team
owners:
  team-shop: { contact: "shop@example.com" }
services:

  web:
    owner: team-shop
    aliases: [www, web.shop.example]
    calls:
      cart:
        operations:
        - GET /v1/carts/{id}
        - "POST /v1/carts"
        # exchanged since May
        token: { mode: exchange, audiences: ['https://cart.shop.example', cart], maxHops: 2 }
      pay: {}
      mail:
  cart:
    accepts:
      - issuer: login
        audiences: [ https://cart.shop.example ]
      -   issuer: other
          audiences: []
    ingress:
      - from: internet
    lifecycle: {state: learning, until: "2026-12-15", stabilization: 7d, since: 2026-11-02 }
settings:
  staleAfter: 30d  # a month
  maxExceptionDays: 90
issuers:
  login: { internal: true, maxLifetime: { access: 15m }, algorithms: [ES256 , RS256] }
environments:
  prod: {production: false}
  qa:
    production: true # for now
`;

const REFERENCE = /```yaml\n(.*?)```/su.exec(readFileSync("baselines/README.md", "utf8"))?.[1] ?? "";

test("baselines as people write them are read quickly, and mean what the library says", () => {
  expect(checkAgrees(SAMPLE)).toBe(true);
  expect(checkAgrees(`a: b`)).toBe(true);
  expect(checkAgrees(`a:\n  b:\n    c: 1\nd: e`)).toBe(true);
  checkAgrees(REFERENCE);
  expect(checkAgrees(readFileSync("test/declare/every-key/ferry.yaml", "utf8"))).toBe(true);
});

test.for([
  ...[
    "",
    "# nothing",
    "- a",
    "a",
    "a: b: c",
    "a: b\n  c",
    "a: |\n  b",
    "a: &x b\nc: *x",
    "a: !!str b",
    "? a\n: b",
    "<<: a",
  ],
  ...[
    "a: null",
    "null: a",
    "a: 1.0",
    "a: 0x1f",
    "a: 007",
    "a: ~",
    "a: yes\tb",
    "a:\tb",
    "a: b\r\n",
    "---\na: b",
    "a: [b",
    "a: {b}",
  ],
  ...[
    'a: "b\\n"',
    "a: 'it''s'",
    "a: [b, ]",
    "a: [b: c]",
    "a: {b: }",
    "a:\n- - b",
    "a:\n b: c\n  d: e",
    " a: b",
    "a: b\n--- c",
  ],
  ...["a: True", "a: FALSE", "a: 15m b", "a: 15m: b", "a: 15m#b", "a: 2026-11-02 10", "a: 1d2", "a: true: b"],
  ...["a: 'b' c", "a: 12 b", "a: @b", "a: `b`", "a: %b", "a: -b", "a: b\u2028c", "a: \u0000"],
])("what is not plain is left to the library: %j", (text) => {
  expect(readPlainYaml(text)).toBeNull();
});

test("nesting that is too deep is left to the library", () => {
  expect(readPlainYaml(`a: ${"[".repeat(100_000)}`)).toBeNull();
});

test("a text with a few characters changed is read as the library reads it, or not at all", () => {
  const edit = fc.record({
    at: fc.nat(SAMPLE.length),
    cut: fc.nat(2),
    put: fc.string({ unit: fc.constantFrom(..." \n-:#'\"[]{},&*!|>?%~\\10.eax<@`\tü\u00a0"), maxLength: 3 }),
  });
  const property = fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
    checkAgrees(edits.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), SAMPLE));
  });
  fc.assert(property, { numRuns: 500 });
});

test("short texts of what YAML has a meaning for are read as the library reads them, or not at all", () => {
  const piece = fc.constantFrom(
    ...[
      "a",
      "b",
      ": ",
      ":",
      "\n",
      "\n  ",
      "\n    ",
      "- ",
      "-",
      " ",
      " #",
      "#",
      '"',
      "'",
      "[",
      "]",
      "{",
      "}",
      ", ",
      ",",
    ],
    ...["1", "0", "null", "true", "false", "15m", "0s", "2026-11-02", "@", ".", "/", "~", "*", "é"],
  );
  const property = fc.property(
    fc.array(piece, { maxLength: 14 }),
    (pieces) => void checkAgrees(`a:${pieces.join("")}`),
  );
  fc.assert(property, { numRuns: 2_000 });
});

test("what the library writes of names and lists is read quickly", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9./-]{0,12}$/u).filter((each) => !/^(?:null|true|false)$/u.test(each));
  const value = fc.oneof(name, fc.array(name, { maxLength: 3 }), fc.dictionary(name, name, { maxKeys: 3 }));
  const property = fc.property(
    fc.dictionary(name, fc.dictionary(name, value, { minKeys: 1 }), { minKeys: 1 }),
    (tree) => {
      expect(checkAgrees(stringify(tree))).toBe(true);
    },
  );
  fc.assert(property, { numRuns: 200 });
});
