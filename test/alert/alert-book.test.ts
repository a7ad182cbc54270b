import { expect, test } from "vitest";
import { alertKey } from "../../src/alert/alert-key.ts";
import type { Finding } from "../../src/model/finding.ts";
import { credential, DAY_MS, Desk, evidence, finding, hit, hitBy, START_MS } from "./samples.ts";

const DISMISS = { action: "dismiss", reason: "a load test" } as const;
const ACKNOWLEDGE = { action: "acknowledge", untilMs: START_MS + 3 * DAY_MS, reason: "on it" } as const;
const RESOLVE = { action: "resolve", reason: "fixed" } as const;
const REOPEN = { action: "reopen", reason: "not fixed" } as const;

/** A desk with one open alert, seen once. */
function deskWithAlert(changes: Parameters<typeof hit>[0] = {}): Desk {
  const desk = new Desk();
  desk.apply(hit(changes));
  return desk;
}

test("a finding seen for the first time raises one open alert", () => {
  const desk = new Desk();
  const [alert, ...others] = desk.apply(hit({ count: 3, lastSeenMs: START_MS + 5 }));
  expect(others).toEqual([]);
  expect(alert).toEqual({
    id: "ID-0001",
    key: alertKey(finding()),
    finding: finding(),
    status: "open",
    statusReason: null,
    statusSinceMs: START_MS,
    assignee: null,
    acknowledgedUntilMs: null,
    isRegression: false,
    firstSeenMs: START_MS,
    lastSeenMs: START_MS + 5,
    count: 3,
    evidence: [evidence()],
    baselineRevision: "revision",
    credentialsSeen: [],
  });
  expect(desk.audit).toEqual([
    { alertId: "ID-0001", atMs: START_MS, actor: "trustdrift", action: "raise", from: null, to: "open", reason: null },
  ]);
});

test("violations and what is suspicious raise alerts; what an exception allows is only recorded", () => {
  const statuses = (verdict: Finding["verdict"]) =>
    new Desk().apply(hit({ finding: finding({ verdict }) })).map(({ status }) => status);
  expect(statuses("insufficient-evidence")).toEqual([]);
  expect(statuses("declared-exception")).toEqual(["excepted"]);
  expect(statuses("suspicious")).toEqual(["open"]);
  expect(statuses("violation")).toEqual(["open"]);
});

test("a finding seen again counts on, without another line of history", () => {
  const desk = deskWithAlert();
  desk.apply(hit({ count: 4 }), hit({ firstSeenMs: START_MS - 9, lastSeenMs: START_MS + 9 }));
  expect(desk.said()).toBe("open 6");
  expect(desk.alert()).toMatchObject({ firstSeenMs: START_MS - 9, lastSeenMs: START_MS + 9 });
  expect(desk.audit).toHaveLength(1);
});

test("only the alerts that changed are returned", () => {
  const desk = new Desk();
  desk.apply(hitBy("web"), hitBy("cart"));
  expect(desk.apply(hitBy("cart")).map((alert) => alert.finding.caller)).toEqual(["cart"]);
  expect(desk.apply()).toEqual([]);
});

test("changes that are not kept leave the book as it was", () => {
  const desk = deskWithAlert();
  const { book, context } = desk;
  const before = book.get("ID-0001");
  book.apply([hit({ count: 7 }), hitBy("web")], context);
  book.decide("ID-0001", DISMISS, context);
  book.reconsider(() => false, context);
  book.expire(START_MS + 99 * DAY_MS);
  expect(book.get("ID-0001")).toBe(before);
  expect(book.get(alertKey(hitBy("web").finding))).toBeNull();
  expect(book.openCounts().medium).toBe(1);
});

