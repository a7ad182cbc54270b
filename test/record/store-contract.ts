import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Alert } from "../../src/model/alert.ts";
import { ALIAS_KEPT_MS } from "../../src/model/alias.ts";
import type { AlertFilter, CommitBatch, Cutoffs, Store } from "../../src/model/store.ts";
import {
  ANY_ALERT,
  alert,
  alias,
  audit,
  counted,
  credential,
  EVER,
  evidence,
  exchange,
  finding,
  HOUR_MS,
  NOON_MS,
  NOTHING,
  newShape,
  oddity,
  pairs,
  producers,
  relay,
  reuse,
  sighting,
  uses,
} from "./samples.ts";

const OUTSIDE = { kind: "external", name: "external" } as const;

/** What every implementation of `Store` promises; `open` makes an empty one. */
export function checkStoreContract(name: string, open: () => Store): void {
  describe(name, () => {
    let store: Store;
    beforeEach(() => {
      store = open();
    });
    afterEach(() => store.close());
    const commit = (batch: Partial<CommitBatch>) => store.commit({ ...NOTHING, ...batch });
    checkEdges(() => store, commit);
    checkTimes(() => store, commit);
    checkAliases(() => store, commit);
    checkServicesAndCredentials(() => store, commit);
    checkAlerts(() => store, commit);
    checkWhole(() => store, commit);
    checkMemory(() => store, commit);
    checkIdentityUses(() => store, commit);
    checkForgetting(() => store, commit);
  });
}

type Commit = (batch: Partial<CommitBatch>) => Promise<void>;

