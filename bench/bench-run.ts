import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { GeneratorProcess } from "./generator-process.ts";
import { type LoadPlan, SPANS_A_REQUEST } from "./load.ts";
import { decimal, whole } from "./table.ts";
import { type Environment, REPOSITORY, startTarget, type Target } from "./target.ts";

/** A running collector and its database. */
export type CollectorTarget = Target & { readonly dbFile: string };

type CollectorOptions = { readonly env?: Environment; readonly nodeFlags?: readonly string[] };

/** What the benches with processes share: a generator, a folder, and collectors that go with them. */
export type BenchRun = {
  readonly generator: GeneratorProcess;
  readonly folder: string;
  /** Encodes the load and declares its fleet; returns what to say of it. */
  readonly createLoad: (plan: LoadPlan) => Promise<string>;
  /** A collector with an empty database of its own. */
  readonly startCollector: (options?: CollectorOptions) => Promise<CollectorTarget>;
};

/** Does some work, and ends every process it started and removes every file it made. */
export async function benchRun<Result>(work: (run: BenchRun) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "trustdrift-bench-"));
  const generator = new GeneratorProcess();
  const targets: Target[] = [];
  const startCollector = async ({ env = {}, nodeFlags = [] }: CollectorOptions = {}): Promise<CollectorTarget> => {
    const dbFile = join(mkdtempSync(join(folder, "collector-")), "bench.db");
    const target = await startTarget([...nodeFlags, ...serveArguments(dbFile, folder)], env);
    targets.push(target);
    return { ...target, dbFile };
  };
  const createLoad = async (plan: LoadPlan): Promise<string> => {
    const { requests, bytesASpan, baseline } = await generator.create(plan);
    writeFileSync(join(folder, "baseline.yaml"), baseline);
    return `${whole(requests)} requests of ${SPANS_A_REQUEST} spans, ${whole(bytesASpan)} bytes a span, seed ${plan.seed}; ${describeMachine()}`;
  };
  try {
    return await work({ generator, folder, createLoad, startCollector });
  } finally {
    generator.stop();
    for (const target of targets) await target.stop();
    rmSync(folder, { recursive: true });
  }
}

/** The command line of a collector as `bin/trustdrift` starts it, which listens wherever there is room. */
export function serveArguments(dbFile: string, baselineDir: string): readonly string[] {
  const anyPort = ["--otlp-grpc", "--otlp-http", "--api"].flatMap((flag) => [flag, "127.0.0.1:0"]);
  const flags = readFileSync(join(REPOSITORY, "bin/node-flags"), "utf8").match(/^--.*$/gmu) ?? [];
  return [...flags, "src/main.ts", "serve", ...anyPort, "--db", dbFile, "--baseline", baselineDir];
}

/** On what the figures were taken. */
export function describeMachine(): string {
  return `${availableParallelism()} cores, Node ${process.version}, load average ${decimal(loadavg()[0] ?? 0, 1)}`;
}
