import type { Command } from "commander";
import { OperatingError } from "../../model/operating-error.ts";
import type { CredentialDescription } from "./options.ts";
import { type PrintOptions, printValue } from "./print-rows.ts";
import type { Session } from "./session.ts";
import { dbOption, outputOption } from "./shared-options.ts";
import { durationOf } from "./survey-columns.ts";
import { type Column, tableOf } from "./table.ts";
import type { Terminal } from "./terminal.ts";

type Flags = PrintOptions & { readonly db: string; readonly stdin?: true };
type Fact = readonly [label: string, value: string | null];

const EXAMPLE = "trustdrift observe credential --stdin < token.txt";

/** `observe credential --stdin`: what the collector would keep of a credential. */
export function addCredential(observe: Command, { commands, terminal }: Session): void {
  observe
    .command("credential")
    .description(
      "what the collector would keep of a token or header on standard input: facts and fingerprint, never it",
    )
    .argument("[refused...]", "nothing: arguments can be read by other processes")
    .option("--stdin", "read the token, or the line of a header, from standard input")
    .addOption(dbOption())
    .addOption(outputOption(["table", "json", "jsonl", "yaml"]))
    .addHelpText(
      "after",
      [
        "\nThe fingerprint is that of the database's key; it stands in alerts by its first 8 characters.\n\nExamples:",
        `  $ ${EXAMPLE}`,
        "  $ pbpaste | trustdrift observe credential --stdin -o json",
      ].join("\n"),
    )
    .action(async (refused: readonly string[], flags: Flags) => {
      requireStdin(refused, flags);
      const described = await commands.credential({ dbFile: flags.db });
      const { output } = flags;
      if (output === "table" || output === "wide") terminal.stdout(pageOf(described, terminal));
      else printValue(described, output, terminal);
    });
}

/** What stands among the arguments is in the shell's history and in the list of processes already. */
function requireStdin(refused: readonly string[], { stdin }: Flags): void {
  if (refused.length > 0) {
    throw new OperatingError(
      "bad-argument",
      `cannot take a credential as an argument, where other processes and the shell's history have it; if it was a real one, replace it, and use: ${EXAMPLE}`,
    );
  }
  if (stdin !== true) throw new OperatingError("bad-argument", `expected --stdin, as in: ${EXAMPLE}`);
}

const COLUMNS: readonly Column<Fact>[] = [
  { title: "", text: ([label]) => label, paint: (text, colours) => colours.dim(text) },
  { title: "", text: ([, value]) => value },
];

/** Only what is known; a page of dashes hides the facts. */
function pageOf(described: CredentialDescription, terminal: Terminal): string {
  const facts = factsOf(described).filter(([, value]) => value !== null && value !== "");
  return tableOf(facts, COLUMNS, { output: "wide", headers: false }, terminal);
}

function factsOf({ profile, fingerprint, isComparable, ...times }: CredentialDescription): readonly Fact[] {
  const { audiences, scopes, isExpiring, lifetimeS } = profile;
  return [
    ["slot", profile.carrier === null ? profile.slot : `${profile.slot}, in ${profile.carrier}`],
    ["scheme", profile.scheme],
    ["format", profile.format],
    ["role", profile.role],
    ["observed", profile.quality],
    ["type", profile.type],
    ["algorithm", profile.algorithm],
    ["issuer", profile.issuer],
    ["audiences", audiences === null ? null : audiences.join(", ") || "none"],
    ["client", profile.client],
    ["subject", profile.subject ?? (profile.subjectKind === "user" ? "a person, who is not kept" : null)],
    ["actors", profile.actors.join(", ")],
    ["scopes", scopes === null ? null : scopes.join(" ") || "none"],
    ["key", profile.keyId],
    ["bound by", profile.confirmation],
    ["issued", times.issuedAt],
    ["not before", times.notBefore],
    ["expires", isExpiring === false ? "never" : times.expiresAt],
    ["lifetime", durationOf(lifetimeS)],
    [
      "fingerprint",
      fingerprint ??
        (isComparable ? "made with the database's key, which is not there" : "none: it cannot be told from others"),
    ],
  ];
}