function checkEdges(store: () => Store, commit: Commit): void {
  const names = async (range = EVER as Parameters<Store["edges"]>[0]) =>
    (await store().edges(range)).map((edge) => `${edge.caller} -> ${edge.callee} ${edge.count}`);

  test("an empty store answers every question with nothing", async () => {
    expect(await store().edges(EVER)).toEqual([]);
    expect(await store().services(EVER)).toEqual([]);
    expect(await store().credentials(EVER)).toEqual([]);
    expect(await store().alerts(ANY_ALERT)).toEqual([]);
    expect(await store().alert("01KE")).toBeNull();
    expect(await store().audit("01KE")).toEqual([]);
    expect(await store().latestBaseline()).toBeNull();
  });

  test("an edge sums the shapes of its two ends, with their operations, audiences and best confidence", async () => {
    const bearer = credential({ audiences: ["payments", "ledger"] });
    await commit({
      newShapes: [
        newShape({ key: "a", operation: "POST /pay" }),
        newShape({ key: "b", operation: "GET /fees", credential: bearer, credentialSeenBy: "callee" }),
        newShape({ key: "c", operation: null, credential: credential({ audiences: null }) }),
      ],
      counts: [
        counted({ shapeKey: "a", count: 2, confidence: "peer", lastSeenMs: NOON_MS + 5.5 }),
        counted({ shapeKey: "b", count: 3, confidence: "parent", firstSeenMs: NOON_MS - HOUR_MS }),
        counted({ shapeKey: "c", count: 4, confidence: "peer" }),
      ],
    });
    expect(await store().edges(EVER)).toEqual([
      {
        environment: "prod",
        caller: "checkout",
        callerKind: "service",
        callee: "payments",
        calleeKind: "service",
        type: "direct",
        via: null,
        operations: ["GET /fees", "POST /pay"],
        audiences: ["ledger", "payments"],
        confidence: "parent",
        count: 9,
        estimated: 9,
        counts: { paired: 0, parent: 3, link: 0, alias: 0, peer: 6, root: 0 },
        firstSeen: "2026-01-02T11:00:00.000Z",
        lastSeen: "2026-01-02T12:00:00.005Z",
      },
    ]);
  });

  test("edges differ by environment, kind, type and destination, and come sorted by caller and callee", async () => {
    const shapes = [
      newShape({ key: "a", caller: { kind: "service", name: "web" } }),
      newShape({ key: "b", environment: "test" }),
      newShape({ key: "c", type: "logical", via: "orders" }),
      newShape({ key: "d", type: "logical", via: "refunds" }),
      newShape({ key: "e", callee: { kind: "datastore", name: "payments" } }),
      newShape({ key: "f" }),
    ];
    await commit({ newShapes: shapes, counts: shapes.map(({ shape }) => counted({ shapeKey: shape.key })) });
    const edges = await store().edges(EVER);
    expect(edges.map((edge) => [edge.caller, edge.environment, edge.calleeKind, edge.type, edge.via])).toEqual([
      ["checkout", "prod", "datastore", "direct", null],
      ["checkout", "prod", "service", "direct", null],
      ["checkout", "prod", "service", "logical", "orders"],
      ["checkout", "prod", "service", "logical", "refunds"],
      ["checkout", "test", "service", "direct", null],
      ["web", "prod", "service", "direct", null],
    ]);
  });

  test("shapes come back as they were found, but for those that were retracted", async () => {
    const seen = newShape({ key: "a", via: "orders", type: "logical", isExpired: true });
    const bare = newShape({ key: "b", credential: null, credentialSeenBy: null, callerEnvironment: null });
    const gone = newShape({ key: "c" });
    await commit({
      newShapes: [seen, bare, gone],
      counts: [
        counted({ shapeKey: "a", confidence: "parent" }),
        counted({ shapeKey: "b", confidence: "parent" }),
        counted({ shapeKey: "c", confidence: "parent" }),
        counted({ shapeKey: "c", confidence: "parent", count: -1 }),
      ],
    });
    const shapes = [...(await store().shapes())].sort((one, other) => (one.shape.key < other.shape.key ? -1 : 1));
    expect(shapes).toEqual(
      [seen, bare].map((found) => ({ ...found, confidence: "parent", count: 1, lastSeenMs: expect.any(Number) })),
    );
  });

  test("a shape seen again adds to its counts and keeps its first seen", async () => {
    await commit({ newShapes: [newShape()], counts: [counted({ firstSeenMs: NOON_MS - 1000 })] });
    await commit({ newShapes: [newShape()], counts: [counted({ count: 2, lastSeenMs: NOON_MS + 2000 })] });
    const [edge] = await store().edges(EVER);
    expect([edge?.count, edge?.firstSeen, edge?.lastSeen]).toEqual([
      3,
      "2026-01-02T11:59:59.000Z",
      "2026-01-02T12:00:02.000Z",
    ]);
  });

  test("an edge whose hops were all retracted is hidden, and shown again with its next hop", async () => {
    await commit({ newShapes: [newShape()], counts: [counted({ count: 2, confidence: "peer" })] });
    await commit({ counts: [counted({ count: -2, confidence: "peer", lastSeenMs: NOON_MS + HOUR_MS })] });
    expect(await names()).toEqual([]);
    await commit({ counts: [counted()] });
    expect(await names()).toEqual(["checkout -> payments 1"]);
  });

  test("a retraction moves neither first nor last seen", async () => {
    const retraction = { count: -1, firstSeenMs: NOON_MS - HOUR_MS, lastSeenMs: NOON_MS + HOUR_MS };
    await commit({ newShapes: [newShape()], counts: [counted({ count: 2 }), counted(retraction)] });
    const [edge] = await store().edges(EVER);
    const noon = "2026-01-02T12:00:00.000Z";
    expect([edge?.count, edge?.firstSeen, edge?.lastSeen]).toEqual([1, noon, noon]);
  });

  test("a retracted shape takes its operation and audiences from the edge", async () => {
    const wrong = newShape({ key: "wrong", operation: "GET /guess", credential: credential() });
    await commit({
      newShapes: [newShape(), wrong],
      counts: [counted(), counted({ shapeKey: "wrong" }), counted({ shapeKey: "wrong", count: -1 })],
    });
    const [edge] = await store().edges(EVER);
    expect([edge?.operations, edge?.audiences]).toEqual([["POST /pay"], []]);
  });

  test("an unattributed call is no edge, but its credential was received", async () => {
    const unseen = newShape({ type: "unattributed", caller: OUTSIDE, credential: credential() });
    await commit({ newShapes: [unseen], counts: [counted()] });
    expect(await names()).toEqual([]);
    const [family] = await store().credentials(EVER);
    expect([family?.presenters, family?.recipients]).toEqual([[], ["payments"]]);
  });

  test("an edge through a proxy is apart from the others", async () => {
    const proxied = newShape({ key: "b", caller: { kind: "service", name: "web" }, type: "proxied", via: "checkout" });
    await commit({
      newShapes: [newShape({ key: "a" }), proxied],
      counts: [counted({ shapeKey: "a" }), counted({ shapeKey: "b", count: 2 })],
    });
    expect(await names()).toEqual(["checkout -> payments 1"]);
    expect(await store().proxiedEdges(EVER)).toMatchObject([
      { caller: "web", callee: "payments", type: "proxied", via: "checkout", count: 2 },
    ]);
    expect(await store().proxiedEdges({ fromMs: NOON_MS + HOUR_MS, toMs: null })).toEqual([]);
  });

  test("what the hops stand for adds up beside them, is taken back with them, and is rounded", async () => {
    await commit({
      newShapes: [newShape({ key: "a" }), newShape({ key: "b", operation: null })],
      counts: [
        counted({ shapeKey: "a", count: 3, estimated: 12.5 }),
        counted({ shapeKey: "a", confidence: "peer", count: 2, estimated: 8 }),
        counted({ shapeKey: "b", count: 1, estimated: 1.25 }),
      ],
    });
    await commit({ counts: [counted({ shapeKey: "a", confidence: "peer", count: -2, estimated: -8 })] });
    const [edge] = await store().edges(EVER);
    expect([edge?.count, edge?.estimated]).toEqual([4, 14]);
  });

  test("an estimate is never below the count, also where a retraction in the range was of a hop before it", async () => {
    const later = { lastSeenMs: NOON_MS + HOUR_MS };
    await commit({
      newShapes: [newShape()],
      counts: [
        counted({ estimated: 4 }),
        counted({ count: -1, estimated: -4, ...later }),
        counted({ count: 3, estimated: 3, ...later }),
      ],
    });
    const [edge] = await store().edges({ fromMs: NOON_MS + HOUR_MS, toMs: null });
    expect([edge?.count, edge?.estimated]).toEqual([2, 2]);
  });
}