test.for([
  ["resolved", RESOLVE, 30],
  ["dismissed", DISMISS, 90],
] as const)(
  "the evidence of an alert that has been %s and quiet is forgotten, and nothing else",
  ([_, decision, days]) => {
    const desk = deskWithAlert();
    desk.decide(decision);
    const { evidence, ...rest } = desk.alert();
    expect(evidence).toHaveLength(1);
    expect(desk.wait(days * DAY_MS - 1)).toEqual([]);
    desk.wait(1);
    expect(desk.alert()).toEqual({ ...rest, evidence: [] });
    expect(desk.wait(DAY_MS)).toEqual([]);
  },
);

test("the severity of an open alert rises to the highest seen and does not fall", () => {
  const desk = deskWithAlert();
  desk.apply(hit({ finding: finding({ severity: "critical" }) }));
  desk.apply(hit({ finding: finding({ severity: "low" }) }));
  expect(desk.alert().finding.severity).toBe("critical");
  expect(desk.audit.map(({ action, reason }) => [action, reason])).toEqual([
    ["raise", null],
    ["change", "severity rose from medium to critical"],
  ]);
  expect(desk.book.openCounts()).toEqual({ info: 0, low: 0, medium: 0, high: 0, critical: 1 });
});

test("an acknowledged alert stays quiet until its time has passed, then opens when it is still seen", () => {
  const desk = deskWithAlert();
  desk.decide(ACKNOWLEDGE);
  expect(desk.alert()).toMatchObject({ assignee: "ada", acknowledgedUntilMs: START_MS + 3 * DAY_MS });
  desk.nowMs += 2 * DAY_MS;
  desk.apply(hit());
  expect(desk.said()).toBe("acknowledged 2");
  desk.nowMs += 2 * DAY_MS;
  desk.apply(hit());
  expect(desk.said()).toBe("open 3");
  expect(desk.alert()).toMatchObject({ acknowledgedUntilMs: null, assignee: "ada" });
});

test("time alone opens an acknowledged alert that was seen past its time, and no other", () => {
  const desk = deskWithAlert();
  desk.decide(ACKNOWLEDGE);
  expect(desk.wait(4 * DAY_MS)).toEqual([]);
  const late = deskWithAlert();
  late.decide(ACKNOWLEDGE);
  late.apply(hit({ lastSeenMs: ACKNOWLEDGE.untilMs + 1 }));
  late.wait(4 * DAY_MS);
  expect(late.said()).toBe("open 2");
});

test("an alert that was resolved and is seen again is open and a regression", () => {
  const desk = deskWithAlert();
  desk.decide(RESOLVE);
  expect(desk.alert()).toMatchObject({ status: "resolved", statusReason: "fixed" });
  desk.apply(hit());
  expect(desk.said()).toBe("open regression 2");
});

test("a shape judged again without new traffic raises an alert, but does not reopen a resolved one", () => {
  const desk = deskWithAlert({ count: 0 });
  expect(desk.said()).toBe("open 0");
  desk.apply(hit());
  desk.decide(RESOLVE);
  desk.apply(hit({ count: 0 }));
  expect(desk.said()).toBe("resolved 1");
});

test("an alert that was not seen for seven days resolves by itself, and comes back as a regression", () => {
  const desk = deskWithAlert();
  desk.wait(6 * DAY_MS);
  expect(desk.said()).toBe("open 1");
  desk.wait(DAY_MS);
  expect(desk.alert()).toMatchObject({ status: "resolved", statusReason: "not seen for 7 days" });
  desk.apply(hit());
  expect(desk.said()).toBe("open regression 2");
});

test("an alert that a person reopened is given the whole time again", () => {
  const desk = deskWithAlert();
  desk.wait(7 * DAY_MS);
  desk.decide(REOPEN);
  expect(desk.wait(DAY_MS)).toEqual([]);
  desk.wait(6 * DAY_MS);
  expect(desk.alert().status).toBe("resolved");
});

test("a retraction to zero resolves the alert, and its return is no regression", () => {
  const desk = deskWithAlert({ count: 2 });
  desk.apply(hit({ count: -1 }));
  expect(desk.said()).toBe("open 1");
  desk.apply(hit({ count: -1 }));
  expect(desk.alert()).toMatchObject({ status: "resolved", statusReason: "retracted", count: 0 });
  expect(desk.audit.at(-1)?.action).toBe("retract");
  desk.apply(hit());
  expect(desk.said()).toBe("open 1");
});

