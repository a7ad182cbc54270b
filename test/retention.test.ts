import { expect, onTestFinished, test } from "vitest";
import { OperatingError } from "../src/model/operating-error.ts";
import type { Cutoffs } from "../src/model/store.ts";
import { startRetention } from "../src/retention.ts";
import { until } from "./support/until.ts";

const DAY_MS = 86_400_000;

test("retention takes one small step after the other while there is more, and survives a full disk", async () => {
  const asked: Cutoffs[] = [];
  const forget = async (cutoffs: Cutoffs): Promise<boolean> => {
    asked.push(cutoffs);
    if (asked.length === 3) throw new OperatingError("storage-full", "the disk is full");
    return true;
  };
  const clocks = { nowMs: () => 100 * DAY_MS, collectorMs: () => 50_000, producersMs: 20_000 };
  const retention = startRetention({ store: { forget }, ...clocks, everyMs: 5, stepMs: 1 });
  onTestFinished(retention.stop);
  await until("it goes on after a failure", () => asked.length > 4);
  expect(asked[0]).toEqual({
    ...{ countsMs: 70 * DAY_MS, fingerprintsMs: 70 * DAY_MS },
    ...{ identitiesMs: -300 * DAY_MS, producersMs: 30_000 },
  });
});