/** Numbers as in docs/conformance.md. */
function checkTimes(store: () => Store, commit: Commit): void {
  const names = async (fromMs: number | null, toMs: number | null) =>
    (await store().edges({ fromMs, toMs })).map((edge) => `${edge.caller} -> ${edge.callee} ${edge.count}`);

  test("96: a time range counts the hops of the hours that overlap it", async () => {
    await commit({
      newShapes: [newShape()],
      counts: [-2, 0, 1].map((hours) => counted({ count: 10 + hours, lastSeenMs: NOON_MS + hours * HOUR_MS })),
    });
    expect(await names(NOON_MS + 60_000, null)).toEqual(["checkout -> payments 21"]);
    expect(await names(null, NOON_MS - 1)).toEqual(["checkout -> payments 8"]);
    expect(await names(NOON_MS, NOON_MS)).toEqual(["checkout -> payments 10"]);
  });

  test("96: a range that ends before the data, or begins after it, is empty", async () => {
    const aliases = [alias({ firstSeenMs: NOON_MS - 5000, lastSeenMs: NOON_MS })];
    const bearer = newShape({ credential: credential() });
    await commit({ newShapes: [bearer], counts: [counted()], services: [sighting()], aliases });
    for (const range of [
      { fromMs: null, toMs: NOON_MS - HOUR_MS },
      { fromMs: NOON_MS + HOUR_MS, toMs: null },
    ]) {
      expect(await store().edges(range)).toEqual([]);
      expect((await store().graph(range)).edges).toEqual([]);
      expect(await store().aliases(range)).toEqual([]);
      expect(await store().services(range)).toEqual([]);
      expect(await store().credentials(range)).toEqual([]);
    }
  });

  test("96: a range between two times of data is empty, and one that holds both is whole", async () => {
    const counts = [0, 4].map((hours) => counted({ lastSeenMs: NOON_MS + hours * HOUR_MS }));
    await commit({ newShapes: [newShape()], counts });
    expect(await names(NOON_MS + HOUR_MS, NOON_MS + 3 * HOUR_MS)).toEqual([]);
    expect(await names(NOON_MS, NOON_MS + 4 * HOUR_MS)).toEqual(["checkout -> payments 2"]);
  });

  test("96: hops that straddle a bound count on one side of it, so ranges side by side add up", async () => {
    const straddling = { firstSeenMs: NOON_MS - 20, lastSeenMs: NOON_MS + 20 };
    await commit({ newShapes: [newShape()], counts: [counted({ ...straddling, count: 3 })] });
    expect(await names(null, NOON_MS - 1)).toEqual([]);
    expect(await names(NOON_MS, null)).toEqual(["checkout -> payments 3"]);
  });

  test("96: a retraction in the range of a hop before it does not count below zero", async () => {
    await commit({
      newShapes: [newShape()],
      counts: [
        counted({ confidence: "peer" }),
        counted({ confidence: "peer", count: -1, lastSeenMs: NOON_MS + HOUR_MS }),
        counted({ confidence: "paired", lastSeenMs: NOON_MS + HOUR_MS }),
      ],
    });
    const [edge] = await store().edges({ fromMs: NOON_MS + HOUR_MS, toMs: null });
    expect([edge?.count, edge?.counts.peer, edge?.confidence]).toEqual([1, 0, "paired"]);
  });

  test("96: a guess is in no range once it was taken back, also after the range's end", async () => {
    await commit({
      newShapes: [newShape(), newShape({ key: "other", callee: { kind: "service", name: "stock" } })],
      counts: [
        counted({ confidence: "peer" }),
        counted({ confidence: "peer", count: -1, lastSeenMs: NOON_MS + HOUR_MS }),
        counted({ shapeKey: "other", confidence: "peer", count: 3 }),
        counted({ shapeKey: "other", confidence: "peer", count: -1, lastSeenMs: NOON_MS + HOUR_MS }),
      ],
    });
    expect(await names(null, NOON_MS)).toEqual(["checkout -> stock 2"]);
  });

  test("96: what a guess stood for is in no range once it was taken back, also after the range's end", async () => {
    await commit({
      newShapes: [newShape()],
      counts: [
        counted({ confidence: "peer", count: 3, estimated: 12 }),
        counted({ confidence: "peer", count: -1, estimated: -4, lastSeenMs: NOON_MS + HOUR_MS }),
      ],
    });
    expect(await store().edges({ fromMs: null, toMs: NOON_MS })).toMatchObject([{ count: 2, estimated: 8 }]);
  });
}

