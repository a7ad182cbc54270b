import { expect, test } from "vitest";
import type { Severity } from "../../../src/model/finding.ts";
import { OperatingError } from "../../../src/model/operating-error.ts";
import { alertRow } from "../../../src/review/cli/alert-row.ts";
import type { CheckOptions, CheckResult } from "../../../src/review/cli/options.ts";
import type { Commands } from "../../../src/review/cli/program.ts";
import { alert, finding } from "../../record/samples.ts";
import { run } from "./run.ts";

const CHECK = ["check", "--input", "spans.jsonl"];
const CLEAN: CheckResult = { spans: 1204, skippedLines: 0, edges: [], findings: [], worst: null };

function found(severity: Severity): CheckResult {
  return { ...CLEAN, findings: [alertRow(alert({ finding: finding({ severity }) }))], worst: severity };
}

function checking(result: CheckResult): Pick<Commands, "check"> {
  return { check: async () => result };
}

test("a capture without drift is clean", async () => {
  expect(await run(CHECK, checking(CLEAN))).toEqual({
    code: 0,
    out: "",
    err: "1,204 spans, 0 edges: no findings.\n",
  });
});

test("findings are a table, the count a message", async () => {
  const { code, out, err } = await run(CHECK, checking(found("medium")));
  expect({ code, err }).toEqual({ code: 2, err: "1,204 spans, 0 edges: 1 finding, the worst medium.\n" });
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    SEVERITY  RULE             SUMMARY
    medium    undeclared-call  checkout called payments, which nobody declared
    "
  `);
});

async function checkExit(worst: Severity, failOn: readonly string[], code: number): Promise<void> {
  expect((await run([...CHECK, ...failOn], checking(found(worst)))).code).toBe(code);
}

test("the exit code is 2 from the severity of --fail-on on, medium unless said", async () => {
  await checkExit("low", [], 0);
  await checkExit("medium", [], 2);
  await checkExit("high", ["--fail-on", "critical"], 0);
  await checkExit("critical", ["--fail-on", "critical"], 2);
  await checkExit("info", ["--fail-on", "info"], 2);
  await checkExit("critical", ["--fail-on", "never"], 0);
});

test("as JSON a check is spans, edges and findings", async () => {
  const { out } = await run([...CHECK, "-o", "json"], checking(found("high")));
  expect(JSON.parse(out)).toEqual({ spans: 1204, edges: [], findings: found("high").findings });
  const { out: lines } = await run([...CHECK, "-o", "jsonl"], checking(found("high")));
  expect(JSON.parse(lines)).toEqual(found("high").findings[0]);
});

test("skipped lines and an input without spans are said", async () => {
  const { err } = await run(CHECK, checking({ ...CLEAN, spans: 0, skippedLines: 2 }));
  expect(err).toBe(
    "Skipped 2 lines without spans.\nNo spans in the input; expected OTLP/JSON, an export request a line.\n",
  );
});

test("input and baseline are handed over as given", async () => {
  const asked: CheckOptions[] = [];
  const check = async (options: CheckOptions) => {
    asked.push(options);
    return CLEAN;
  };
  await run([...CHECK], { check });
  await run(["check", "--input", "-", "--baseline", "shop.yaml"], { check });
  expect(asked).toEqual([
    { input: "spans.jsonl", baseline: "./baselines" },
    { input: "-", baseline: "shop.yaml" },
  ]);
});

test("progress is shown on a terminal's stderr only", async () => {
  const check: Commands["check"] = async (_, progress) => {
    progress(0.5);
    return CLEAN;
  };
  expect((await run(CHECK, { check })).err).not.toContain("checking");
  const { out, err } = await run(CHECK, { check }, { isErrorTty: true });
  expect(err).toContain("checking");
  expect(err).toContain("1,204 spans");
  expect(out).toBe("");
});

async function checkFailure(error: OperatingError, code: number, says: string): Promise<void> {
  const failing = await run(CHECK, {
    check: async () => {
      throw error;
    },
  });
  expect(failing).toEqual({ code, out: "", err: says });
}

test("an error is said once, with its causes; an invalid baseline exits with 3", async () => {
  const cause = new Error("ENOENT");
  const unreadable = new OperatingError("bad-argument", "cannot read spans.jsonl", { cause });
  await checkFailure(unreadable, 1, "trustdrift: cannot read spans.jsonl\n  because: ENOENT\n");
  const invalid = new OperatingError("baseline-invalid", "expected a baseline without errors");
  await checkFailure(invalid, 3, "trustdrift: expected a baseline without errors\n");
});

test("a bug is not dressed up as an operating error", async () => {
  const check = async () => {
    throw new TypeError("a bug");
  };
  await expect(run(CHECK, { check })).rejects.toThrow("a bug");
});