test("a retraction leaves an alert that a person has decided in its status", () => {
  for (const decision of [ACKNOWLEDGE, DISMISS, RESOLVE]) {
    const desk = deskWithAlert();
    desk.decide(decision);
    const { status } = desk.alert();
    desk.apply(hit({ count: -1 }));
    expect(desk.said()).toBe(`${status} 0`);
  }
});

test("what is found and retracted in one step, or only retracted, raises nothing", () => {
  const desk = new Desk();
  expect(desk.apply(hit(), hit({ count: -1 }))).toEqual([]);
  expect(desk.apply(hit({ count: -1 }))).toEqual([]);
});

test("a dismissed alert counts on in silence, for the same release and 90 days", () => {
  const desk = deskWithAlert({ evidence: evidence({ release: "1.0.0" }) });
  desk.decide(DISMISS);
  desk.apply(hit({ evidence: evidence({ traceId: "2", release: "1.0.0" }) }), hit());
  desk.wait(89 * DAY_MS);
  desk.apply(hit());
  expect(desk.said()).toBe("dismissed 4");
  desk.wait(DAY_MS);
  expect(desk.said()).toBe("dismissed 4");
  desk.apply(hit());
  expect(desk.said()).toBe("open 5");
});

test("a dismissed alert opens with another release of the caller", () => {
  const desk = deskWithAlert({ evidence: evidence({ release: "1.0.0" }) });
  desk.decide(DISMISS);
  desk.apply(hit({ evidence: evidence({ traceId: "2", release: "1.1.0" }) }));
  expect(desk.said()).toBe("open 2");
});

test("a material change opens an alert that a person had made quiet, once", () => {
  const known = finding({ credential: credential() });
  const changes = [
    finding({ severity: "high", credential: credential() }),
    finding({ credential: credential({ issuer: "https://evil.example" }) }),
    finding({ credential: credential({ client: "mallory" }) }),
    finding({ credential: credential({ audiences: ["payments", "ledger"] }) }),
  ];
  for (const decision of [ACKNOWLEDGE, DISMISS]) {
    for (const changed of changes) {
      const desk = deskWithAlert({ finding: known });
      desk.decide(decision);
      desk.apply(hit({ finding: known }), hit({ finding: finding() }));
      expect(desk.alert().status).not.toBe("open");
      desk.apply(hit({ finding: changed }));
      expect(desk.said()).toBe("open 4");
      desk.decide(decision);
      desk.apply(hit({ finding: known }), hit({ finding: changed }));
      expect(desk.alert().status).not.toBe("open");
    }
  }
});

test("a new credential is noticed among more known ones than the book remembers", () => {
  const by = (client: string) => hit({ finding: finding({ credential: credential({ client }) }) });
  const known = Array.from({ length: 60 }, (_, index) => by(`client-${index}`));
  const desk = new Desk();
  desk.apply(...known.slice(0, 50));
  desk.decide(ACKNOWLEDGE);
  desk.apply(...known.slice(0, 50));
  expect(desk.alert().status).toBe("acknowledged");
  desk.apply(...known);
  expect(desk.alert().status).toBe("open");
});

test("after a reload the open alerts that the baseline covers are accepted, decided ones stay", () => {
  const desk = new Desk();
  desk.apply(hitBy("a"), hitBy("b"), hitBy("c"), hitBy("d"));
  const id = (caller: string) => desk.alert(alertKey(hitBy(caller).finding)).id;
  desk.decide(ACKNOWLEDGE, id("b"));
  desk.decide(DISMISS, id("c"));
  desk.keep(
    desk.book.reconsider((alert) => alert.finding.caller === "d", { ...desk.context, baselineRevision: "newer" }),
  );
  expect(["a", "b", "c", "d"].map((caller) => desk.alert(id(caller)).status)).toEqual([
    "accepted",
    "accepted",
    "dismissed",
    "open",
  ]);
  expect(desk.alert(id("a"))).toMatchObject({
    statusReason: "the loaded baseline covers it",
    baselineRevision: "newer",
  });
  desk.apply(hitBy("a"));
  expect(desk.said(id("a"))).toBe("open 2");
});