function checkAliases(store: () => Store, commit: Commit): void {
  const byAddress = newShape({
    key: "address",
    callee: { kind: "external", name: "pay:8080" },
    operation: "GET /fees",
  });
  const guessed = counted({ shapeKey: "address", confidence: "peer", count: 2 });
  const names = async () =>
    (await store().edges(EVER)).map((edge) => `${edge.caller} -> ${edge.callee} ${edge.confidence} ${edge.count}`);

  test("54: an edge to an address is read as one to its service, and stored as it was counted", async () => {
    await commit({ newShapes: [byAddress], counts: [guessed], aliases: [alias()] });
    expect(await store().edges(EVER)).toMatchObject([
      { callee: "payments", calleeKind: "service", confidence: "alias", count: 2, counts: { alias: 2, peer: 0 } },
    ]);
    expect((await store().graph(EVER)).edges).toMatchObject([{ callee: "pay:8080", confidence: "peer" }]);
    expect((await store().shapes()).map(({ shape }) => shape.callee.name)).toEqual(["pay:8080"]);
  });

  test("54: it is one edge with the calls whose both ends were seen", async () => {
    await commit({ newShapes: [byAddress, newShape()], counts: [guessed, counted()], aliases: [alias()] });
    expect(await store().edges(EVER)).toMatchObject([
      {
        callee: "payments",
        confidence: "paired",
        operations: ["GET /fees", "POST /pay"],
        counts: { paired: 1, alias: 2 },
      },
    ]);
  });

  test("54: an address that several services answer for stays an address, and is shown", async () => {
    const aliases = [alias({ count: 3 }), alias({ service: "ledger", lastSeenMs: NOON_MS + 1000 })];
    await commit({ newShapes: [byAddress], counts: [guessed], aliases });
    expect(await names()).toEqual(["checkout -> pay:8080 peer 2"]);
    expect(await store().aliases(EVER)).toEqual([
      {
        environment: "prod",
        address: "pay:8080",
        meaning: "gateway-candidate",
        services: ["ledger", "payments"],
        count: 4,
        firstSeen: "2026-01-02T12:00:00.000Z",
        lastSeen: "2026-01-02T12:00:01.000Z",
      },
    ]);
  });

  test("54: what was taken back teaches no more, and moves no time", async () => {
    await commit({ newShapes: [byAddress], counts: [guessed], aliases: [alias({ count: 2 })] });
    await commit({ aliases: [alias({ count: -1, firstSeenMs: 0, lastSeenMs: NOON_MS + HOUR_MS })] });
    expect((await store().graph(EVER)).aliases).toEqual([alias()]);
    await commit({ aliases: [alias({ count: -1 })] });
    expect(await names()).toEqual(["checkout -> pay:8080 peer 2"]);
    expect(await store().aliases(EVER)).toEqual([]);
  });

  test("54: an address means its service for a week after the last hop that showed it", async () => {
    await commit({ newShapes: [byAddress], counts: [guessed], aliases: [alias()] });
    await commit({ aliases: [alias({ address: "stock", service: "stock", lastSeenMs: NOON_MS + ALIAS_KEPT_MS - 1 })] });
    expect(await names()).toEqual(["checkout -> payments alias 2"]);
    await commit({ aliases: [alias({ address: "stock", service: "stock", lastSeenMs: NOON_MS + ALIAS_KEPT_MS })] });
    expect(await names()).toEqual(["checkout -> pay:8080 peer 2"]);
    expect((await store().aliases(EVER)).map(({ address }) => address)).toEqual(["stock"]);
  });

  test("54: another environment, another kind of node and a caller of that name are left alone", async () => {
    const address = { kind: "external", name: "pay:8080" } as const;
    const shapes = [
      newShape({ key: "a", environment: "test", callee: address }),
      newShape({ key: "b", callee: { kind: "datastore", name: "pay:8080" } }),
      newShape({ key: "c", caller: address }),
    ];
    const counts = shapes.map(({ shape }) => counted({ shapeKey: shape.key, confidence: "peer" }));
    await commit({ newShapes: shapes, counts, aliases: [alias()] });
    expect((await store().edges(EVER)).map(({ caller, callee }) => `${caller} -> ${callee}`)).toEqual([
      "checkout -> pay:8080",
      "checkout -> pay:8080",
      "pay:8080 -> payments",
    ]);
  });

  test("54: a credential's recipient is the service that an address is another name of", async () => {
    const shown = newShape({ ...byAddress.shape, credential: credential() });
    await commit({ newShapes: [shown], counts: [guessed], aliases: [alias()] });
    expect((await store().credentials(EVER)).map(({ recipients }) => recipients)).toEqual([["payments"]]);
  });
}

