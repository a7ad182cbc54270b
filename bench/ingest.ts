import { type BenchRun, benchRun, type CollectorTarget } from "./bench-run.ts";
import { type CollectorState, describeState, readCollectorState } from "./collector-state.ts";
import { describeMeasured, type Measured, measure, measurePeak, pacedPhase } from "./measure.ts";
import type { Options } from "./options.ts";
import { describeProfile } from "./profile.ts";
import type { Transport } from "./sender.ts";
import { startTarget } from "./target.ts";
import { TOKEN_KINDS, type TokenKind } from "./tokens.ts";

/** A span lives through its whole wait, guess and end included, within the warm-up already. */
const SHORT_WINDOW = { TRUSTDRIFT_SETTLE_SECONDS: "2.5", TRUSTDRIFT_WINDOW_SECONDS: "5" };
const TOKENS_SAY: Readonly<Record<TokenKind, string>> = {
  told: "",
  raw: ", raw headers",
  new: ", a new token a call",
};

/** Rows of one load: the receiver alone, then the collector behind it. */
type Part = { readonly transport: Transport; readonly tokens: TokenKind; readonly isAlone: boolean };
type Row = Measured & Part;
type Result = { readonly load: string; readonly rows: readonly Row[]; readonly state: CollectorState };

/** Sends the load to the receiver alone and to the collector, side by side in one run; returns what to print. */
export async function benchIngest(options: Options): Promise<string> {
  return benchRun(async (run) => {
    const results: Result[] = [];
    for (const part of plan(options)) results.push(await measurePart(run, options, part));
    if (options.isJson) return JSON.stringify(results, null, 2);
    const profile = options.isProfiled ? `\n\n${describeProfile(run.folder)}` : "";
    return `${describeResults(results)}${profile}`;
  });
}

type PartPlan = Pick<Part, "transport" | "tokens">;

/** HTTP is measured against gRPC, and other ways to show tokens against the first. */
function plan({ transport, tokens, isProfiled }: Options): readonly PartPlan[] {
  const kinds = tokens === null ? TOKEN_KINDS : [tokens];
  if (isProfiled) return [{ transport, tokens: kinds[0] ?? "told" }];
  if (transport === "grpc") return kinds.map((kind) => ({ transport, tokens: kind }));
  const [kind = "told"] = kinds;
  return [
    { transport: "grpc", tokens: kind },
    { transport, tokens: kind },
  ];
}

async function measurePart(run: BenchRun, options: Options, { transport, tokens }: PartPlan): Promise<Result> {
  const { seed, spans } = options;
  const load = await run.createLoad({ seed, spans, tokens, isJson: transport === "http-json" });
  const part = { transport, tokens };
  const rows = options.isProfiled ? [] : [{ ...part, ...(await measureAlone(run, options, part)), isAlone: true }];
  const collector = await run.startCollector({ env: SHORT_WINDOW, nodeFlags: profileFlags(run, options) });
  const measured = await measureCollector(run, options, { ...part, collector });
  const state = await readCollectorState(collector.apiPort);
  await collector.stop();
  return { load, rows: [...rows, ...measured.map((row) => ({ ...part, ...row, isAlone: false }))], state };
}

async function measureAlone({ generator }: BenchRun, options: Options, { transport }: PartPlan): Promise<Measured> {
  const target = await startTarget(["bench/receivers-only.ts"]);
  try {
    await generator.connect(transport, target.port(transport));
    const name = transport === "grpc" ? "grpc-js alone" : `${transport} alone`;
    return await measurePeak(name, target, generator, options);
  } finally {
    await target.stop();
  }
}

type PartTarget = PartPlan & { readonly collector: CollectorTarget };

async function measureCollector(
  { generator }: BenchRun,
  options: Options,
  { transport, tokens, collector }: PartTarget,
): Promise<readonly Measured[]> {
  const name = `collector, ${transport}${TOKENS_SAY[tokens]}`;
  await generator.connect(transport, collector.port(transport));
  const peak = await measurePeak(name, collector, generator, options);
  if (options.isProfiled) return [peak];
  const phase = pacedPhase(peak, 0.5, options.seconds);
  return [peak, await measure(`${name}, half load`, collector, generator, phase)];
}

function profileFlags({ folder }: BenchRun, { isProfiled }: Options): readonly string[] {
  return isProfiled ? ["--cpu-prof", `--cpu-prof-dir=${folder}`] : [];
}

/** Compared are: a receiver alone with gRPC's; the collector with its receiver; what else it is given with the first. */
function describeResults(results: readonly Result[]): string {
  const rows = results.flatMap((result) => result.rows);
  const loads = results.map(({ load }, index) => `load ${index + 1}: ${load}`);
  const states = results.map(({ state }, index) => `load ${index + 1}: ${describeState(state)}`);
  const table = describeMeasured(rows, (row) =>
    rows.find(({ isAlone, transport, tokens }) => isAlone && transport === row.transport && tokens === row.tokens),
  );
  return `${loads.join("\n")}\n\n${table}\n\n${states.join("\n")}`;
}
