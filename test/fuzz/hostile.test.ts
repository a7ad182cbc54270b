import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../simulation/random.ts";
import { type CollectorProcess, startCollectorProcess } from "../support/collector-process.ts";
import { killAtEnd } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { type Holdings, holdingsOf, MISDEEDS, requireClosed, requireService } from "./hostile-senders.ts";

const folder = scratchFolder();
killAtEnd();
const random = new Random(1);
let collector: CollectorProcess;
let before: Holdings;

beforeAll(async () => {
  collector = await startCollectorProcess({ folder });
  await requireService(collector, random);
  before = await holdingsOf(collector);
}, 60_000);

test.for(MISDEEDS)(
  "the collector serves on when a sender does this. %s",
  { timeout: 60_000 },
  async ([, misbehave]) => {
    await misbehave(collector, random);
    await requireService(collector, random);
    expect(collector.process.end()).toBe(null);
  },
);

afterAll(async () => {
  await requireClosed(collector, before, 1);
  expect(collector.process.err()).not.toMatch(/Error|failed inside/u);
  expect(await collector.stop()).toMatchObject({ code: 0 });
}, 60_000);