function checkServicesAndCredentials(store: () => Store, commit: Commit): void {
  test("sightings of one service add up, and keep what only an earlier one said", async () => {
    await commit({ services: [sighting({ isInPods: true }), sighting({ service: "web" })] });
    await commit({ services: [sighting({ runtime: null, release: "1.1.0", seenMs: NOON_MS + HOUR_MS })] });
    expect((await store().services(EVER))[0]).toEqual({
      environment: "prod",
      service: "checkout",
      runtime: "nodejs",
      release: "1.1.0",
      spans: 10,
      inbound: 4,
      inboundWithCredential: 2,
      outbound: 6,
      outboundWithCredential: 4,
      isInPods: true,
      firstSeen: "2026-01-02T12:00:00.000Z",
      lastSeen: "2026-01-02T13:00:00.000Z",
    });
    const later = await store().services({ fromMs: NOON_MS + HOUR_MS, toMs: null });
    expect(later.map(({ service, spans }) => [service, spans])).toEqual([["checkout", 5]]);
  });

  test("what services sent is read by the hour, from the hour of a moment on", async () => {
    expect(store().observedSinceMs()).toBeNull();
    await commit({
      services: [sighting(), sighting({ seenMs: NOON_MS + 5 }), sighting({ seenMs: NOON_MS + HOUR_MS })],
    });
    expect(store().observedSinceMs()).toBe(NOON_MS);
    const hours = store().serviceHours(NOON_MS + 1);
    expect(hours).toEqual([
      {
        ...sighting(),
        spanCount: 10,
        inboundCount: 4,
        inboundCredentialCount: 2,
        outboundCount: 6,
        outboundCredentialCount: 4,
      },
      sighting({ seenMs: NOON_MS + HOUR_MS }),
    ]);
    expect(store().serviceHours(NOON_MS + HOUR_MS)).toHaveLength(1);
  });

  test("a family of credentials names its presenters and recipients", async () => {
    const shapes = [
      newShape({ key: "a", credential: credential() }),
      newShape({ key: "b", credential: credential({ isVerified: true }), callee: { kind: "service", name: "ledger" } }),
      newShape({ key: "c", credential: credential(), caller: OUTSIDE }),
      newShape({ key: "d", credential: credential({ audiences: null, issuer: null, format: "opaque" }) }),
      newShape({ key: "e" }),
    ];
    await commit({ newShapes: shapes, counts: shapes.map(({ shape }) => counted({ shapeKey: shape.key })) });
    const families = await store().credentials(EVER);
    expect(families.map(({ format, count, presenters }) => [format, count, presenters])).toEqual([
      ["opaque", 1, ["checkout"]],
      ["jwt", 3, ["checkout", "external"]],
    ]);
    expect(families[1]).toMatchObject({
      environment: "prod",
      issuer: "https://id.example",
      client: "checkout",
      audiences: ["payments"],
      recipients: ["ledger", "payments"],
      firstSeen: "2026-01-02T12:00:00.000Z",
    });
  });

  test("a presentation may be kept any number of times", async () => {
    const pair = {
      presenter: null,
      recipient: { kind: "service", name: "payments" },
      environment: "prod",
      firstMs: NOON_MS + 0.5,
      isAccepted: true,
      isRefused: false,
      isRelayed: false,
      isAutomated: false,
      count: 1,
      presenterRuntime: null,
      evidence: evidence(),
    } as const;
    const presentation = {
      fingerprint: "h1:k:AAAA",
      credential: credential(),
      expiresAtS: 1.5,
      seenMs: NOON_MS,
      pairs: [pair],
    };
    await commit({ presentations: [presentation] });
    await expect(commit({ presentations: [presentation, presentation] })).resolves.toBeUndefined();
  });
}

