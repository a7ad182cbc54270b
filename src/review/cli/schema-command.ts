import { Argument, type Command } from "commander";
import { baselineSchema } from "../../declare/baseline-schema.ts";
import type { Session } from "./session.ts";

/** `schema`: the JSON Schema of a format, for editors and for those who check files without us. */
export function addSchema(program: Command, { terminal }: Session): void {
  program
    .command("schema")
    .description("print the JSON Schema of a format, for editors")
    .addArgument(new Argument("<format>", "which format").choices(["baseline"]))
    .addHelpText("after", "\nExample:\n  $ trustdrift schema baseline > baseline.schema.json")
    .action(() => terminal.stdout(`${JSON.stringify(baselineSchema(), null, 2)}\n`));
}
