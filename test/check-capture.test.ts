import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { checkCapture } from "../src/check-capture.ts";
import type { CheckResult } from "../src/review/cli/options.ts";
import { shuffle } from "./support/assemble.ts";
import { writeBaseline } from "./support/collector-process.ts";
import { drawRequest, drawSpans, requestOf } from "./support/draw.ts";
import { encodeJsonRequest } from "./support/otlp.ts";
import { killAtEnd, trustdrift } from "./support/processes.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

const GET = "http.request.method=GET, http.response.status_code=200";
const DECLARED = `web C#1 {${GET}, url.path=/items}; stock S#2<1 {${GET}, http.route=/items}`;
/** Undeclared is medium, into a critical service high. */
const UNDECLARED = `mail C#3@2 {${GET}}; stock S#4<3@2 +5 {${GET}, http.route=/items}`;

const folder = scratchFolder();
const baseline = join(folder, "shop.yaml");
killAtEnd();

beforeAll(() => {
  writeBaseline(
    baseline,
    "services:\n  web: { calls: { stock: {} } }\n  stock: { criticality: critical }\n  mail: {}\n",
  );
});

function line(drawing: string): string {
  return Buffer.from(encodeJsonRequest(drawRequest(drawing))).toString();
}

let files = 0;
function capture(...lines: readonly string[]): string {
  const file = join(folder, `capture-${++files}.jsonl`);
  writeFileSync(file, lines.join("\n"));
  return file;
}

function check(...lines: readonly string[]): Promise<CheckResult> {
  return checkCapture({ input: capture(...lines), baseline }, () => {});
}

test("a capture of declared calls has edges and no findings; times are those of its spans", async () => {
  const { spans, skippedLines, edges, findings, worst } = await check(line(DECLARED), "");
  expect({ spans, skippedLines, findings, worst }).toEqual({ spans: 2, skippedLines: 0, findings: [], worst: null });
  expect(edges).toMatchObject([
    {
      caller: "web",
      callee: "stock",
      operations: ["GET /items"],
      counts: { paired: 1 },
      firstSeen: "2026-01-01T00:00:00.000Z",
    },
  ]);
});

test("halves of a call on different lines, however far apart, are one hop", async () => {
  const [client = "", server = ""] = DECLARED.split(";");
  const { edges } = await check(
    line(server),
    ...Array.from({ length: 50 }, (_, n) => line(`other I#${n + 100}@7`)),
    line(`${client} +900`),
  );
  expect(edges).toMatchObject([{ caller: "web", counts: { paired: 1, peer: 0 } }]);
});

test("an undeclared call is a finding, graded by its callee", async () => {
  const { findings, worst } = await check(line(DECLARED), line(UNDECLARED));
  expect(findings).toMatchObject([
    { rule: "undeclared-call", caller: "mail", callee: "stock", severity: worst, count: 1 },
  ]);
  expect(worst).toBe("high");
});

test("lines of metrics and logs, and a last line that was cut short, are counted and skipped", async () => {
  const { spans, skippedLines, edges } = await check(
    '{"resourceMetrics":[{"scopeMetrics":[]}]}',
    line(DECLARED),
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"\\"resourceSpans\\""}}]}]}]}',
    "  ",
    line(UNDECLARED).slice(0, -40),
  );
  expect({ spans, skippedLines, edges: edges.length }).toEqual({ spans: 2, skippedLines: 3, edges: 1 });
});

test("an export request may call its spans batches, as Tempo does, or resource_spans", async () => {
  for (const key of ["batches", "resource_spans"]) {
    const { spans, skippedLines } = await check(line(DECLARED).replace('"resourceSpans"', `"${key}"`));
    expect({ spans, skippedLines }).toEqual({ spans: 2, skippedLines: 0 });
  }
});

test("a line ends with its newline only, not with a line separator in a value, and may end with a carriage return", async () => {
  const withSeparator = line(`${DECLARED}; web I#9 {note=one-two}`).replace("one-two", "one\u2028two");
  const { spans, skippedLines } = await check(`${withSeparator}\r`, `${line(UNDECLARED)}\r`, "");
  expect({ spans, skippedLines }).toEqual({ spans: 5, skippedLines: 0 });
});