test("a decision that does not fit the status is a conflict that names the way out", () => {
  const desk = deskWithAlert();
  const conflict = (says: string) =>
    expect.objectContaining({ code: "conflict", message: expect.stringContaining(says) });
  expect(() => desk.decide(REOPEN)).toThrow(conflict("it is open; it wants a decision already"));
  desk.decide(RESOLVE);
  for (const decision of [RESOLVE, DISMISS, ACKNOWLEDGE]) {
    expect(() => desk.decide(decision)).toThrow(conflict("it is resolved; reopen it first"));
  }
  desk.decide(REOPEN);
  expect(desk.said()).toBe("open 1");
  expect(desk.audit.map(({ actor, action, reason }) => [actor, action, reason])).toEqual([
    ["trustdrift", "raise", null],
    ["ada", "resolve", "fixed"],
    ["ada", "reopen", "not fixed"],
  ]);
});

test("a dismissal without a reason and an acknowledgement into the past are refused", () => {
  const desk = deskWithAlert();
  const refused = expect.objectContaining({ code: "bad-argument" });
  expect(() => desk.decide({ action: "dismiss", reason: " " })).toThrow(refused);
  expect(() => desk.decide({ ...ACKNOWLEDGE, untilMs: START_MS })).toThrow(refused);
});

test("an alert is found by its id, its key and a unique prefix of its id, and by nothing else", () => {
  const desk = deskWithAlert();
  expect(desk.book.get("id-00")?.id).toBe("ID-0001");
  expect(desk.book.get(alertKey(finding()))?.id).toBe("ID-0001");
  expect(desk.book.get("ID-")).toBeNull();
  desk.apply(hitBy("web"));
  expect(desk.book.get("ID-0")).toBeNull();
  expect(() => desk.decide(RESOLVE, "ID-0")).toThrow(expect.objectContaining({ code: "not-found" }));
});

test("after 20 open alerts of one rule and callee a single one takes the rest", () => {
  const desk = new Desk();
  const callers = Array.from({ length: 25 }, (_, index) => `caller-${index}`);
  expect(desk.apply(...callers.slice(0, 15).map((caller) => hitBy(caller)))).toHaveLength(15);
  const changed = desk.apply(...callers.slice(10).map((caller) => hitBy(caller, { count: 2 })));
  expect(changed).toHaveLength(5 + 5 + 1);
  const rollUp = changed.find((alert) => alert.finding.caller === null);
  expect(rollUp).toMatchObject({ count: 10, status: "open" });
  expect(rollUp?.finding.summary).toContain("more than 20 alerts of undeclared-call at payments");
  const elsewhere = hit({ finding: finding({ callee: "ledger", caller: "web", keyFields: ["web", "ledger"] }) });
  expect(desk.apply(elsewhere)[0]?.finding.caller).toBe("web");
  desk.decide(RESOLVE, desk.book.get(alertKey(hitBy("caller-3").finding))?.id);
  expect(desk.apply(hitBy("caller-24")).map((alert) => alert.finding.caller)).toEqual(["caller-24"]);
});

test("whoever poses as a service in many environments makes no more alerts than in one", () => {
  const desk = new Desk();
  const posed = (environment: string) =>
    hit({ finding: finding({ rule: "unattested-service-name", environment, caller: null, callee: "payments" }) });
  const raised = desk.apply(...Array.from({ length: 50 }, (_, index) => posed(`env-${index}`)));
  expect(raised).toHaveLength(21);
});

