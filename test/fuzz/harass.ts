import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../simulation/random.ts";
import { startCollectorProcess } from "../support/collector-process.ts";
import { holdingsOf, MISDEEDS, requireClosed, requireService } from "./hostile-senders.ts";

/** Senders that misbehave at the same time. */
const SENDERS = 3;

export type HarassResult = { readonly misdeeds: number; readonly megabytes: number; readonly defect: string | null };

/** Lets hostile senders, drawn at random, loose on one collector, and asks after each whether it still serves. */
export async function harass(seed: number, seconds: number): Promise<HarassResult> {
  const folder = mkdtempSync(join(tmpdir(), "trustdrift-harass-"));
  const collector = await startCollectorProcess({ folder });
  const before = await holdingsOf(collector);
  const endMs = performance.now() + seconds * 1_000;
  const done: string[] = [];
  const harassFrom = async (sender: number): Promise<void> => {
    const random = new Random(seed * SENDERS + sender);
    while (performance.now() < endMs) {
      const [name, misbehave] = random.pick(MISDEEDS);
      done.push(name);
      await misbehave(collector, random);
      await requireService(collector, random);
    }
  };
  const defect = await whatWentWrong(async () => {
    await Promise.all(Array.from({ length: SENDERS }, (_, sender) => harassFrom(sender)));
    await requireClosed(collector, before, SENDERS);
    if (/Error|failed inside/u.test(collector.process.err())) throw new Error("the collector logged an error");
  });
  const megabytes = defect === null ? Math.round((await holdingsOf(collector)).bytes / 1e6) : 0;
  const { err, code } = await collector.stop();
  rmSync(folder, { recursive: true });
  if (defect === null && code === 0) return { misdeeds: done.length, megabytes, defect };
  const last = done.slice(-2 * SENDERS).join("; ");
  return { misdeeds: done.length, megabytes, defect: `${defect ?? `ended with ${code}`}\nlast: ${last}\n${err}` };
}

async function whatWentWrong(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return String(error);
  }
}