function checkAlerts(store: () => Store, commit: Commit): void {
  const stored = [
    alert(),
    alert({
      id: "01KE0000000000000000000002",
      key: "v1:b",
      status: "dismissed",
      statusReason: "a load test",
      assignee: "ada",
      acknowledgedUntilMs: NOON_MS,
      isRegression: true,
      lastSeenMs: NOON_MS + 1,
      credentialsSeen: ["one"],
      finding: finding({ rule: "token-relayed", severity: "high", caller: "web", callee: "checkout", owner: null }),
    }),
    alert({ id: "01KF0000000000000000000003", key: "v1:c", finding: finding({ environment: "test", caller: "cart" }) }),
  ];

  test("an alert comes back as it was kept, by id, by key and by a unique prefix of the id", async () => {
    await commit({ alerts: stored });
    for (const kept of stored) {
      expect(await store().alert(kept.id)).toEqual(kept);
      expect(await store().alert(kept.key)).toEqual(kept);
    }
    expect((await store().alert("01kf"))?.key).toBe("v1:c");
    expect(await store().alert("01KE")).toBeNull();
    expect(await store().alert("01K")).toBeNull();
    expect(await store().alert("01%%")).toBeNull();
  });

  test("alerts come newest seen first, and a filter's fields all have to match", async () => {
    await commit({ alerts: stored });
    const keys = async (filter: Partial<AlertFilter>) =>
      (await store().alerts({ ...ANY_ALERT, ...filter })).map(({ key }) => key);
    const first = stored[0]?.key;
    expect(await keys({})).toEqual(["v1:b", "v1:c", first]);
    expect(await keys({ statuses: ["open", "resolved"] })).toEqual(["v1:c", first]);
    expect(await keys({ statuses: [] })).toEqual([]);
    expect(await keys({ rules: ["token-relayed"] })).toEqual(["v1:b"]);
    expect(await keys({ minSeverity: "high" })).toEqual(["v1:b"]);
    expect(await keys({ environment: "test" })).toEqual(["v1:c"]);
    expect(await keys({ service: "checkout" })).toEqual(["v1:b", first]);
    expect(await keys({ service: "checkout", statuses: ["open"] })).toEqual([first]);
    expect(await keys({ owner: "team-shop" })).toEqual(["v1:c", first]);
  });

  test("the alert book's alerts are those that were kept, whatever of them is asked for first", async () => {
    const kept = [
      ...stored,
      alert({ key: "v1:bare", id: "01KG0000000000000000000001", status: "resolved", evidence: [] }),
    ];
    await commit({ alerts: kept });
    const byKey = new Map(kept.map((each) => [each.key, each]));
    for (const ask of [
      ({ evidence }: Alert) => evidence,
      ({ finding }: Alert) => finding,
      (each: Alert) => ({ ...each }),
    ]) {
      const booked = store().bookedAlerts();
      expect(booked).toHaveLength(kept.length);
      for (const each of booked) {
        const { credentialsSeen = [], ...rest } = byKey.get(each.key) ?? alert();
        expect(ask(each)).toEqual(ask({ ...rest, credentialsSeen }));
        expect({ ...each }).toEqual({ ...rest, credentialsSeen });
      }
    }
  });

  test("an alert kept again replaces what was kept under its key", async () => {
    await commit({ alerts: [alert()] });
    const worse = alert({ count: 9, status: "acknowledged", finding: finding({ severity: "critical", owner: "soc" }) });
    await commit({ alerts: [worse] });
    expect(await store().alerts({ ...ANY_ALERT, owner: "soc", minSeverity: "critical" })).toEqual([worse]);
    expect(await store().alerts(ANY_ALERT)).toHaveLength(1);
  });

  test("an alert's history comes back in the order it was written, equal times included", async () => {
    const rows = [audit(), audit({ action: "resolve", from: "open", to: "resolved", reason: "fixed", actor: "ada" })];
    await commit({ alerts: stored, audit: [...rows, audit({ alertId: "01KF0000000000000000000003" })] });
    expect(await store().audit(audit().alertId)).toEqual(rows);
  });
}

function checkWhole(store: () => Store, commit: Commit): void {
  test("names that are special in JavaScript are names like any other", async () => {
    const name = "__proto__";
    await commit({
      newShapes: [newShape({ caller: { kind: "service", name }, operation: "constructor", credential: credential() })],
      counts: [counted()],
      services: [sighting({ service: name })],
      alerts: [alert({ finding: finding({ caller: name }) })],
    });
    expect((await store().edges(EVER))[0]).toMatchObject({ caller: name, operations: ["constructor"] });
    expect((await store().services(EVER))[0]?.service).toBe(name);
    expect((await store().credentials(EVER))[0]?.presenters).toEqual([name]);
    expect((await store().alerts({ ...ANY_ALERT, service: name }))[0]?.finding.caller).toBe(name);
  });

  test("a commit that fails has changed nothing", async () => {
    const unknown = counted({ shapeKey: "no such shape" });
    const failing = { newShapes: [newShape()], counts: [counted(), unknown], services: [sighting()] };
    await expect(commit(failing)).rejects.toThrow();
    expect(await store().edges(EVER)).toEqual([]);
    expect(await store().services(EVER)).toEqual([]);
    await commit({ newShapes: [newShape()], counts: [counted()] });
    expect(await store().edges(EVER)).toHaveLength(1);
  });

  test("the baseline loaded last is the latest, whatever the clock said", async () => {
    const first = { revision: "aaa", loadedAtMs: NOON_MS, files: [{ path: "shop.yaml", text: "services: {}\n" }] };
    const second = { revision: "bbb", loadedAtMs: NOON_MS - HOUR_MS, files: [] };
    await commit({ baselines: [first, second] });
    expect(await store().latestBaseline()).toEqual(second);
    await commit({ baselines: [first] });
    expect(await store().latestBaseline()).toEqual(first);
  });
}

