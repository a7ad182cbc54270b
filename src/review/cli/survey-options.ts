import type { Command } from "commander";
import type { SurveyFlags, SurveyOptions } from "./options.ts";
import { baselineOption, dbOption } from "./shared-options.ts";
import type { Terminal } from "./terminal.ts";
import { addTimeOptions, timeRange } from "./time-range.ts";

/** The flags of commands that read database and baseline. */
export function addSurveyOptions(command: Command): Command {
  return addTimeOptions(command.addOption(dbOption()).addOption(baselineOption())).option(
    "--environment <name>",
    "only this environment",
  );
}

/** What those flags mean. */
export function surveyOptions(flags: SurveyFlags, terminal: Terminal): SurveyOptions {
  const nowMs = terminal.nowMs();
  const { db: dbFile, baseline, environment = null } = flags;
  return { dbFile, baseline, environment, range: timeRange(flags, nowMs), nowMs };
}
