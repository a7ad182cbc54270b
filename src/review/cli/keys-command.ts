import type { Command } from "commander";
import type { KeyRow } from "./options.ts";
import { type PrintOptions, printRows } from "./print-rows.ts";
import type { Session } from "./session.ts";
import { dbOption, noHeadersOption, outputOption } from "./shared-options.ts";
import type { Column } from "./table.ts";

type Flags = PrintOptions & { readonly db: string };

const COLUMNS: readonly Column<KeyRow>[] = [
  { title: "KEY", text: ({ id }) => id },
  { title: "STATE", text: ({ state }) => state },
];
const RESTART = "Restart the collector to use this.\n";

/** `keys list`, `keys rotate` and `keys erase`. */
export function addKeys(program: Command, session: Session): void {
  const { commands, terminal } = session;
  const keys = program.command("keys").description("the keys of the fingerprints: list, rotate and erase them");
  keys.addHelpText("after", "\nExample:\n  $ trustdrift keys list");
  withOutput(keys.command("list").description("show the keys and what each is used for"))
    .addHelpText("after", "\nExample:\n  $ trustdrift keys list")
    .action((flags: Flags) => printRows(commands.keys.list(flags.db), COLUMNS, flags, terminal));
  withOutput(keys.command("rotate").description("use a new key for new credentials; known ones keep theirs"))
    .addHelpText("after", "\nExample:\n  $ trustdrift keys rotate\n  then restart the collector")
    .action((flags: Flags) => {
      printRows(commands.keys.rotate(flags.db), COLUMNS, flags, terminal);
      terminal.stderr(RESTART);
    });
  withOutput(keys.command("erase <id>").description("overwrite an older key: nothing can be linked with what it made"))
    .addHelpText("after", "\nExample:\n  $ trustdrift keys erase 5f0c2a\n  then restart the collector")
    .action((id: string, flags: Flags) => {
      printRows(commands.keys.erase(flags.db, id), COLUMNS, flags, terminal);
      terminal.stderr(RESTART);
    });
}

function withOutput(command: Command): Command {
  return command.addOption(dbOption()).addOption(outputOption()).addOption(noHeadersOption());
}
