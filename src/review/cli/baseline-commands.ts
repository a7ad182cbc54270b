import { writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { formatProblem } from "../../declare/format-problem.ts";
import { parseBaseline } from "../../declare/parse-baseline.ts";
import { seedBaseline } from "../../declare/seed-baseline.ts";
import type { Alert } from "../../model/alert.ts";
import type { BaselineProblem } from "../../model/baseline.ts";
import { mergeGraphs, type ObservedGraph, readEdges } from "../../model/observed-graph.ts";
import { OperatingError } from "../../model/operating-error.ts";
import type { AlertFilter, TimeRange } from "../../model/store.ts";
import { counted } from "./counted.ts";
import { escapeControls } from "./escape-controls.ts";
import { type PrintOptions, printValue } from "./print-rows.ts";
import { readBaselineFiles } from "./read-baseline-files.ts";
import { readDatabase } from "./read-database.ts";
import { EXIT, type Session } from "./session.ts";
import { baselineOption, dbOption, outputOption } from "./shared-options.ts";
import type { Terminal } from "./terminal.ts";
import { addTimeOptions, type TimeFlags, timeRange } from "./time-range.ts";
import { type UndisputedEdges, withoutDrift } from "./without-drift.ts";

const OPEN: AlertFilter = {
  statuses: ["open", "acknowledged"],
  rules: null,
  minSeverity: null,
  environment: null,
  service: null,
  owner: null,
};

type SeedFlags = TimeFlags & { readonly db: readonly string[]; readonly name: string; readonly write?: string };
type LintFlags = PrintOptions & { readonly baseline: string };

/** `baseline seed` and `baseline lint`. */
export function addBaseline(program: Command, session: Session): void {
  const baseline = program.command("baseline").description("what owners declare: start one, check one");
  baseline.addHelpText("after", "\nExample:\n  $ trustdrift baseline lint");
  const description = "write what was observed as a baseline, to be reviewed";
  addTimeOptions(baseline.command("seed").description(description).addOption(dbsOption()))
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
  const { graph, alerts } = await readDatabases(flags.db, timeRange(flags, terminal.nowMs()));
  const { edges, leftOut: disputed } = undisputed(graph, alerts);
  const { text, leftOut } = seedBaseline({ edges, name: flags.name });
  if (flags.write === undefined) terminal.stdout(text);
  else writeNew(flags.write, text);
  for (const sentence of [...disputed, ...leftOut]) terminal.stderr(`${escapeControls(sentence)}\n`);
  if (graph.edges.length === 0) {
    terminal.stderr('No edges yet; send spans to the collector that "trustdrift serve" starts.\n');
  }
}

/** `--db`, once or more: what several collectors saw of one estate. */
function dbsOption(): Option {
  const description = "a collector's database; those of several collectors are one graph";
  return new Option("--db <files...>", description).default([dbOption().defaultValue]);
}

type Observed = { readonly graph: ObservedGraph; readonly alerts: readonly Alert[] };

async function readDatabases(files: readonly string[], range: TimeRange): Promise<Observed> {
  const read = files.map((file) =>
    readDatabase(file, async (reader) => ({ graph: await reader.graph(range), alerts: await reader.alerts(OPEN) })),
  );
  const observed = await Promise.all(read);
  return {
    graph: mergeGraphs(observed.map(({ graph }) => graph)),
    alerts: observed.flatMap(({ alerts }) => alerts),
  };
}

/** An alert names a callee as it was known at its time: by an address, or by the service behind it. */
function undisputed(graph: ObservedGraph, alerts: readonly Alert[]): UndisputedEdges {
  const counted = withoutDrift(graph.edges, alerts);
  const named = withoutDrift(readEdges({ ...graph, edges: counted.edges }), alerts);
  return { edges: named.edges, leftOut: [...new Set([...counted.leftOut, ...named.leftOut])] };
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
  const { baseline, problems } = parseBaseline(files, terminal.nowMs());
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
