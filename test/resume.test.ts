import fc from "fast-check";
import { expect, test } from "vitest";
import { buildRooms } from "../src/build-rooms.ts";
import type { Baseline } from "../src/model/baseline.ts";
import { EMPTY_COMMIT, EVERY_ALERT, type Store } from "../src/model/store.ts";
import { recallFacts } from "../src/open-engine.ts";
import { changeBaseline, conclude, ingest, type Rooms } from "../src/pipeline.ts";
import { openStore } from "../src/record/sqlite-store.ts";
import { resume } from "../src/resume.ts";
import { shuffle } from "./support/assemble.ts";
import { type DrawnSpan, drawSpans, requestOf } from "./support/draw.ts";
import { encodeRequest } from "./support/otlp.ts";
import { baselineOf } from "./support/pipeline.ts";

// A collector that was killed, or stopped, and started again ends like one that never was, however late it is.

const EVER = { fromMs: null, toMs: null };
const WINDOW_MS = 3_000;
const PRODUCER_MS = 3_600_000;
const MINUTE_MS = 60_000;
const START_MS = 1_000_000_000;
const fingerprintKey = { id: "test", bytes: new Uint8Array(32).fill(7) };
const EXPIRED_S = Date.UTC(2025, 0, 1) / 1000;
const Q = "messaging.system=kafka, messaging.destination.name=Q";

const SHOP = baselineOf(`
services:
  web: { calls: { app: {} } }
  app:
    accepts: [{ issuer: "https://id.example", audiences: [app-api] }]
    calls: { db: {} }
  db:
    accepts: [{ issuer: "https://id.example", audiences: [db-api] }]
`);
const TRUSTING = baselineOf(`
services:
  web: { calls: { app: {} } }
  app: { calls: { db: { token: { mode: passthrough, reason: "db acts for the user" } } } }
  db: {}
`);

const OK = "http.response.status_code=200";
const JWT = "trustdrift.credential.authorization.format=jwt";
const FOR_APP = `${JWT}, aud=app-api, iss=https://id.example, ${OK}`;
const SPANS = drawSpans(`
  web S#1; web C#2<1 {peer=x}; app I#3<2; app S#4<3 {fp=t, ${FOR_APP}, exp=${EXPIRED_S}}
  app C#5<4 {server.address=h}; app C#6<5 {fp=t, ${JWT}}; db S#7<6 {fp=t, ${FOR_APP}}; app P#8<4 {${Q}}; worker K#9@2 ~8@1 {${Q}}
  lost S#a<zz; web C#b<1 {peer=late}; late S#c<b; app C#d<4 {db.system=redis, server.address=cache}
  thief C#1@3 +5; app S#2<1@3 {fp=t, ${FOR_APP}} +5; app C#1@4 +6; db S#2<1@4 {fp=u, ${FOR_APP}} +6
  shop/thief C#1@5 +9 [telemetry.sdk.language=go]; db S#2<1@5 {fp=u, ${FOR_APP}} +9; thief C#3@5 +12; app S#4<3@5 {fp=u, ${JWT}} +12
  app C#1@6 +20; db S#2<1@6 {fp=t, ${FOR_APP}} +20; worker K#1@7 ~8@1; app C#1@8 +1; db S#2<1@8 {fp=u, ${FOR_APP}} +1
  app P#1@9 {peer=worker}; worker K#1@a ~1@9
`);

type Home = { readonly store: Store; readonly baseline: Baseline };

/** Rooms that go on where the store ends, as the collector makes them. */
async function open({ store, baseline }: Home): Promise<Rooms> {
  const assembler = { waitingMax: 1024, settleMs: WINDOW_MS / 2, windowMs: WINDOW_MS, producerMs: PRODUCER_MS };
  const [alerts, shapes] = [store.bookedAlerts(), await store.shapes()];
  const facts = await recallFacts(store);
  const rooms = buildRooms({ baseline, fingerprintKey, alerts, shapes, facts, assembler });
  const options = { windowMs: WINDOW_MS, producerMs: PRODUCER_MS, clock: () => 0, progress: () => {} };
  const resumed = resume(store, rooms, options);
  if (resumed !== null) await store.commit({ ...EMPTY_COMMIT, newShapes: resumed.newShapes });
  return rooms;
}

/** A collector in time, which can be killed: what counts is what it has committed. */
class Life {
  readonly #home: Home;
  #rooms: Rooms;
  #atMs = START_MS;

  private constructor(home: Home, rooms: Rooms) {
    this.#home = home;
    this.#rooms = rooms;
  }

  static async begin(baseline: Baseline): Promise<Life> {
    const home = { store: openStore(":memory:"), baseline };
    return new Life(home, await open(home));
  }

