import { expect, onTestFinished, test } from "vitest";
import { CommitLoop } from "../src/commit-loop.ts";
import { OperatingError } from "../src/model/operating-error.ts";
import type { CommitBatch } from "../src/model/store.ts";
import { NOTHING } from "./record/samples.ts";
import { until } from "./support/until.ts";

const FULL = new OperatingError("storage-full", "cannot write to the database: the disk is full");
const SIGHTING = {
  environment: "default",
  service: "web",
  runtime: null,
  release: null,
  spanCount: 1,
  inboundCount: 0,
  inboundCredentialCount: 0,
  outboundCount: 0,
  outboundCredentialCount: 0,
  seenMs: 0,
};

/** A loop over a store that can be told to fail; `see` is something that has to be written. */
function createLoop({ gatherMs = 5, idleMs = 20 } = {}) {
  const written: CommitBatch[] = [];
  const reports: string[] = [];
  const state = {
    failure: null as Error | null,
    pending: [] as (typeof SIGHTING)[],
    disk: Promise.resolve(),
    isHolding: false,
  };
  const loop = new CommitLoop({
    store: {
      commit: async (batch) => {
        if (state.failure !== null) throw state.failure;
        written.push(batch);
      },
      isHolding: () => state.isHolding,
      sync: () => state.disk,
    },
    conclude: () => ({ ...NOTHING, services: state.pending.splice(0) }),
    gatherMs,
    idleMs,
    report: (message) => reports.push(message),
  });
  onTestFinished(() => loop.stop());
  const see = (service: string) => {
    state.pending.push({ ...SIGHTING, service });
    return loop.committed();
  };
  return { loop, see, written, reports, state };
}

function services(written: readonly CommitBatch[]): string[][] {
  return written.map((batch) => batch.services.map(({ service }) => service));
}

test("what comes in within a few milliseconds is one transaction, and is answered after it", async () => {
  const { see, written } = createLoop();
  await Promise.all([see("a"), see("b"), see("c")]);
  expect(services(written)).toEqual([["a", "b", "c"]]);
});

test("what comes in later is the next transaction, and time without traffic writes nothing", async () => {
  const { loop, see, written } = createLoop();
  await see("a");
  const before = loop.commits;
  await until("time has passed", () => loop.commits > before + 1);
  await see("b");
  expect(services(written)).toEqual([["a"], ["b"]]);
});

test("while the store fails everybody is told to come back, and afterwards nothing is missing or written twice", async () => {
  const { loop, see, written, reports, state } = createLoop();
  state.failure = FULL;
  await expect(see("a")).rejects.toMatchObject({
    code: "storage-full",
    message: expect.stringContaining("send again"),
  });
  expect(loop.failure).toBe(FULL);
  expect(() => loop.requireWritable()).toThrowError(expect.objectContaining({ code: "storage-full" }));
  state.failure = null;
  await until("it writes again", () => loop.failure === null);
  loop.requireWritable();
  await see("b");
  expect(services(written)).toEqual([["a"], ["b"]]);
  expect(reports).toEqual([
    `${FULL.message}; export requests are refused until it can be`,
    "the database can be written again",
  ]);
});

test("a long failure is reported once", async () => {
  const { loop, see, reports, state } = createLoop();
  state.failure = FULL;
  await expect(see("a")).rejects.toThrow();
  const before = loop.commits;
  await until("it has tried again", () => loop.commits > before + 2);
  expect(reports).toHaveLength(1);
  state.failure = null;
});

test("what the store holds back comes forward without traffic", async () => {
  const { loop, see, written, state } = createLoop();
  await see("a");
  state.isHolding = true;
  await until("an empty commit", () => services(written).length === 2);
  state.isHolding = false;
  const before = loop.commits;
  await until("time has passed", () => loop.commits > before + 2);
  expect(services(written).slice(1).flat()).toEqual([]);
});

test("what was added from elsewhere is written with the next commit", async () => {
  const { loop, written } = createLoop();
  loop.add({ services: [{ ...SIGHTING, service: "from-elsewhere" }] });
  await loop.committed();
  expect(services(written)).toEqual([["from-elsewhere"]]);
});

test("stopping commits and answers what was taken", async () => {
  const { loop, see, written } = createLoop();
  const taken = see("a");
  await loop.stop();
  await taken;
  expect(services(written)).toEqual([["a"]]);
});

test("while the disk is waited for nobody is answered, and what comes in meanwhile is written once, after it", async () => {
  const { loop, see, written, state } = createLoop();
  const disk = Promise.withResolvers<void>();
  state.disk = disk.promise;
  const answered: string[] = [];
  const first = see("a").then(() => answered.push("a"));
  await until("the first commit is written", () => written.length === 1);
  const second = see("b").then(() => answered.push("b"));
  loop.add({ services: [{ ...SIGHTING, service: "c" }] });
  expect(answered).toEqual([]);
  disk.resolve();
  await Promise.all([first, second]);
  expect(services(written)).toEqual([["a"], ["c", "b"]]);
});

test("enough spans are a commit of their own at once", async () => {
  const { loop, written, state } = createLoop({ gatherMs: 60_000, idleMs: 60_000 });
  state.pending.push(SIGHTING);
  await loop.committed(100_000);
  expect(written).toHaveLength(1);
});
