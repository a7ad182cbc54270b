import { type Command, Option } from "commander";
import type { AlertStatus } from "../../model/alert.ts";
import { type RuleId, SEVERITIES, type Severity } from "../../model/finding.ts";
import { OperatingError } from "../../model/operating-error.ts";
import type { AlertFilter } from "../../model/store.ts";
import { alertColumns } from "./alert-columns.ts";
import { alertDetail } from "./alert-detail.ts";
import { alertPage } from "./alert-page.ts";
import { alertRow } from "./alert-row.ts";
import { parseRules, parseStatuses } from "./arguments.ts";
import { type PrintOptions, printRows, printValue } from "./print-rows.ts";
import { readDatabase } from "./read-database.ts";
import type { Session } from "./session.ts";
import { dbOption, noHeadersOption, outputOption } from "./shared-options.ts";
import type { Terminal } from "./terminal.ts";

const WANTING_A_PERSON: readonly AlertStatus[] = ["open", "acknowledged"];

type ListFlags = PrintOptions & {
  readonly db: string;
  readonly status: readonly AlertStatus[];
  readonly rule?: readonly RuleId[];
  readonly minSeverity?: Severity;
  readonly environment?: string;
  readonly service?: string;
  readonly owner?: string;
};
type ShowFlags = PrintOptions & { readonly db: string };

/** `alerts list` and `alerts show`; returns `alerts`, for the verbs that decide. */
export function addAlerts(program: Command, { terminal }: Session): Command {
  const alerts = program.command("alerts").description("what nobody declared, for a person to review");
  alerts.addHelpText("after", "\nExample:\n  $ trustdrift alerts list --min-severity high");
  alerts
    .command("list")
    .description("alerts, the last seen first")
    .addOption(dbOption())
    .addOption(
      new Option("--status <statuses>", "only these, with commas between, or all")
        .argParser(parseStatuses)
        .default(WANTING_A_PERSON, "open,acknowledged"),
    )
    .option("--rule <rules>", "only of these rules, with commas between", parseRules)
    .addOption(new Option("--min-severity <severity>", "only this severity and above").choices(SEVERITIES))
    .option("--environment <name>", "only in this environment")
    .option("--service <name>", "only where this service is caller or callee")
    .option("--owner <team>", "only what this team owns")
    .addOption(outputOption())
    .addOption(noHeadersOption())
    .addHelpText("after", "\nExample:\n  $ trustdrift alerts list --rule undeclared-audience --owner payments")
    .action((flags: ListFlags) => list(flags, terminal));
  alerts
    .command("show")
    .description("one alert: what happened, why it is drift, the evidence and the history")
    .argument("<id>", "its id, the beginning of its id, or its key")
    .addOption(dbOption())
    .addOption(outputOption())
    .addHelpText("after", "\nExample:\n  $ trustdrift alerts show 01JQ8Z")
    .action((id: string, flags: ShowFlags) => show(id, flags, terminal));
  return alerts;
}

async function list(flags: ListFlags, terminal: Terminal): Promise<void> {
  const alerts = await readDatabase(flags.db, (reader) => reader.alerts(filterOf(flags)));
  printRows(alerts.map(alertRow), alertColumns, flags, terminal);
  if (alerts.length > 0) return;
  const hint = flags.status.includes("resolved") ? "" : '; closed ones are listed with "--status all"';
  terminal.stderr(`No alerts match${hint}.\n`);
}

function filterOf(flags: ListFlags): AlertFilter {
  return {
    statuses: flags.status,
    rules: flags.rule ?? null,
    minSeverity: flags.minSeverity ?? null,
    environment: flags.environment ?? null,
    service: flags.service ?? null,
    owner: flags.owner ?? null,
  };
}

async function show(id: string, flags: ShowFlags, terminal: Terminal): Promise<void> {
  const detail = await readDatabase(flags.db, async (reader) => {
    const alert = await reader.alert(id);
    if (alert === null) {
      throw new OperatingError("not-found", `cannot find one alert "${id}"; "trustdrift alerts list" shows the ids`);
    }
    return alertDetail(alert, await reader.audit(alert.id));
  });
  const { output } = flags;
  if (output === "table" || output === "wide") terminal.stdout(alertPage(detail, terminal));
  else printValue(detail, output, terminal);
}