test("after 100 open alerts about names that nobody declared, or of one caller, a single one takes the rest", () => {
  const desk = new Desk();
  const unknown = (name: string, environment = "prod") =>
    hit({ finding: finding({ rule: "unknown-service", environment, caller: null, callee: name, keyFields: [name] }) });
  const names = Array.from({ length: 150 }, (_, index) => `name-${String(index).padStart(3, "0")}`);
  const raised = desk.apply(...names.map((name) => unknown(name)));
  expect(raised).toHaveLength(101);
  const rollUp = raised.find((alert) => alert.finding.callee === null);
  expect(rollUp).toMatchObject({ count: 50, finding: { caller: null } });
  expect(rollUp?.finding.summary).toBe("more than 100 alerts of unknown-service are open; this one takes the rest");
  expect(desk.apply(unknown("late")).map(({ id }) => id)).toEqual([rollUp?.id]);
  expect(desk.apply(unknown("late", "dev")).map(({ finding: { callee } }) => callee)).toEqual(["late"]);
  const calls = desk.apply(
    ...names.map((callee) => hit({ finding: finding({ caller: "web", callee, keyFields: ["web", callee] }) })),
  );
  expect(calls).toHaveLength(101);
  expect(calls.find((alert) => alert.finding.callee === null)).toMatchObject({ count: 50, finding: { caller: "web" } });
});

test("what is taken back leaves the roll-up that had counted it, also when there is place again", () => {
  const desk = new Desk();
  const of = (callee: string, count: number) =>
    hit({ count, finding: finding({ caller: "web", callee, keyFields: ["web", callee] }) });
  const names = Array.from({ length: 101 }, (_, index) => `name-${index}`);
  const raised = desk.apply(...names.map((name) => of(name, 2)));
  const rollUp = raised.find((alert) => alert.finding.callee === null);
  const [one] = raised.filter((alert) => alert !== rollUp);
  desk.decide(RESOLVE, one?.id);
  const rolledUp = names.filter((name) => desk.book.get(alertKey(of(name, 1).finding)) === null);
  expect(rolledUp).toHaveLength(1);
  expect(desk.apply(...rolledUp.map((name) => of(name, -1)))).toMatchObject([{ id: rollUp?.id, count: 1 }]);
});

test("a roll-up is not the alert of a service that is called rollup, and no baseline covers it", () => {
  const desk = new Desk();
  desk.apply(...Array.from({ length: 21 }, (_, index) => hitBy(`caller-${index}`)));
  const [own] = desk.keep(desk.book.apply([hitBy("rollup")], desk.context));
  expect(own?.key).not.toBe(alertKey(hitBy("rollup").finding));
  expect(own?.count).toBe(2);
  desk.keep(desk.book.reconsider(() => false, desk.context));
  expect(desk.book.openCounts().medium).toBe(1);
});

test("evidence keeps the first, the last and 20 in between, of distinct traces, rare releases before common ones", () => {
  const desk = new Desk();
  const at = (index: number, release: string) =>
    hit({ evidence: evidence({ traceId: `trace-${index}`, atMs: START_MS + index, release }) });
  for (let index = 0; index < 60; index++) {
    desk.apply(at(index, index === 30 ? "rare" : "common"), at(index, "again"));
  }
  const kept = desk.alert().evidence;
  expect(kept).toHaveLength(22);
  expect(new Set(kept.map(({ traceId }) => traceId)).size).toBe(22);
  expect(kept[0]?.traceId).toBe("trace-0");
  expect(kept.at(-1)?.traceId).toBe("trace-59");
  expect(kept.map(({ release }) => release)).toContain("rare");
});

test("a book made from stored alerts goes on where the last one stopped", () => {
  const first = deskWithAlert();
  first.apply(...Array.from({ length: 19 }, (_, index) => hitBy(`caller-${index}`)));
  first.decide(RESOLVE);
  const stored = Array.from({ length: 20 }, (_, index) => first.alert(`ID-${String(index + 1).padStart(4, "0")}`));
  const desk = new Desk({ alerts: stored });
  desk.apply(hit());
  expect(desk.said()).toBe("open regression 2");
  expect(desk.apply(hitBy("one too many"))[0]?.finding.caller).toBeNull();
});
