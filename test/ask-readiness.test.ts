import { expect, test } from "vitest";
import { askReadiness } from "../src/ask-readiness.ts";
import { OperatingError } from "../src/model/operating-error.ts";
import type { Readiness } from "../src/review/api/api-server.ts";

const READY: Readiness = { isReady: true, problems: [], details: { database: "x" } };

test("an engine that answers is quoted", async () => {
  expect(await askReadiness(async () => READY, 60_000)()).toBe(READY);
});

test("an engine that is busy is not ready, is asked once, and may answer later", async () => {
  const answer = Promise.withResolvers<Readiness>();
  let asked = 0;
  const readiness = askReadiness(() => {
    asked += 1;
    return answer.promise;
  }, 1);
  for (const { isReady, problems } of await Promise.all([readiness(), readiness()])) {
    expect(isReady).toBe(false);
    expect(problems).toEqual(["the engine is busy and has not answered yet"]);
  }
  expect(asked).toBe(1);
  answer.resolve(READY);
  await answer.promise;
  expect((await readiness()).isReady).toBe(true);
});

test("an engine that has ended is not ready, and says why", async () => {
  const ended = async () => {
    throw new OperatingError("shutting-down", "the collector ended");
  };
  expect(await askReadiness(ended, 60_000)()).toMatchObject({ isReady: false, problems: ["the collector ended"] });
});
