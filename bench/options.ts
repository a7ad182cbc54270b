import { parseArgs } from "node:util";

const BENCHES = ["ingest", "stages"] as const;
export type Bench = (typeof BENCHES)[number];

/** What the command line asks for. */
export type Options = {
  readonly bench: Bench;
  /** How long each measurement lasts, after its warm-up. */
  readonly seconds: number;
  /** Requests that wait for their acknowledgement at a time. */
  readonly inFlight: number;
  /** Distinct spans of the load; it is sent again and again under new trace ids. */
  readonly spans: number;
  readonly seed: number;
  readonly isJson: boolean;
  readonly isProfiled: boolean;
};

/** Printed for `--help` and after a mistake. */
export const USAGE = `Usage: npm run bench -- ingest [--seconds 10] [--in-flight 16] [--spans 65536] [--seed 1] [--json] [--profile]
       npm run bench -- stages [--seconds 10] [--spans 65536] [--seed 1] [--json]`;

/** Reads the arguments; null for `--help`; throws an error with a message for people. */
export function parseOptions(args: readonly string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "10" },
      "in-flight": { type: "string", default: "16" },
      spans: { type: "string", default: "65536" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  const bench = BENCHES.find((name) => name === positionals[0]);
  if (bench === undefined || positionals.length > 1) throw new Error(`expected one of ${BENCHES.join(", ")}`);
  return {
    bench,
    seconds: parsePositive("--seconds", values.seconds),
    inFlight: parsePositive("--in-flight", values["in-flight"]),
    spans: parsePositive("--spans", values.spans),
    seed: parsePositive("--seed", values.seed),
    isJson: values.json,
    isProfiled: values.profile,
  };
}

function parsePositive(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`expected ${name} to be a whole number above 0`);
}
