import { parseArgs } from "node:util";
import { TRANSPORTS, type Transport } from "./sender.ts";
import { TOKEN_KINDS, type TokenKind } from "./tokens.ts";

/** What the command line asks for; a bench reads what concerns it. */
export type Options = {
  /** How long each measurement lasts, after its warm-up. */
  readonly seconds: number;
  readonly minutes: number;
  /** Share of the measured peak, in percent. */
  readonly ratePercent: number;
  /** Requests that wait for their acknowledgement at a time. */
  readonly inFlight: number;
  /** Distinct spans of the load; it is sent again and again under new trace ids. */
  readonly spans: number;
  readonly floodSpans: number;
  readonly transport: Transport;
  /** Null: one row each. */
  readonly tokens: TokenKind | null;
  readonly hops: number;
  readonly sizeMib: number;
  readonly alerts: number;
  readonly seed: number;
  readonly isJson: boolean;
  readonly isProfiled: boolean;
};

type Flag = { readonly example: string; readonly says: string };

const FLAGS = {
  seconds: { example: "10", says: "how long each measurement lasts, after its warm-up" },
  minutes: { example: "10", says: "how long the load lasts" },
  "rate-percent": { example: "70", says: "the load, as a share of the measured peak" },
  "in-flight": { example: "16", says: "requests that wait for their acknowledgement at a time" },
  spans: { example: "65536", says: "distinct spans of the load, sent again and again under new trace ids" },
  "flood-spans": { example: "5000000", says: "spans of a flood against the waiting spans' bound" },
  transport: { example: "grpc", says: `one of ${TRANSPORTS.join(", ")}` },
  tokens: { example: "all", says: `one of ${TOKEN_KINDS.join(", ")}, or all: how tokens are shown` },
  hops: { example: "300", says: "drifting hops of each measurement, at most 400" },
  "size-mib": { example: "1024", says: "the database's size" },
  alerts: { example: "100000", says: "alerts in the database" },
  seed: { example: "1", says: "fixes every byte of the load" },
  json: { example: "", says: "figures as JSON" },
  profile: { example: "", says: "where the collector's time goes: costliest functions, and each room's share" },
} as const satisfies Record<string, Flag>;

/** A flag's name, without its dashes. */
export type FlagName = keyof typeof FLAGS;

/** The flags of one bench, a line each. */
export function describeFlags(names: readonly FlagName[]): string {
  return names
    .map((name) => {
      const { example, says } = FLAGS[name];
      return `  ${`--${name}${example === "" ? "" : ` ${example}`}`.padEnd(24)}${says}`;
    })
    .join("\n");
}

/** Reads the flags that a bench knows; null for `--help`; throws an error with a message for people. */
export function parseOptions(args: readonly string[], names: readonly FlagName[]): Options | null {
  const known = names.map((name) => [name, { type: FLAGS[name].example === "" ? "boolean" : "string" } as const]);
  const options = { ...Object.fromEntries(known), help: { type: "boolean", short: "h" } } as const;
  const values: Readonly<Record<string, unknown>> = parseArgs({ args: [...args], options }).values;
  if (values.help === true) return null;
  const text = (name: FlagName): string => String(values[name] ?? FLAGS[name].example);
  const number = (name: FlagName): number => parsePositive(`--${name}`, text(name));
  return {
    seconds: number("seconds"),
    minutes: number("minutes"),
    ratePercent: number("rate-percent"),
    inFlight: number("in-flight"),
    spans: number("spans"),
    floodSpans: number("flood-spans"),
    transport: parseOneOf("--transport", TRANSPORTS, text("transport")),
    tokens: text("tokens") === "all" ? null : parseOneOf("--tokens", TOKEN_KINDS, text("tokens")),
    hops: number("hops"),
    sizeMib: number("size-mib"),
    alerts: number("alerts"),
    seed: number("seed"),
    isJson: values.json === true,
    isProfiled: values.profile === true,
  };
}

function parsePositive(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`expected ${name} to be a whole number above 0`);
}

function parseOneOf<Name extends string>(flag: string, names: readonly Name[], text: string): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new Error(`expected ${flag} to be one of ${names.join(", ")}`);
  return found;
}