  /** Time passes as it does in an idle collector: in small steps that are written where something came of them. */
  async wait(ms: number): Promise<void> {
    const endMs = this.#atMs + ms;
    while (this.#atMs < endMs) {
      this.#atMs = Math.min(endMs, this.#atMs + (endMs - this.#atMs > 2 * MINUTE_MS ? MINUTE_MS : WINDOW_MS / 4));
      await this.#commit([]);
    }
  }

  async send(span: DrawnSpan): Promise<void> {
    const request = { bytes: encodeRequest(requestOf([span])), encoding: "protobuf" } as const;
    const batch = ingest(request, this.#rooms, this.#atMs);
    await this.#commit([{ atMs: this.#atMs, batch, digest: null }]);
  }

  async killAndStart(): Promise<void> {
    this.#rooms = await open(this.#home);
  }

  async load(baseline: Baseline): Promise<void> {
    const changes = changeBaseline(baseline, this.#rooms, this.#atMs);
    await this.#commit([], changes);
  }

  /** What is stored in the end. */
  async end(): Promise<Outcome> {
    await this.wait(4 * WINDOW_MS);
    const { store } = this.#home;
    const alerts = (await store.alerts(EVERY_ALERT)).map(({ key, finding, status, count, firstSeenMs, evidence }) => {
      return { key, rule: finding.rule, status, count, firstSeenMs, evidence };
    });
    const edges = await store.edges(EVER);
    store.close();
    return { edges, alerts: alerts.sort((one, other) => (one.key < other.key ? -1 : 1)) };
  }

  async #commit(journal: Parameters<Store["commit"]>[0]["journal"], changes = {}): Promise<void> {
    const batch = { ...conclude(this.#rooms, this.#atMs), ...changes };
    const hasFacts = Object.values(batch).some((part) => part.length > 0);
    const tick = hasFacts ? [{ atMs: this.#atMs, batch: null, digest: null }] : [];
    await this.#home.store.commit({ ...batch, journal: [...journal, ...tick] });
  }
}

type Outcome = {
  readonly edges: readonly { readonly type: string; readonly caller: string; readonly callee: string }[];
  readonly alerts: readonly { readonly rule: string; readonly count: number }[];
};

/** Sends spans in some order, with pauses, and kills the collector after some of them. */
async function run(seed: number, pauses: readonly number[], kills: ReadonlySet<number>): Promise<Outcome> {
  const life = await Life.begin(SHOP);
  for (const [sent, span] of [...shuffle(SPANS, seed)].entries()) {
    await life.wait(pauses[sent % pauses.length] ?? 200);
    await life.send(span);
    if (kills.has(sent)) await life.killAndStart();
  }
  return life.end();
}

test("killed after any sends and resumed ends like never killed: edges, counts, times and alerts", async () => {
  const kills = fc.uniqueArray(fc.nat({ max: SPANS.length - 1 }), { minLength: 1, maxLength: 4 });
  const pause = fc.constantFrom(200, 200, 200, 1_000, 10 * WINDOW_MS, 20 * MINUTE_MS);
  const pauses = fc.array(pause, { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 10_000 }), pauses, kills, async (seed, waited, killed) => {
      expect(await run(seed, waited, new Set(killed))).toEqual(await run(seed, waited, new Set()));
    }),
    { numRuns: 50 },
  );
});

test("the run that is compared with has edges of every kind, and alerts on pairs of credentials", async () => {
  const { edges, alerts } = await run(1, [50], new Set());
  expect(new Set(edges.map(({ type }) => type))).toEqual(new Set(["direct", "destination", "logical"]));
  const rules = new Set(alerts.map(({ rule }) => rule));
  expect([...rules]).toEqual(expect.arrayContaining(["token-multi-presenter", "expired-token-accepted"]));
});

/**
 * The same scenes, each after a pause in which others send; the collector is killed in every pause, or never. What came
 * before the pause is then not in the part of the journal that is read again.
 */
async function play(
  scenes: readonly string[],
  { pauseMs, isKilled }: { readonly pauseMs: number; readonly isKilled: boolean },
): Promise<Outcome> {
  const life = await Life.begin(SHOP);
  for (const [scene, drawing] of scenes.entries()) {
    if (scene > 0) {
      await life.wait(pauseMs);
      for (const span of drawSpans(`other S#1@other${scene}`)) await life.send(span);
      if (isKilled) await life.killAndStart();
    }
    for (const span of drawSpans(drawing)) await life.send(span);
  }
  return life.end();
}

async function checkAsUnsplit(scenes: readonly string[], pauseMs: number): Promise<Outcome> {
  const unsplit = await play(scenes, { pauseMs, isKilled: false });
  expect(await play(scenes, { pauseMs, isKilled: true })).toEqual(unsplit);
  return unsplit;
}

test("a token that is stolen hours after its one use, with a restart in between, is noticed", async () => {
  const scenes = [
    `web C#1; app S#2<1 {fp=t, ${FOR_APP}}`,
    `thief C#1@2 +9; app S#2<1@2 {fp=t, ${FOR_APP}} +9`,
    `thief C#1@3 +12; app S#2<1@3 {fp=t, ${FOR_APP}} +12`,
  ];
  const { alerts } = await checkAsUnsplit(scenes, 5 * 60 * MINUTE_MS);
  const thefts = alerts.filter(({ rule }) => rule === "token-multi-presenter");
  expect(thefts.map(({ count }) => count)).toEqual([2]);
});

test("a link finds a producer of 50 minutes ago, with a restart in between, and not one of 3 hours ago", async () => {
  const scenes = [`app P#8 {${Q}}`, "worker K#1@7 ~8@1 {messaging.system=kafka}"];
  const [soon, late] = [await checkAsUnsplit(scenes, 50 * MINUTE_MS), await checkAsUnsplit(scenes, 180 * MINUTE_MS)];
  const logical = ({ edges }: Outcome) => edges.filter(({ type }) => type === "logical");
  expect(logical(soon)).toMatchObject([{ caller: "app", callee: "worker", operations: ["publish:Q"] }]);
  expect(logical(late)).toEqual([]);
});

test("a mismatch that is part of a relay stays part of it after a restart, also where the relay is not seen again", async () => {
  const relay = `app S#1 {fp=t, ${FOR_APP}}; app C#2<1 {fp=t, ${JWT}}; db S#3<2 {fp=t, ${FOR_APP}}`;
  const { alerts } = await checkAsUnsplit([relay, `app C#1@2; db S#2<1@2 {fp=v, ${FOR_APP}}`], 60 * MINUTE_MS);
  expect(alerts.map(({ rule }) => rule)).toContain("token-relayed-past-audience");
  expect(alerts.map(({ rule }) => rule)).not.toContain("audience-mismatch-accepted");
});

test("half of a hop that is read again without its other half is no pair of its own", async () => {
  const scenes = [
    `app S#1 {fp=t, ${FOR_APP}}; db S#3<2 {fp=t, ${JWT}}`,
    `app C#2<1 {fp=t, ${JWT}, peer=stock}`,
    "web S#1@2",
    `thief C#1@3 +9; app S#2<1@3 {fp=t, ${FOR_APP}} +9`,
  ];
  const { alerts } = await checkAsUnsplit(scenes, 0.75 * WINDOW_MS);
  expect(alerts.map(({ rule }) => rule)).toContain("token-relayed");
});

test("a long replay tells how far it is, about once a second", async () => {
  const home = { store: openStore(":memory:"), baseline: SHOP };
  const rooms = await open(home);
  for (const [second, span] of SPANS.slice(0, 5).entries()) {
    const atMs = START_MS + second * 1_000;
    const batch = ingest({ bytes: encodeRequest(requestOf([span])), encoding: "protobuf" }, rooms, atMs);
    await home.store.commit({ ...conclude(rooms, atMs), journal: [{ atMs, batch, digest: null }] });
  }
  const told: number[][] = [];
  let clockMs = 0;
  const resumed = resume(home.store, rooms, {
    windowMs: WINDOW_MS,
    producerMs: PRODUCER_MS,
    clock: () => (clockMs += 400),
    progress: ({ requests, spans, fraction }) => told.push([requests, spans, Math.round(fraction * 100)]),
  });
  home.store.close();
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(5);
  expect(told[0]?.[2]).toBeGreaterThan(33);
  expect(resumed).toMatchObject({ requests: 5, spans: 5, fraction: 1, endMs: START_MS + 4_000 });
});

test.for([false, true])("a relay that a later baseline covers is accepted, restarted (%s) or not", async (isKilled) => {
  const life = await Life.begin(SHOP);
  for (const span of drawSpans(`app S#1 {fp=t, ${FOR_APP}}; app C#2<1 {fp=t, ${JWT}}; db S#3<2 {fp=t, ${FOR_APP}}`)) {
    await life.send(span);
  }
  await life.wait(10 * WINDOW_MS);
  if (isKilled) await life.killAndStart();
  await life.load(TRUSTING);
  const { alerts } = await life.end();
  const relays = alerts.filter(({ rule }) => rule.startsWith("token-relayed"));
  expect(relays).not.toEqual([]);
  for (const relay of relays) expect(relay).toMatchObject({ status: "accepted" });
});

test("what a later hop tells of a credential is remembered, though nothing else about it is new", async () => {
  expect(await run(1, [200], new Set([24, 0]))).toEqual(await run(1, [200], new Set()));
});
