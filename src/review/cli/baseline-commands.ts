import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { formatProblem } from "../../declare/format-problem.ts";
import { parseBaseline } from "../../declare/parse-baseline.ts";
import { seedBaseline } from "../../declare/seed-baseline.ts";
import type { BaselineProblem } from "../../model/baseline.ts";
import { OperatingError } from "../../model/operating-error.ts";
import type { AlertFilter } from "../../model/store.ts";
import { counted } from "./counted.ts";
import { escapeControls } from "./escape-controls.ts";
import { type PrintOptions, printValue } from "./print-rows.ts";
import { readBaselineFiles } from "./read-baseline-files.ts";
import { readDatabase } from "./read-database.ts";
import { EXIT, type Session } from "./session.ts";
import { baselineOption, dbOption, outputOption } from "./shared-options.ts";
import type { Terminal } from "./terminal.ts";
import { withoutDrift } from "./without-drift.ts";

const OPEN: AlertFilter = {
  statuses: ["open", "acknowledged"],
  rules: null,
  minSeverity: null,
  environment: null,
  service: null,
  owner: null,
};

type SeedFlags = { readonly db: string; readonly name: string; readonly write?: string };
type LintFlags = PrintOptions & { readonly baseline: string };

/** `baseline seed` and `baseline lint`. */
export function addBaseline(program: Command, session: Session): void {
  const baseline = program.command("baseline").description("what owners declare: start one, check one");
  baseline.addHelpText("after", "\nExample:\n  $ trustdrift baseline lint");
  baseline
    .command("seed")
    .description("write what was observed as a baseline, to be reviewed")
    .addOption(dbOption())
    .option("--name <name>", "the baseline's name", "baseline")
    .option("--write <file>", "into this new file, instead of standard output")
    .addHelpText("after", "\nExample:\n  $ trustdrift baseline seed --name shop --write baselines/shop.yaml")
    .action((flags: SeedFlags) => seed(flags, session.terminal));
  baseline
    .command("lint")
    .description("say what is wrong with a baseline; exits with 3 when it cannot be loaded")
    .addOption(baselineOption())
    .addOption(outputOption(["table", "json"]))
    .addHelpText("after", "\nExample:\n  $ trustdrift baseline lint --baseline baselines/shop.yaml")
    .action((flags: LintFlags) => lint(flags, session));
}

async function seed(flags: SeedFlags, terminal: Terminal): Promise<void> {
  const [observed, alerts] = await readDatabase(flags.db, (reader) =>
    Promise.all([reader.edges({ fromMs: null, toMs: null }), reader.alerts(OPEN)]),
  );
  const { edges, leftOut: disputed } = withoutDrift(observed, alerts);
  const { text, leftOut } = seedBaseline({ edges, name: flags.name });
  if (flags.write === undefined) terminal.stdout(text);
  else writeNew(flags.write, text);
  for (const sentence of [...disputed, ...leftOut]) terminal.stderr(`${escapeControls(sentence)}\n`);
  if (observed.length === 0) {
    terminal.stderr('No edges yet; send spans to the collector that "trustdrift serve" starts.\n');
  }
}

/** Never over a file that is there: it may hold what people have declared. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, cause: unknown): OperatingError {
  return new OperatingError("conflict", `cannot write ${file}: expected a new file in a folder that exists`, { cause });
}

function lint(flags: LintFlags, { terminal, end }: Session): void {
  const files = readBaselineFiles(flags.baseline);
  // A mistyped folder would otherwise be the cleanest of all baselines.
  if (files.length === 0)
    throw new OperatingError("bad-argument", `cannot find a .yaml or .yml file in ${flags.baseline}`);
  const { baseline, problems } = parseBaseline(files);
  if (flags.output === "json") printValue(problems.map(problemRow), "json", terminal);
  else terminal.stdout(problems.map((problem) => `${escapeControls(formatProblem(problem))}\n`).join(""));
  const errors = problems.filter((problem) => problem.level === "error").length;
  const found = `${counted(errors, "error")}, ${counted(problems.length - errors, "warning")}`;
  terminal.stderr(`${counted(files.length, "file")}: ${found}.\n`);
  if (baseline === null) end(EXIT.baselineInvalid);
}

/** Flat, as editors and CI systems want it. */
function problemRow({ position, level, code, message }: BaselineProblem): object {
  return { ...position, level, code, message };
}
