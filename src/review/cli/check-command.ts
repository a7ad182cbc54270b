import { type Command, Option } from "commander";
import { SEVERITIES, type Severity } from "../../model/finding.ts";
import { findingColumns } from "./alert-columns.ts";
import { counted } from "./counted.ts";
import type { CheckResult } from "./options.ts";
import { type PrintOptions, printRows, printValue } from "./print-rows.ts";
import { startProgressBar } from "./progress-bar.ts";
import { EXIT, type Session } from "./session.ts";
import { attributeMapOption, baselineOption, noHeadersOption, outputOption } from "./shared-options.ts";
import type { Terminal } from "./terminal.ts";

type Flags = PrintOptions & {
  readonly input: string;
  readonly baseline: string;
  readonly failOn: Severity | "never";
  readonly attributeMap?: string;
};

/** `check`, for CI: a capture against the baseline, without a collector. */
export function addCheck(program: Command, session: Session): void {
  program
    .command("check")
    .description("compare captured spans with the baseline, without a collector")
    .requiredOption("--input <file>", "OTLP/JSON, an export request a line; - is standard input")
    .addOption(baselineOption())
    .addOption(attributeMapOption())
    .addOption(
      new Option("--fail-on <severity>", "exit with 2 when a finding reaches it")
        .choices([...SEVERITIES, "never"])
        .default("medium"),
    )
    .addOption(outputOption(["table", "json", "jsonl", "yaml"]))
    .addOption(noHeadersOption())
    .addHelpText("after", "\nExample:\n  $ trustdrift check --input spans.jsonl --baseline ./baselines --fail-on high")
    .action((flags: Flags) => check(flags, session));
}

async function check(flags: Flags, { commands, terminal, end }: Session): Promise<void> {
  const bar = startProgressBar(terminal);
  const { input, baseline, attributeMap } = flags;
  const options = { input, baseline, ...(attributeMap === undefined ? {} : { attributeMap }) };
  const result = await commands.check(options, bar.show).finally(bar.stop);
  printResult(result, flags, terminal);
  terminal.stderr(summaryOf(result));
  if (reaches(result.worst, flags.failOn)) end(EXIT.drift);
}

function printResult(result: CheckResult, flags: Flags, terminal: Terminal): void {
  const { spans, edges, findings } = result;
  const { output } = flags;
  if (output === "json" || output === "yaml") printValue({ spans, edges, findings }, output, terminal);
  else printRows(findings, findingColumns, flags, terminal);
}

function reaches(worst: Severity | null, failOn: Severity | "never"): boolean {
  return worst !== null && failOn !== "never" && SEVERITIES.indexOf(worst) >= SEVERITIES.indexOf(failOn);
}

function summaryOf({ spans, skippedLines, edges, findings, worst }: CheckResult): string {
  const skipped = skippedLines === 0 ? "" : `Skipped ${counted(skippedLines, "line")} without spans.\n`;
  if (spans === 0) return `${skipped}No spans in the input; expected OTLP/JSON, an export request a line.\n`;
  const found = worst === null ? "no findings" : `${counted(findings.length, "finding")}, the worst ${worst}`;
  return `${skipped}${counted(spans, "span")}, ${counted(edges.length, "edge")}: ${found}.\n`;
}