test("a line longer than any chunk of the file is one line, and progress reaches the end", async () => {
  const many = Array.from({ length: 2000 }, (_, n) => `web I#${n + 100}@9`).join(";");
  const fractions: number[] = [];
  const input = capture(line(many), line(DECLARED));
  const { spans, skippedLines } = await checkCapture({ input, baseline }, (fraction) => fractions.push(fraction));
  expect({ spans, skippedLines }).toEqual({ spans: 2002, skippedLines: 0 });
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

test.each([1, 2, 3, 4, 5])("edges and findings are the same in every order of the lines (seed %i)", async (seed) => {
  const drawing = `${DECLARED}; ${UNDECLARED}; web C#5@3 {${GET}, peer.service=mail}; mail S#6<5@3 {${GET}}
    web P#7@4 {messaging.destination.name=orders}; mail K#8@5 ~7@4 {messaging.destination.name=orders}; stock S#9<77@6 {${GET}}`;
  const lines = drawSpans(drawing).map((span) => Buffer.from(encodeJsonRequest(requestOf([span]))).toString());
  const [inOrder, shuffled] = [await check(...lines), await check(...shuffle(lines, seed))];
  expect(shuffled.edges).toEqual(inOrder.edges);
  // Not the operation: of several shapes with one key, which one speaks for it may depend on the order.
  const told = ({ findings }: CheckResult) =>
    findings.map(({ key, rule, severity, count }) => `${key} ${rule} ${severity} ${count}`).sort();
  expect(told(shuffled)).toEqual(told(inOrder));
  expect(inOrder.edges.length).toBeGreaterThan(3);
});

test.each([
  ["a file that is not there", () => join(folder, "missing.jsonl")],
  ["a folder", () => folder],
])("%s is refused in one sentence", async (_, path) => {
  const input = path();
  await expect(checkCapture({ input, baseline }, () => {})).rejects.toMatchObject({
    code: "bad-argument",
    message: `cannot read ${input}; name a file of OTLP/JSON lines, or - for standard input`,
  });
});

test("a baseline that is not there is refused: nothing would be checked", async () => {
  mkdirSync(join(folder, "empty"));
  for (const path of [join(folder, "typo"), join(folder, "empty")]) {
    await expect(checkCapture({ input: capture(line(DECLARED)), baseline: path }, () => {})).rejects.toMatchObject({
      code: "bad-argument",
      message: `cannot find a baseline in ${path}`,
    });
  }
});

test.each<[number, readonly string[], string]>([
  [2, [], "high"],
  [2, ["--fail-on", "high"], "high"],
  [0, ["--fail-on", "critical"], "high"],
  [0, ["--fail-on", "never"], "high"],
])("as a process it exits with %i for %j", async (expected, flags, worst) => {
  const args = [
    "check",
    "--baseline",
    baseline,
    "--input",
    capture(line(DECLARED), line(UNDECLARED)),
    "-o",
    "json",
    ...flags,
  ];
  const { code, out, err } = await trustdrift(args);
  expect(code).toBe(expected);
  expect(JSON.parse(out)).toMatchObject({ spans: 4, edges: [{}, {}], findings: [{ severity: worst }] });
  expect(err).toBe(`4 spans, 2 edges: 1 finding, the worst ${worst}.\n`);
});

test("- reads standard input, and clean traffic exits with 0", async () => {
  const args = ["check", "--baseline", baseline, "--input", "-", "-o", "json"];
  const { code, out, err } = await trustdrift(args, {}, `${line(DECLARED)}\n{"resourceMetrics":[]}\n`);
  expect({ code, err }).toEqual({ code: 0, err: "Skipped 1 line without spans.\n2 spans, 1 edge: no findings.\n" });
  expect(JSON.parse(out)).toMatchObject({ edges: [{ caller: "web", callee: "stock" }], findings: [] });
});

test("a token that is used after its pod has ended is a finding, and one that its pod uses is none", async () => {
  const uid = "0a1b2c3d-1111-4222-8333-444455556666";
  const times = { iat: Date.UTC(2026, 0, 1) / 1000, exp: Date.UTC(2026, 0, 1, 1) / 1000 };
  const bound = {
    iss: "https://k8s.example",
    aud: "stock",
    ...times,
    "kubernetes.io": { pod: { name: "web-1", uid } },
  };
  const [header, claims] = [{ alg: "ES256" }, bound].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const where = (pod: string) => `[k8s.pod.uid=${pod}, k8s.node.name=n1]`;
  const minutes = Array.from({ length: 60 }, (_, minute) => minute);
  const lines = (last: number, by: string): readonly string[] => [
    ...minutes.slice(0, last).map((minute) => line(`web I#1@w${minute} ${where(uid)} +${minute * 60}`)),
    ...minutes.map((minute) => line(`stock I#1@s${minute} ${where(uid.replace("0a", "0b"))} +${minute * 60}`)),
    line(
      `web C#1 {${GET}, url.path=/items} ${where(by)} +2400; ` +
        `stock S#2<1 {${GET}, http.route=/items, http.request.header.authorization=Bearer ${header}.${claims}.${"A".repeat(86)}} ${where(uid.replace("0a", "0b"))} +2400`,
    ),
  ];
  const late = await check(...lines(20, uid.replace("0a", "0c")));
  expect(late.findings).toMatchObject([
    { rule: "token-outlives-workload", severity: "high", caller: "web", callee: "stock", count: 1 },
  ]);
  expect((await check(...lines(20, uid))).findings).toEqual([]);
  expect((await check(...lines(60, uid.replace("0a", "0c")))).findings).toEqual([]);
});
