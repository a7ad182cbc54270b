import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run as runHere } from "../review/cli/run.ts";
import { ended, type Ran, type Running, startTrustdrift, trustdrift } from "./processes.ts";
import { Hopeless, until } from "./until.ts";

/** A real collector process on free ports, with a database and a baseline folder of its own. */
export type CollectorProcess = {
  readonly process: Running;
  readonly folder: string;
  readonly dbFile: string;
  readonly baselineFile: string;
  /** `host:port`. */
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
  readonly api: string;
  /** Runs a command on this collector's database, as a process of its own. */
  readonly run: (...args: readonly string[]) => Promise<Ran>;
  /** The rows that a reading command prints; it runs in this process, because much is asked. */
  readonly ask: <Row>(...args: readonly string[]) => Promise<readonly Row[]>;
  /** The value of a metric, with its labels where it has some. */
  readonly metric: (name: string) => Promise<number>;
  readonly readyz: () => Promise<Readyz>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ran>;
};

/** What `/readyz` says. */
export type Readyz = {
  readonly httpStatus: number;
  readonly status: string;
  readonly problems: readonly string[];
  readonly details: { readonly baseline: { readonly revision: string; readonly services: number } };
};

export type CollectorSetup = {
  readonly folder: string;
  /** The text of the baseline; none where absent. What is there already stays. */
  readonly baseline?: string;
  readonly flags?: readonly string[];
  readonly settleSeconds?: number;
  /** Variables of the environment, beside those of every test. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** The flags of a collector in a folder. */
export function serveFlags(folder: string): readonly string[] {
  const ports = ["--otlp-grpc", "--otlp-http", "--api"].flatMap((flag) => [flag, "127.0.0.1:0"]);
  return ["serve", ...ports, "--db", join(folder, "trustdrift.db"), "--baseline", join(folder, "baselines")];
}

/** Starts a collector and waits until it takes spans. */
export async function startCollectorProcess(setup: CollectorSetup): Promise<CollectorProcess> {
  const { folder, baseline, flags = [], settleSeconds = 0.5 } = setup;
  const baselineFile = join(folder, "baselines", "shop.yaml");
  if (baseline !== undefined) writeBaseline(baselineFile, baseline);
  const environment = { ...setup.environment, TRUSTDRIFT_SETTLE_SECONDS: String(settleSeconds), USER: "ada" };
  const process = startTrustdrift([...serveFlags(folder), ...flags], environment);
  await until("the collector says where it listens", () => {
    if (process.end() !== null) throw new Hopeless(`the collector ended: ${process.err()}`);
    return process.out().includes("alerts list");
  });
  const dbFile = join(folder, "trustdrift.db");
  const api = addressIn(process.out(), /API +http:\/\/(\S+)/u);
  const run = (...args: readonly string[]) => trustdrift([...args, "--db", dbFile], { USER: "ada" });
  return {
    process,
    folder,
    dbFile,
    baselineFile,
    otlpGrpc: addressIn(process.out(), /OTLP\/gRPC +(\S+)/u),
    otlpHttp: addressIn(process.out(), /OTLP\/HTTP +https?:\/\/([^/\s]+)/u),
    api,
    run,
    ask: async (...args) => JSON.parse((await runHere([...args, "-o", "json", "--db", dbFile])).out),
    metric: (name) => readMetric(api, name),
    readyz: () => readReadyz(api),
    stop: (signal = "SIGTERM") => {
      process.child.kill(signal);
      return ended(process);
    },
  };
}

/** Writes a baseline of this body, without its header, where the collector looks for it. */
export function writeBaseline(file: string, body: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `apiVersion: trustdrift/v1\nkind: Baseline\n${body}`);
}

function addressIn(welcome: string, pattern: RegExp): string {
  const address = pattern.exec(welcome)?.[1];
  if (address === undefined) throw new Error(`expected the welcome to say ${pattern}`);
  return address;
}

async function readMetric(api: string, name: string): Promise<number> {
  const text = await (await fetch(`http://${api}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new Error(`expected a metric ${name}`);
  return Number(line.slice(name.length + 1));
}

async function readReadyz(api: string): Promise<Readyz> {
  const response = await fetch(`http://${api}/readyz`);
  const answer = (await response.json()) as Omit<Readyz, "httpStatus">;
  return { httpStatus: response.status, ...answer };
}
