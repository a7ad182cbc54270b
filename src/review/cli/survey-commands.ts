import type { Command } from "commander";
import { blastPage } from "./blast-page.ts";
import { addCredential } from "./credential-command.ts";
import type { SurveyFlags } from "./options.ts";
import { type PrintOptions, printRows, printValue } from "./print-rows.ts";
import type { Session } from "./session.ts";
import { noHeadersOption, outputOption } from "./shared-options.ts";
import { fixFirstColumns, identityColumns, postureColumns } from "./survey-columns.ts";
import { addSurveyOptions, surveyOptions } from "./survey-options.ts";
import type { Column } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** `observe identities|posture|blast-radius|fix-first`: what can be said of all that was seen at once. */
export function addSurvey(observe: Command, session: Session): void {
  const { commands, terminal } = session;
  addIdentities(observe, session);
  addPosture(observe, session);
  addBlastRadius(observe, session);
  addCredential(observe, session);
  surveyCommand(observe, "fix-first", "which service to mend first: where stopping one thing takes most reach away")
    .addOption(outputOption())
    .addOption(noHeadersOption())
    .addHelpText("after", "\nExample:\n  $ trustdrift observe fix-first --since 30d")
    .action(async (flags: SurveyFlags) => {
      const rows = await commands.survey.fixFirst(surveyOptions(flags, terminal));
      printOrSay(
        rows,
        { columns: fixFirstColumns, flags, nothing: "Nothing to fix: no relay and no shared audience was seen." },
        terminal,
      );
    });
}

function addIdentities(observe: Command, { commands, terminal }: Session): void {
  surveyCommand(observe, "identities", "machine clients, workload identities and keys: whose, where and how often")
    .addOption(outputOption())
    .addOption(noHeadersOption())
    .addHelpText("after", "\nExample:\n  $ trustdrift observe identities --since 30d -o wide")
    .action(async (flags: SurveyFlags) => {
      const rows = await commands.survey.identities(surveyOptions(flags, terminal));
      const nothing = "No identities seen; spans have to tell about credentials: see docs/instrumentation.";
      printOrSay(rows, { columns: identityColumns, flags, nothing }, terminal);
    });
}

function addPosture(observe: Command, { commands, terminal }: Session): void {
  surveyCommand(
    observe,
    "posture",
    "how each service's callers prove who they are; one lax door among strict ones is marked",
  )
    .argument("[service]", "only this service")
    .addOption(outputOption())
    .addOption(noHeadersOption())
    .addHelpText(
      "after",
      "\nNothing of it is an alert. LAX names what most services of the same issuer do better.\n\nExample:\n  $ trustdrift observe posture payments --since 7d",
    )
    .action(async (service: string | undefined, flags: SurveyFlags) => {
      const rows = await commands.survey.posture(surveyOptions(flags, terminal));
      const shown = service === undefined ? rows : rows.filter((row) => row.service === service);
      printOrSay(shown, { columns: postureColumns, flags, nothing: "No calls seen." }, terminal);
    });
}

function addBlastRadius(observe: Command, { commands, terminal }: Session): void {
  surveyCommand(observe, "blast-radius", "how far somebody would come who takes over a service or an identity")
    .argument("<service|identity>", "as `observe services` or `observe identities` names it")
    .addOption(outputOption(["table", "json", "jsonl", "yaml"]))
    .addHelpText(
      "after",
      "\nEvery number is a lower bound: what no span shows is not counted.\n\nExample:\n  $ trustdrift observe blast-radius checkout --since 30d",
    )
    .action(async (name: string, flags: SurveyFlags) => {
      const found = await commands.survey.blastRadius(name, surveyOptions(flags, terminal));
      const { output } = flags;
      if (output === "table" || output === "wide") {
        terminal.stdout(found.map((radius) => blastPage(radius, terminal)).join("\n"));
      } else if (output === "jsonl") for (const radius of found) printValue(radius, output, terminal);
      else printValue(found, output, terminal);
    });
}

function surveyCommand(observe: Command, noun: string, description: string): Command {
  return addSurveyOptions(observe.command(noun).description(description));
}

type Shown<Row> = {
  readonly columns: readonly Column<Row>[];
  readonly flags: PrintOptions;
  readonly nothing: string;
};

function printOrSay<Row>(rows: readonly Row[], { columns, flags, nothing }: Shown<Row>, terminal: Terminal): void {
  printRows(rows, columns, flags, terminal);
  if (rows.length === 0) terminal.stderr(`${nothing}\n`);
}
