import type { GeneratorProcess } from "./generator-process.ts";
import type { Phase, PhaseResult } from "./send-phase.ts";
import { decimal, printTable, whole } from "./table.ts";
import type { Target } from "./target.ts";

/** Before what is measured, so that code is compiled and tables have grown. */
export const WARM_UP_SECONDS = 5;
/** Where requests come at a rate more may wait, so that a slow moment delays them and does not thin them out. */
export const PACED_IN_FLIGHT = 128;

/** One row of figures. */
export type Measured = PhaseResult & { readonly name: string; readonly cpuSeconds: number; readonly rssMaxMib: number };

type Load = { readonly seconds: number; readonly inFlight: number };

/** Sends a phase of the load, with what the target took meanwhile. */
export async function measure(
  name: string,
  target: Target,
  generator: GeneratorProcess,
  phase: Phase,
): Promise<Measured> {
  const before = target.cpuSeconds();
  const result = await generator.send(phase);
  return { name, ...result, cpuSeconds: target.cpuSeconds() - before, rssMaxMib: target.rssMaxMib() };
}

/** Sends as much as is acknowledged, after a warm-up. */
export async function measurePeak(
  name: string,
  target: Target,
  generator: GeneratorProcess,
  { seconds, inFlight }: Load,
): Promise<Measured> {
  const phase = { inFlight, requestsASecond: null };
  await generator.send({ ...phase, seconds: WARM_UP_SECONDS });
  return measure(name, target, generator, { ...phase, seconds });
}

/** A phase at a share of what was taken at the peak. */
export function pacedPhase(peak: Measured, share: number, seconds: number): Phase {
  return { seconds, inFlight: PACED_IN_FLIGHT, requestsASecond: (peak.requests / peak.seconds) * share };
}

/** Spans acknowledged a second. */
export function rate({ spans, seconds }: PhaseResult): number {
  return spans / seconds;
}

/** Rows as a table; the rate and the CPU time also as shares of those of the row that each is compared with. */
export function describeMeasured<Row extends Measured>(
  rows: readonly Row[],
  compared: (row: Row) => Measured | undefined,
): string {
  return printTable(
    ["", "spans/s", "rate to", "CPU s/M spans", "CPU to", "RSS max MiB", "p50 ms", "p99 ms", "refused", "sender CPU"],
    rows.map((row) => {
      const other = compared(row);
      return [
        row.name,
        whole(rate(row)),
        other === undefined ? "" : `${whole((100 * rate(row)) / rate(other))} %`,
        decimal(cpuAMillionSpans(row)),
        other === undefined ? "" : decimal(cpuAMillionSpans(row) / cpuAMillionSpans(other)),
        whole(row.rssMaxMib),
        decimal(row.p50Ms, 1),
        decimal(row.p99Ms, 1),
        whole(row.refusedForNow + row.failed),
        `${whole((100 * row.generatorCpuSeconds) / row.seconds)} %`,
      ];
    }),
  );
}

function cpuAMillionSpans({ cpuSeconds, spans }: Measured): number {
  return (cpuSeconds / spans) * 1e6;
}
