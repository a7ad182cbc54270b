import type { Command } from "commander";
import { createColors } from "picocolors";
import { escapeControls } from "./escape-controls.ts";
import type { Explanation } from "./options.ts";
import { type PrintOptions, printValue } from "./print-rows.ts";
import type { Session } from "./session.ts";
import { baselineOption, outputOption } from "./shared-options.ts";
import type { Terminal } from "./terminal.ts";

type Flags = PrintOptions & { readonly baseline: string; readonly audience?: string };

/** `explain`: what the baseline says about one call, and why. */
export function addExplain(program: Command, { commands, terminal }: Session): void {
  program
    .command("explain")
    .description("which line of the baseline decides about a call, and what would change it")
    .argument("<caller>", "the service that calls")
    .argument("<callee>", "what it calls")
    .argument("[operation]", 'for example "POST /v1/charges"')
    .option("--audience <audience>", "the audience of the token it presents")
    .addOption(baselineOption())
    .addOption(outputOption(["table", "json", "jsonl", "yaml"]))
    .addHelpText("after", "\nExample:\n  $ trustdrift explain checkout payments 'POST /v1/charges' --audience payments")
    .action(async (caller: string, callee: string, operation: string | undefined, flags: Flags) => {
      const { baseline, audience = null, output } = flags;
      const options = { caller, callee, operation: operation ?? null, audience, baseline };
      const explanation = await commands.explain(options);
      if (output === "table" || output === "wide") terminal.stdout(textOf(explanation, terminal));
      else printValue(explanation, output, terminal);
    });
}

function textOf({ verdict, lines }: Explanation, terminal: Terminal): string {
  const colours = createColors(terminal.hasColour);
  const title = verdict === "declared" ? colours.green(verdict) : colours.red(verdict);
  return [title, ...lines.map(escapeControls)].map((line) => `${line}\n`).join("");
}
