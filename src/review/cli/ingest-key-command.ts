import type { Command } from "commander";
import type { Session } from "./session.ts";

/** `ingest-key`: a new key for a sender, shown this once and kept nowhere. */
export function addIngestKey(program: Command, { commands, terminal }: Session): void {
  program
    .command("ingest-key <id>")
    .description("make a key by which a sender proves who it is; it is shown once")
    .addHelpText(
      "after",
      "\nThe collector's file holds a digest, the sender the key. Neither is written anywhere by this command.\n\nExample:\n  $ trustdrift ingest-key node-agent\n  then serve with --ingest-keys, and bind key:node-agent in the baseline's senders",
    )
    .action((id: string) => {
      const { key, line } = commands.ingestKey(id);
      terminal.stdout(`For the sender, shown this once:
  OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20${key}

For the file of --ingest-keys, one line a key:
${line}
`);
    });
}
