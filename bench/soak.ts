import { benchRun, type CollectorTarget } from "./bench-run.ts";
import { type CollectorState, describeState, readCollectorState } from "./collector-state.ts";
import { type Measured, measure, measurePeak, pacedPhase, rate } from "./measure.ts";
import type { Options } from "./options.ts";
import { RssSampler } from "./rss-sampler.ts";
import { sizeMib } from "./stored-totals.ts";
import { decimal, printTable, whole } from "./table.ts";

/** Two pairing windows, after which as many spans leave as come in. */
const WARM_UP_SECONDS = 60;

type Soak = {
  readonly peak: Measured;
  readonly paced: Measured;
  readonly rssMib: readonly number[];
  readonly dbMib: number;
  readonly state: CollectorState;
};

/** The load at a share of the peak for long, with the real window: does memory stay where it is? */
export async function benchSoak(options: Options): Promise<string> {
  return benchRun(async (run) => {
    const load = await run.createLoad({ seed: options.seed, spans: options.spans });
    const collector = await run.startCollector();
    await run.generator.connect("grpc", collector.port("grpc"));
    // The peak that lasts: until its windows are full, a collector takes a tenth more.
    await run.generator.send({ inFlight: options.inFlight, requestsASecond: null, seconds: WARM_UP_SECONDS });
    const peak = await measurePeak("peak", collector, run.generator, options);
    const share = options.ratePercent / 100;
    await run.generator.send(pacedPhase(peak, share, WARM_UP_SECONDS));
    const sampler = new RssSampler(collector);
    const phase = pacedPhase(peak, share, options.minutes * 60);
    const paced = await measure("paced", collector, run.generator, phase);
    const soak = { peak, paced, rssMib: sampler.stop(), ...(await readEnd(collector)) };
    return options.isJson ? JSON.stringify(soak, null, 2) : `${load}\n\n${describe(soak, options)}`;
  });
}

async function readEnd({ dbFile, apiPort }: CollectorTarget): Promise<Pick<Soak, "dbMib" | "state">> {
  return { dbMib: sizeMib(dbFile), state: await readCollectorState(apiPort) };
}

function describe({ peak, paced, rssMib, dbMib, state }: Soak, { minutes, ratePercent }: Options): string {
  const third = Math.max(1, Math.min(60, Math.floor(rssMib.length / 3)));
  const first = mean(rssMib.slice(0, third));
  const last = mean(rssMib.slice(-third));
  const table = printTable(
    ["", "spans/s", "RSS first", "last", "max MiB", "drift", "refused", "failed", "p50 ms", "p99 ms", "database MiB"],
    [
      [
        `${minutes} min at ${ratePercent} %`,
        ...[rate(paced), first, last, Math.max(...rssMib)].map(whole),
        `${decimal((100 * (last - first)) / first, 1)} %`,
        ...[paced.refusedForNow, paced.failed].map(whole),
        ...[paced.p50Ms, paced.p99Ms].map((ms) => decimal(ms, 1)),
        whole(dbMib),
      ],
    ],
  );
  const note = `Peak ${whole(rate(peak))} spans/s. RSS once a second; first and last are means of ${third} s, after a warm-up of ${WARM_UP_SECONDS} s.`;
  return `${table}\n\n${note}\n${describeState(state)}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
