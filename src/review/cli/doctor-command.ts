import type { Command } from "commander";
import { createColors } from "picocolors";
import type { Diagnosis, ServiceDiagnosis } from "../../model/diagnosis.ts";
import { counted } from "./counted.ts";
import type { SurveyFlags } from "./options.ts";
import { printValue } from "./print-rows.ts";
import type { Session } from "./session.ts";
import { outputOption } from "./shared-options.ts";
import { percent } from "./survey-columns.ts";
import { addSurveyOptions, surveyOptions } from "./survey-options.ts";
import { type Column, tableOf } from "./table.ts";
import type { Terminal } from "./terminal.ts";

type Row = { readonly diagnosis: ServiceDiagnosis; readonly because: string; readonly rules: readonly string[] };

/** `doctor`: which rules cannot fire on which service, and why. */
export function addDoctor(program: Command, { commands, terminal }: Session): void {
  addSurveyOptions(
    program.command("doctor").description("which rules cannot fire on which service, and what is missing"),
  )
    .argument("[service]", "only this service")
    .addOption(outputOption())
    .addHelpText(
      "after",
      "\nIt is no error that a rule cannot fire: the exit code is 0. What is listed is where silence means nothing.\n\nExamples:\n  $ trustdrift doctor\n  $ trustdrift doctor payments -o wide",
    )
    .action(async (service: string | undefined, flags: SurveyFlags) => {
      const diagnosis = await commands.doctor(surveyOptions(flags, terminal));
      const rows = diagnosis.rows.filter((row) => service === undefined || row.service === service);
      const { output } = flags;
      if (output === "table" || output === "wide") terminal.stdout(pageOf({ ...diagnosis, rows }, output, terminal));
      else if (output === "jsonl") for (const row of rows) printValue(row, output, terminal);
      else printValue({ ...diagnosis, rows }, output, terminal);
      if (rows.length === 0) terminal.stderr("No such service sent spans; `trustdrift observe services` lists them.\n");
    });
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "ENVIRONMENT", text: ({ diagnosis }) => diagnosis.environment },
  { title: "SERVICE", text: ({ diagnosis }) => diagnosis.service },
  { title: "VISIBLE", text: ({ diagnosis }) => percent(diagnosis.visibleShare) },
  { title: "CAN FIRE", text: ({ diagnosis }) => String(diagnosis.able.length) },
  { title: "CANNOT", text: ({ rules }) => String(rules.length) },
  { title: "BECAUSE", text: ({ because }) => because },
  { title: "RULES", text: ({ rules }) => rules.join(", "), shownIn: "wide" },
];

/** What all services lack is said once, at the top. */
function pageOf(diagnosis: Diagnosis, output: "table" | "wide", terminal: Terminal): string {
  const { rows, rules, services, whole, mute } = diagnosis;
  const common = rows.length < 2 ? [] : (rows[0]?.blind ?? []).filter(({ because }) => isEverywhere(because, rows));
  const said = new Set(common.map(({ because }) => because));
  const own = rows.flatMap((row) => row.blind.map((spot) => ({ diagnosis: row, ...spot })));
  const shown = own.filter(({ because }) => !said.has(because));
  const title = `${counted(services, "service")}, ${counted(rules, "rule")}: ${rules - mute.length} can fire on some service, all of these on ${whole}.`;
  return [
    createColors(terminal.hasColour).bold(title),
    ...common.map((spot) => `On every service: ${spot.because}. So not: ${spot.rules.join(", ")}.`),
    ...(shown.length === 0 ? [] : [""]),
    tableOf(shown, COLUMNS, { output }, terminal),
  ].join("\n");
}

function isEverywhere(because: string, rows: readonly ServiceDiagnosis[]): boolean {
  return rows.every(({ blind }) => blind.some((spot) => spot.because === because));
}
