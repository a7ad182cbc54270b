import { parseArgs } from "node:util";
import { ATTACK_NAMES, type Attack } from "./attacks.ts";

/** What the command line asks for. */
export type Options = {
  readonly collector: { readonly host: string; readonly port: number };
  readonly attack: Attack | "all" | null;
  /** The collector's database, where `--attack all` looks for the alerts. */
  readonly db: string;
  /** Requests a second. */
  readonly rate: number;
  /** Stop after this long; null: until Ctrl-C. */
  readonly seconds: number | null;
};

/** Printed for `--help` and after a mistake. */
export const USAGE = `Usage: npm run demo -- [--attack NAME|all] [--collector HOST:PORT] [--rate REQUESTS_A_SECOND] [--seconds N] [--db FILE]

Attacks: ${ATTACK_NAMES.join(", ")}. "all" runs one after the other and says what each of them raised;
it reads the collector's database (--db, ./.trustdrift/trustdrift.db unless said).`;

/** Reads the arguments; null for `--help`; throws an error with a message for people. */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      attack: { type: "string" },
      collector: { type: "string", default: "127.0.0.1:4317" },
      rate: { type: "string", default: "6" },
      seconds: { type: "string" },
      db: { type: "string", default: "./.trustdrift/trustdrift.db" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  return {
    collector: parseAddress(values.collector),
    attack: values.attack === undefined ? null : parseAttack(values.attack),
    db: values.db,
    rate: parsePositive("--rate", values.rate),
    seconds: values.seconds === undefined ? null : parsePositive("--seconds", values.seconds),
  };
}

function parseAddress(text: string): Options["collector"] {
  const match = /^(?:http:\/\/)?(?<host>[^:/]+|\[.+\]):(?<port>\d+)$/.exec(text);
  if (match?.groups === undefined) throw new Error("expected --collector to be HOST:PORT");
  return { host: match.groups.host ?? "", port: Number(match.groups.port) };
}

function parseAttack(text: string): Attack | "all" {
  const known = [...ATTACK_NAMES, "all"] as const;
  const attack = known.find((name) => name === text);
  if (attack !== undefined) return attack;
  throw new Error(`expected --attack to be one of ${known.join(", ")}`);
}

function parsePositive(name: string, text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`expected ${name} to be a number above 0`);
}
