import type { Command } from "commander";
import type { Alert, Decision } from "../../model/alert.ts";
import { OperatingError } from "../../model/operating-error.ts";
import { decide } from "../decisions/decide.ts";
import { alertColumns } from "./alert-columns.ts";
import { alertRow } from "./alert-row.ts";
import { parseDeadline } from "./arguments.ts";
import { type PrintOptions, printRows } from "./print-rows.ts";
import { explainError } from "./report-error.ts";
import { EXIT, type Session } from "./session.ts";
import { dbOption, noHeadersOption, outputOption } from "./shared-options.ts";

type Flags = PrintOptions & {
  readonly db: string;
  readonly as?: string;
  readonly reason?: string;
  readonly until?: (nowMs: number) => number;
};

/** A verb of `alerts` that decides. */
type Verb = {
  readonly name: Decision["action"];
  readonly description: string;
  readonly example: string;
  readonly decisionOf: (flags: Flags, nowMs: number) => Decision;
};

const ACKNOWLEDGE: Verb = {
  name: "acknowledge",
  description: "somebody is on it; it stays quiet, until a given time or until it changes",
  example: "trustdrift alerts acknowledge 01JQ8Z --until 7d --reason 'fix is in review'",
  decisionOf: (flags, nowMs) => {
    return { action: "acknowledge", untilMs: flags.until?.(nowMs) ?? null, reason: flags.reason ?? null };
  },
};

const RESOLVE: Verb = {
  name: "resolve",
  description: "it has been fixed; seen again, it opens as a regression",
  example: "trustdrift alerts resolve 01JQ8Z --reason 'checkout 2.14.1 asks for its own token'",
  decisionOf: (flags) => ({ action: "resolve", reason: flags.reason ?? null }),
};

const DISMISS: Verb = {
  name: "dismiss",
  description: "it was never drift, and this is why",
  example: "trustdrift alerts dismiss 01JQ8Z --reason 'load test of 2026-03-01'",
  decisionOf: (flags) => ({ action: "dismiss", reason: flags.reason ?? "" }),
};

const REOPEN: Verb = {
  name: "reopen",
  description: "it wants a person again",
  example: "trustdrift alerts reopen 01JQ8Z --reason 'the fix was rolled back'",
  decisionOf: (flags) => ({ action: "reopen", reason: flags.reason ?? null }),
};

/** `alerts acknowledge|resolve|dismiss|reopen ID…`. */
export function addDecisions(alerts: Command, session: Session): void {
  addVerb(alerts, ACKNOWLEDGE, session)
    .option("--until <time>", "open it again when it is still seen after this: 7d, or an ISO 8601 time", parseDeadline)
    .option("--reason <text>", "why");
  addVerb(alerts, RESOLVE, session).option("--reason <text>", "why");
  addVerb(alerts, DISMISS, session).requiredOption("--reason <text>", "why");
  addVerb(alerts, REOPEN, session).option("--reason <text>", "why");
}

function addVerb(alerts: Command, verb: Verb, session: Session): Command {
  return alerts
    .command(verb.name)
    .description(verb.description)
    .argument("<id...>", "their ids, the beginnings of their ids, or their keys")
    .addOption(dbOption())
    .option("--as <name>", "who decides, for the history; you, when left out")
    .addOption(outputOption())
    .addOption(noHeadersOption())
    .addHelpText("after", `\nExample:\n  $ ${verb.example}`)
    .action((ids: readonly string[], flags: Flags) => decideAll(ids, verb, flags, session));
}

/** One alert that cannot be decided does not keep the others waiting; it makes the exit code 1. */
async function decideAll(ids: readonly string[], verb: Verb, flags: Flags, session: Session): Promise<void> {
  const { commands, terminal } = session;
  const decision = verb.decisionOf(flags, terminal.nowMs());
  const actor = flags.as ?? terminal.user;
  const decided: Alert[] = [];
  for (const idOrKey of ids) {
    try {
      const request = { idOrKey, decision, actor };
      decided.push(await decide(flags.db, request, (checked) => commands.decideOffline(flags.db, checked)));
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error;
      terminal.stderr(explainError(error));
      session.end(EXIT.error);
    }
  }
  printRows(decided.map(alertRow), alertColumns, flags, terminal);
}
