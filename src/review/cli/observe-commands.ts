import type { Command } from "commander";
import { compileGlob } from "../../model/glob.ts";
import type { ObservedEdge, StoreReader, TimeRange } from "../../model/store.ts";
import { aliasColumns, credentialColumns, edgeColumns, serviceColumns } from "./observe-columns.ts";
import { type PrintOptions, printRows } from "./print-rows.ts";
import { readDatabase } from "./read-database.ts";
import type { Session } from "./session.ts";
import { dbOption, noHeadersOption, outputOption } from "./shared-options.ts";
import type { Column } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { addTimeOptions, type TimeFlags, timeRange } from "./time-range.ts";

type Flags = PrintOptions &
  TimeFlags & {
    readonly db: string;
    readonly environment?: string;
    readonly caller?: string;
    readonly callee?: string;
    readonly proxied?: true;
  };

/** One noun of `observe`: what to ask, and how to show it. */
type Question<Row> = {
  readonly noun: string;
  readonly description: string;
  readonly example: string;
  readonly ask: (reader: StoreReader, range: TimeRange, flags: Flags) => Promise<readonly Row[]>;
  readonly columns: readonly Column<Row>[];
};

/** `observe edges|aliases|services|credentials`: what the spans showed. */
export function addObserve(program: Command, { terminal }: Session): Command {
  const observe = program.command("observe").description("what was seen: who calls whom, and with which credentials");
  observe.addHelpText("after", "\nExample:\n  $ trustdrift observe edges --since 24h");
  const edges: Question<ObservedEdge> = {
    noun: "edges",
    description: "who calls whom, how often, with tokens for which audiences",
    example: "trustdrift observe edges --caller 'shop/*' --since 24h",
    ask: async (reader, range, flags) => (await edgesOf(reader, range, flags)).filter(edgeFilter(flags)),
    columns: edgeColumns,
  };
  addQuestion(observe, edges, terminal)
    .option("--environment <name>", "only this environment")
    .option("--caller <name>", "only callers of this name; * matches within a segment")
    .option("--callee <name>", "only callees of this name; * matches within a segment")
    .option("--proxied", "also the calls through proxies, from who called the proxy to who answered behind it");
  addQuestion(
    observe,
    {
      noun: "aliases",
      description: "which services answered for which addresses; one that several answer for may be a gateway's",
      example: "trustdrift observe aliases -o wide",
      ask: (reader, range) => reader.aliases(range),
      columns: aliasColumns,
    },
    terminal,
  );
  addQuestion(
    observe,
    {
      noun: "services",
      description: "which services sent spans, and how many of them show credentials",
      example: "trustdrift observe services -o wide",
      ask: (reader, range) => reader.services(range),
      columns: serviceColumns,
    },
    terminal,
  );
  addQuestion(
    observe,
    {
      noun: "credentials",
      description: "which kinds of credentials were presented, by whom and to whom",
      example: "trustdrift observe credentials --since 7d -o json",
      ask: (reader, range) => reader.credentials(range),
      columns: credentialColumns,
    },
    terminal,
  );
  return observe;
}

function addQuestion<Row>(observe: Command, question: Question<Row>, terminal: Terminal): Command {
  return addTimeOptions(observe.command(question.noun).description(question.description).addOption(dbOption()))
    .addOption(outputOption())
    .addOption(noHeadersOption())
    .addHelpText("after", `\nExample:\n  $ ${question.example}`)
    .action(async (flags: Flags) => {
      const range = timeRange(flags, terminal.nowMs());
      const rows = await readDatabase(flags.db, (reader) => question.ask(reader, range, flags));
      printRows(rows, question.columns, flags, terminal);
      if (rows.length === 0) terminal.stderr(emptyMessage(question.noun, flags));
    });
}

async function edgesOf(reader: StoreReader, range: TimeRange, flags: Flags): Promise<readonly ObservedEdge[]> {
  const edges = await reader.edges(range);
  return flags.proxied === true ? [...edges, ...(await reader.proxiedEdges(range))] : edges;
}

function edgeFilter(flags: Flags): (edge: ObservedEdge) => boolean {
  const isCaller = compileGlob(flags.caller ?? "**").matches;
  const isCallee = compileGlob(flags.callee ?? "**").matches;
  const isEnvironment = (name: string) => flags.environment === undefined || flags.environment === name;
  return (edge) => isEnvironment(edge.environment) && isCaller(edge.caller) && isCallee(edge.callee);
}

function emptyMessage(noun: string, flags: Flags): string {
  const narrowing = [flags.since, flags.from, flags.to, flags.environment, flags.caller, flags.callee];
  if (narrowing.some((flag) => flag !== undefined)) return `No ${noun} match; leave a filter out to see more.\n`;
  return `No ${noun} yet; send spans to the collector that "trustdrift serve" starts.\n`;
}