function checkMemory(store: () => Store, commit: Commit): void {
  test("what is remembered comes back in the order of the commits", async () => {
    const [first, second] = [producers(NOON_MS), producers(NOON_MS + 1)];
    await commit({ producers: [first], pairs: [pairs(1)] });
    await commit({ producers: [second], pairs: [pairs(1, 7), pairs(1, 8)] });
    expect([...store().producers(0)]).toEqual([first, second]);
    expect([...store().producers(NOON_MS + 1)]).toEqual([second]);
    expect([...store().pairs()]).toEqual([pairs(1), pairs(1, 7), pairs(1, 8)]);
  });

  test("a new generation of pairs puts an end to those before", async () => {
    await commit({ pairs: [pairs(1)] });
    await commit({ pairs: [pairs(2)] });
    expect([...store().pairs()]).toEqual([pairs(2)]);
  });

  test("a relay is kept once; the ones seen last come back, the latest at the end", async () => {
    const names = async (countMax: number) => (await store().relays(countMax)).map((row) => [row.service, row.count]);
    const seenAt = (service: string, seenMs: number) => relay({ service, seenMs });
    await commit({ relays: [seenAt("a", NOON_MS), seenAt("b", NOON_MS + 1), seenAt("c", NOON_MS + 2)] });
    await commit({ relays: [seenAt("a", NOON_MS + HOUR_MS)] });
    expect(await names(10)).toEqual([
      ["b", 0],
      ["c", 0],
      ["a", 0],
    ]);
    expect(await names(2)).toEqual([
      ["c", 0],
      ["a", 0],
    ]);
  });

  test("an exchange is kept likewise, and another subject is another exchange", async () => {
    const kept = exchange({ isSameSubject: null });
    await commit({ exchanges: [exchange(), kept] });
    await commit({ exchanges: [exchange({ seenMs: NOON_MS + HOUR_MS, outcome: "ok" })] });
    expect(await store().exchanges(10)).toEqual([
      { ...kept, count: 0 },
      { ...exchange({ seenMs: NOON_MS + HOUR_MS }), count: 0 },
    ]);
  });

  test("what was used twice is kept once, with its latest example and all its counts", async () => {
    const later = evidence({ atMs: NOON_MS + 5 });
    await commit({ reuses: [reuse({ count: 2 }), reuse({ kind: "token-id" })] });
    await commit({ reuses: [reuse({ count: 3, seenMs: NOON_MS + 5, evidence: later })] });
    const [other, told] = await store().reuses(10);
    expect(other).toEqual(reuse({ kind: "token-id" }));
    expect(told).toEqual(reuse({ count: 5, seenMs: NOON_MS + 5, evidence: later }));
    expect((await store().reuses(1)).map(({ kind }) => kind)).toEqual(["proof"]);
  });

  test("what is odd about the telemetry is kept likewise, by kind, service and detail", async () => {
    await commit({ telemetry: [oddity({ count: 2 }), oddity({ detail: "url.full", seenMs: NOON_MS + 1 })] });
    await commit({ telemetry: [oddity({ count: 1, seenMs: NOON_MS + 2 })] });
    const told = (await store().telemetry(10)).map(({ detail, count, seenMs }) => [detail, count, seenMs - NOON_MS]);
    expect(told).toEqual([
      ["url.full", oddity().count, 1],
      ["db.statement", 3, 2],
    ]);
  });

  test("uses of ids come back in the order of the commits, until a new generation begins", async () => {
    await commit({ uses: [uses(1)] });
    await commit({ uses: [uses(1, NOON_MS - 5)] });
    expect([...store().uses()]).toEqual([uses(1), uses(1, NOON_MS - 5)]);
    await commit({ uses: [uses(2)] });
    expect([...store().uses()]).toEqual([uses(2)]);
  });
}

