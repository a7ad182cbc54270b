import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { OperatingError } from "../../model/operating-error.ts";
import { scrubTelling } from "../../model/scrub-text.ts";
import { addAlerts } from "./alerts-commands.ts";
import { addBaseline } from "./baseline-commands.ts";
import { addCheck } from "./check-command.ts";
import { addDecisions } from "./decision-commands.ts";
import { addDoctor } from "./doctor-command.ts";
import { addExplain } from "./explain-command.ts";
import { addIngestKey } from "./ingest-key-command.ts";
import { addKeys } from "./keys-command.ts";
import { addObserve } from "./observe-commands.ts";
import type { Commands } from "./options.ts";
import { explainError } from "./report-error.ts";
import { addSchema } from "./schema-command.ts";
import { addServe } from "./serve-command.ts";
import { EXIT, type ExitCode, type Session } from "./session.ts";
import { addSurvey } from "./survey-commands.ts";
import { quietOnceClosed, type Terminal } from "./terminal.ts";

export type { Commands, Terminal };

/**
 * Runs one command line (without node and script) and returns its exit code: 0 clean, 1 error, 2 drift at or above
 * `--fail-on`, 3 baseline invalid. Rejects with what is a bug, never with an `OperatingError`.
 */
export async function runProgram(argv: readonly string[], commands: Commands, outer: Terminal): Promise<number> {
  const terminal = withoutCredentials(outer);
  let exitCode: ExitCode = EXIT.clean;
  const end = (code: ExitCode) => {
    exitCode = code;
  };
  const session = { commands, terminal: quietOnceClosed(terminal), end };
  try {
    await buildProgram(session).parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof OperatingError)) throw error;
    terminal.stderr(explainError(error));
    return error.code === "baseline-invalid" ? EXIT.baselineInvalid : EXIT.error;
  }
}

/** Messages repeat what was typed or stood in a file, and end in the logs of CI systems: no credential goes with them. */
function withoutCredentials(terminal: Terminal): Terminal {
  return { ...terminal, stderr: (text) => terminal.stderr(scrubTelling(text)) };
}

function buildProgram(session: Session): Command {
  const program = new Command("trustdrift")
    .description("Shows who calls whom with whose token, and alerts on what nobody declared.")
    .version(versionLine(), "-V, --version", "print the version")
    .addHelpText("after", '\nExample:\n  $ trustdrift serve\n\nRun "trustdrift COMMAND --help" for an example of each.')
    .exitOverride();
  configureOutput(program, session.terminal);
  addServe(program, session);
  addSurvey(addObserve(program, session), session);
  addDecisions(addAlerts(program, session), session);
  addBaseline(program, session);
  addCheck(program, session);
  addExplain(program, session);
  addSchema(program, session);
  addKeys(program, session);
  addIngestKey(program, session);
  addDoctor(program, session);
  addVersion(program, session);
  pointToHelp(program, program.name());
  return program;
}

function configureOutput(program: Command, terminal: Terminal): void {
  program.configureOutput({
    writeOut: terminal.stdout,
    writeErr: terminal.stderr,
    outputError: (text, write) => write(text.replace(/^error: /, "trustdrift: ")),
    getOutHelpWidth: () => terminal.columns,
    getErrHelpWidth: () => terminal.columns,
    getOutHasColors: () => terminal.hasColour,
    getErrHasColors: () => terminal.hasColour && terminal.isErrorTty,
  });
}

function addVersion(program: Command, { terminal }: Session): void {
  program
    .command("version")
    .description("print the version")
    .addHelpText("after", "\nExample:\n  $ trustdrift version")
    .action(() => terminal.stdout(`${versionLine()}\n`));
}

function versionLine(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  return `trustdrift ${version}`;
}

/** Every usage error ends with the command whose help has the answer; `--help` is the one way to ask for it. */
function pointToHelp(command: Command, path: string): void {
  command.helpCommand(false).showHelpAfterError(`Run "${path} --help" for what it takes.`);
  for (const child of command.commands) pointToHelp(child, `${path} ${child.name()}`);
}
