import { benchAlertLatency } from "./alert-latency.ts";
import { benchFlood } from "./flood.ts";
import { benchIngest } from "./ingest.ts";
import { describeFlags, type FlagName, type Options, parseOptions } from "./options.ts";
import { benchScale } from "./scale.ts";
import { benchSoak } from "./soak.ts";
import { benchStages } from "./stages.ts";
import { benchStart } from "./start.ts";

type Bench = {
  readonly says: string;
  readonly flags: readonly FlagName[];
  /** Returns what to print. */
  readonly run: (options: Options) => Promise<string>;
};

const BENCHES: ReadonlyMap<string, Bench> = new Map<string, Bench>([
  [
    "ingest",
    {
      says: "the collector as a process under load: spans a second, CPU, memory, acknowledgement",
      flags: ["transport", "tokens", "seconds", "in-flight", "spans", "seed", "profile", "json"],
      run: benchIngest,
    },
  ],
  [
    "stages",
    {
      says: "the rooms one after the other, without sockets, in one process",
      flags: ["seconds", "spans", "seed", "json"],
      run: benchStages,
    },
  ],
  [
    "scale",
    {
      says: "CPU a span while services and declared calls grow",
      flags: ["seconds", "seed", "json"],
      run: benchScale,
    },
  ],
  [
    "alert-latency",
    {
      says: "from a drifting hop's second span to its alert, idle and at half load",
      flags: ["hops", "seconds", "in-flight", "spans", "seed", "json"],
      run: benchAlertLatency,
    },
  ],
  [
    "soak",
    {
      says: "memory, refusals and acknowledgement over a long time",
      flags: ["minutes", "rate-percent", "seconds", "in-flight", "spans", "seed", "json"],
      run: benchSoak,
    },
  ],
  [
    "flood",
    {
      says: "three times what can be taken, and traffic against each bound",
      flags: ["seconds", "flood-spans", "in-flight", "spans", "seed", "json"],
      run: benchFlood,
    },
  ],
  [
    "start",
    {
      says: "time until a collector with a large database serves",
      flags: ["size-mib", "alerts", "seed", "json"],
      run: benchStart,
    },
  ],
]);

process.exitCode = await main(process.argv.slice(2));

async function main([name = "--help", ...args]: readonly string[]): Promise<number> {
  const bench = BENCHES.get(name);
  if (bench === undefined) {
    const isAsked = name === "--help" || name === "-h";
    console.log(isAsked ? usage() : `bench: expected one of ${[...BENCHES.keys()].join(", ")}\n\n${usage()}`);
    return isAsked ? 0 : 2;
  }
  let options: Options | null;
  try {
    options = parseOptions(args, bench.flags);
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}\n\n${usageOf(name, bench)}`);
    return 2;
  }
  console.log(options === null ? usageOf(name, bench) : await bench.run(options));
  return 0;
}

function usage(): string {
  const lines = [...BENCHES].map(([name, { says }]) => `  ${name.padEnd(16)}${says}`);
  return `Usage: npm run bench -- <bench> [flags]\n\n${lines.join("\n")}\n\nA bench's flags, with what they are unless said otherwise: npm run bench -- <bench> --help`;
}

function usageOf(name: string, { says, flags }: Bench): string {
  return `Usage: npm run bench -- ${name} [flags]: ${says}\n\n${describeFlags(flags)}`;
}