function checkIdentityUses(store: () => Store, commit: Commit): void {
  const identity = { kind: "client", name: "refunds", issuer: "https://idp.example" } as const;
  const used = { environment: "prod", identity, lastMs: NOON_MS, longestPauseMs: 5 };

  test("of an identity's uses the latest and the longest pause are kept, in each environment", async () => {
    await commit({ identityUses: [used, { ...used, environment: "staging" }] });
    await commit({ identityUses: [{ ...used, lastMs: NOON_MS + 9, longestPauseMs: 3 }] });
    await commit({ identityUses: [{ ...used, lastMs: NOON_MS + 2, longestPauseMs: 7 }] });
    expect(store().identityUses()).toEqual([
      { ...used, lastMs: NOON_MS + 9, longestPauseMs: 7 },
      { ...used, environment: "staging" },
    ]);
  });

  test("identities that were not used for long are forgotten", async () => {
    await commit({ identityUses: [used, { ...used, environment: "staging", lastMs: NOON_MS + 1 }] });
    await store().forget({ countsMs: 0, fingerprintsMs: 0, identitiesMs: NOON_MS + 1, producersMs: 0 });
    expect(
      store()
        .identityUses()
        .map(({ environment }) => environment),
    ).toEqual(["staging"]);
  });
}

function checkForgetting(store: () => Store, commit: Commit): void {
  const NEVER = { countsMs: 0, fingerprintsMs: 0, identitiesMs: 0, producersMs: 0 };

  /** Forgets in as many steps as it takes. */
  async function forgetAll(cutoffs: Partial<Cutoffs>): Promise<number> {
    let steps = 1;
    while (await store().forget({ ...NEVER, ...cutoffs })) steps++;
    return steps;
  }

  test("hourly counts older than the cut-off go, and what has no others is no longer shown", async () => {
    const hours = [NOON_MS, NOON_MS + HOUR_MS, NOON_MS + 2 * HOUR_MS];
    await commit({ newShapes: [newShape()], services: hours.map((seenMs) => sighting({ seenMs })) });
    await commit({ counts: hours.map((lastSeenMs) => counted({ lastSeenMs })) });
    expect(await forgetAll({ countsMs: NOON_MS + HOUR_MS })).toBe(1);
    expect(await store().edges(EVER)).toMatchObject([{ count: 2, firstSeen: "2026-01-02T12:00:00.000Z" }]);
    expect(await store().services(EVER)).toMatchObject([{ spans: 2 * sighting().spanCount }]);
    await forgetAll({ countsMs: NOON_MS + 9 * HOUR_MS });
    expect([await store().edges(EVER), await store().services(EVER)]).toEqual([[], []]);
    await commit({ counts: [counted()] });
    expect(await store().edges(EVER)).toMatchObject([{ count: 1 }]);
  });

  test("a long backlog is forgotten in steps that each stay small", async () => {
    const many = Array.from({ length: 600 }, (_, index) => `shape-${index}`);
    await commit({ newShapes: many.map((key) => newShape({ key })) });
    await commit({ counts: many.map((shapeKey) => counted({ shapeKey })) });
    expect(await forgetAll({ countsMs: NOON_MS + HOUR_MS })).toBe(3);
    expect(await store().edges(EVER)).toEqual([]);
  });

  test("relays, producers and earlier generations of pairs go with time", async () => {
    await commit({ relays: [relay({ service: "old" }), relay({ service: "new", seenMs: NOON_MS + 1 })] });
    for (let ms = 0; ms < 20; ms++) await commit({ producers: [producers(NOON_MS + ms)], pairs: [pairs(ms)] });
    expect(await forgetAll({ countsMs: NOON_MS + 1, producersMs: NOON_MS + 18 })).toBe(3);
    expect((await store().relays(10)).map(({ service }) => service)).toEqual(["new"]);
    expect([...store().producers(0)]).toHaveLength(2);
    expect([...store().pairs()]).toEqual([pairs(19)]);
  });

  test("exchanges, reuses, sightings and earlier generations of uses go with time", async () => {
    const newer = { seenMs: NOON_MS + 1 };
    await commit({ exchanges: [exchange(), exchange({ ...newer, service: "new" })] });
    await commit({ reuses: [reuse(), reuse({ ...newer, presenter: "new" })], uses: [uses(1)] });
    await commit({ telemetry: [oddity(), oddity({ ...newer, service: "new" })], uses: [uses(2)] });
    await forgetAll({ countsMs: NOON_MS + 1 });
    expect((await store().exchanges(10)).map(({ service }) => service)).toEqual(["new"]);
    expect((await store().reuses(10)).map(({ presenter }) => presenter)).toEqual(["new"]);
    expect((await store().telemetry(10)).map(({ service }) => service)).toEqual(["new"]);
    expect([...store().uses()]).toEqual([uses(2)]);
  });
}
