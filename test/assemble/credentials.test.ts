import { expect, test } from "vitest";
import type { Facts } from "../../src/model/facts.ts";
import type { Shape } from "../../src/model/graph.ts";
import { assemble, assembleBatches, createAssembler, permutations } from "../support/assemble.ts";
import { drawSpans } from "../support/draw.ts";
import { dressedBatch } from "../support/dress.ts";

// Situations 98 to 117 of docs/conformance.md: what credentials and certificates on spans come to.

const START_S = Date.UTC(2026, 0, 1) / 1000;
const OK = "http.response.status_code=200";

function assembleDressed(drawing: string): Facts {
  return assembleBatches(drawSpans(drawing).map((span) => dressedBatch([span]))).facts;
}

/** In every order of arrival, a request a span. */
function checkInAnyOrder(drawing: string, describe: (facts: Facts) => unknown, expected: unknown): void {
  for (const spans of permutations(drawSpans(drawing))) {
    expect(describe(assembleBatches(spans.map((span) => dressedBatch([span]))).facts)).toEqual(expected);
  }
}

/** Something of the shapes whose hops were not all taken back, by caller and callee. */
function shapesOf(facts: Facts, tell: (shape: Shape) => unknown): Record<string, unknown> {
  const shapes = new Map(facts.newShapes.map(({ shape }) => [shape.key, shape]));
  const told: Record<string, unknown> = {};
  for (const { shapeKey, count } of facts.counts) {
    const shape = shapes.get(shapeKey);
    if (shape !== undefined && count > 0) told[`${shape.caller.name} -> ${shape.callee.name}`] = tell(shape);
  }
  return told;
}

const peers = (facts: Facts) => shapesOf(facts, ({ peer }) => peer?.id ?? null);
const areEarly = (facts: Facts) => shapesOf(facts, ({ isPremature }) => isPremature);
const areChanged = (facts: Facts) => shapesOf(facts, ({ isCredentialChanged }) => isCredentialChanged);
const areByHand = (facts: Facts) => shapesOf(facts, ({ isInteractive }) => isInteractive);
const pairs = ({ presentations }: Facts) =>
  presentations
    .flatMap((presentation) => presentation.pairs)
    .map(
      ({ presenter, recipient, isRelayed }) => `${presenter ?? "-"} to ${recipient.name}${isRelayed ? " relayed" : ""}`,
    )
    .sort();
const exchanges = (facts: Facts) =>
  facts.exchanges.map(
    ({ service, next, isSameSubject, count }) => `${service} -> ${next.name} ${isSameSubject} ${count}`,
  );
const automated = ({ presentations }: Facts) =>
  presentations.flatMap(({ pairs: own }) => own.filter((pair) => pair.isAutomated).map(({ presenter }) => presenter));

test("98: the far end by its certificate is what the called side saw", () => {
  checkInAnyOrder("a C#1<9 {cert=spiffe://b}; b S#2<1 {cert=spiffe://a}", peers, { "a -> b": "spiffe://a" });
});

test("99: nobody's certificate is told of a call of which only the calling side was seen", () => {
  expect(peers(assembleDressed("a C#1<9 {peer=b, cert=spiffe://b}"))).toEqual({ "a -> b": null });
});

test("100: the far end of a consumer's connection is the broker, not who published", () => {
  const q = "messaging.system=kafka, messaging.destination.name=Q, cert=broker";
  const told = peers(assembleDressed(`a P#1<9 {${q}}; b K#2<1 {${q}}`));
  expect(told).toEqual({ "a -> mq:kafka/Q": null, "mq:kafka/Q -> b": "broker", "a -> b": null });
});

test("101: a call before the token is valid is premature, by nbf and by iat, and not within the skew", () => {
  const early = (fact: string) => areEarly(assembleDressed(`a C#1<9; b S#2<1 {fp=t, ${fact}}`))["a -> b"];
  expect(early(`nbf=${START_S + 61}`)).toBe(true);
  expect(early(`iat=${START_S + 61}`)).toBe(true);
  expect(early(`iat=${START_S - 5}, nbf=${START_S + 61}`)).toBe(true);
  expect(early(`nbf=${START_S + 59}`)).toBe(false);
  expect(early(`iat=${START_S - 3600}`)).toBe(false);
});

test("102: a callee whose clock lags behind its caller's is given that much", () => {
  checkInAnyOrder(`a C#1<9 +30; b S#2<1 {fp=t, nbf=${START_S + 80}}`, areEarly, { "a -> b": false });
});

test("103: a credential that differs between the two ends was changed on the way", () => {
  checkInAnyOrder("a C#1<9 {fp=t}; b S#2<1 {fp=u}", areChanged, { "a -> b": true });
  checkInAnyOrder("a C#1<9 {fp=t}; b S#2<1 {fp=t}", areChanged, { "a -> b": false });
});

test("104: one end that saw no whole credential, or another place of the request, shows no change", () => {
  const masked = "http.request.header.authorization=[REDACTED]";
  checkInAnyOrder(`a C#1<9 {${masked}}; b S#2<1 {fp=u}`, areChanged, { "a -> b": false });
  checkInAnyOrder("a C#1<9 {fp=t}; b S#2<1 {key=k}", areChanged, { "a -> b": false });
  checkInAnyOrder("a S#1<9 {fp=t}; b S#2<1 {fp=u}", areChanged, { "(unseen) -> a": false, "a -> b": false });
});

test("105: a request from outside with a user agent that people use by hand is interactive", () => {
  const byHand = (agent: string, key = "user_agent.original") =>
    areByHand(assemble(drawSpans(`a S#1 {${key}=${agent}}`)).facts)["external -> a"];
  for (const agent of [
    "curl/8.5.0",
    "PostmanRuntime/7.32",
    "insomnia/2023.5",
    "HTTPie/3.2",
    "Wget/1.21",
    "kubectl/v1.30",
  ])
    expect(byHand(agent), agent).toBe(true);
  expect(byHand("Mozilla/5.0 (X11)", "http.user_agent")).toBe(true);
  for (const agent of ["python-requests/2.31", "okhttp/4", "curlew/1", "-"]) expect(byHand(agent), agent).toBe(false);
});

test("106: between services the user agent says nothing", () => {
  checkInAnyOrder("a C#1<9 {user_agent.original=curl/8}; b S#2<1 {user_agent.original=curl/8}", areByHand, {
    "a -> b": false,
  });
});

test("107: a second credential is compared like the first", () => {
  checkInAnyOrder("a C#1<9; b S#2<1 {fp=t, key=k}; c C#3<8; b S#4<3 {fp=u, key=k}", pairs, ["a to b", "c to b"]);
});

test("108: what one end sees beside a token and the other end alone is one credential, presented once", () => {
  checkInAnyOrder("a C#1<9 {fp=t, key=k}; b S#2<1 {key=k}; c C#3<8; b S#4<3 {key=k}", pairs, ["a to b", "c to b"]);
});

test("109: a second credential that was received is relayed", () => {
  const drawing = "a C#1<9 {fp=t, key=k}; b S#2<1 {fp=t, key=k}; b C#3<2 {fp=u, key=k}; c S#4<3";
  checkInAnyOrder(drawing, pairs, ["a to b", "b to c relayed"]);
  expect(assembleDressed(drawing).relays.map(({ credential }) => credential.slot)).toEqual(["api_key"]);
});

test("110: a service that received one credential and presents another has exchanged it, in any order of arrival", () => {
  const drawing = "a C#1<9; b S#2<1 {fp=t}; b I#5<2; b C#3<5; c S#4<3 {fp=u}";
  checkInAnyOrder(drawing, exchanges, ["b -> c null 1"]);
});

test("111: whose the two credentials are decides whether an exchange keeps the subject", () => {
  const both = (one: string, other: string) => `a C#1<9; b S#2<1 {fp=t${one}}; b C#3<2; c S#4<3 {fp=u${other}, ${OK}}`;
  checkInAnyOrder(both(", subject=ann", ", subject=ann"), exchanges, ["b -> c true 1"]);
  checkInAnyOrder(both(", subject=ann", ", subject=bob"), exchanges, ["b -> c false 1"]);
  checkInAnyOrder(both(", subject=ann", ""), exchanges, ["b -> c null 1"]);
  const one = drawSpans(both(", subject=ann", ", subject=ann"));
  const other = drawSpans(`a C#1<9@2; b S#2<1@2 {fp=v, subject=ann}; b C#3<2@2; c S#4<3@2 {fp=w, subject=bob, ${OK}}`);
  const { facts } = assembleBatches([...one, ...other].map((span) => dressedBatch([span])));
  expect(exchanges(facts)).toEqual(["b -> c true 1", "b -> c false 1"]);
});

test("112: the same credential is no exchange, and nothing received is none either", () => {
  checkInAnyOrder("a C#1<9; b S#2<1 {fp=t}; b C#3<2; c S#4<3 {fp=t}", exchanges, []);
  checkInAnyOrder("a C#1<9; b S#2<1; b C#3<2; c S#4<3 {fp=u}", exchanges, []);
  checkInAnyOrder("a C#1<9; b S#2<1 {fp=t, key=k}; b C#3<2; c S#4<3 {key=k}", exchanges, []);
});

test("113: exchanges alike are counted together, and told with what was received", () => {
  const call = (n: number) => `b S#1@${n} {fp=t${n}, aud=b}; b C#2<1@${n}; c S#3<2@${n} {fp=u${n}, aud=c, ${OK}}`;
  const [told, ...others] = assembleDressed([call(1), call(2), call(3)].join(";")).exchanges;
  expect(others).toEqual([]);
  expect([told?.count, told?.received.audiences, told?.presented.audiences, told?.outcome]).toEqual([
    3,
    ["b"],
    ["c"],
    "ok",
  ]);
});

test("114: a person's token that a service presents without having been called is told of, also on its only pair", () => {
  checkInAnyOrder("job I#1; job C#2<1; b S#3<2 {fp=t, of=user}", automated, ["job"]);
  checkInAnyOrder("f S#1 {faas.trigger=timer}; f C#2<1; b S#3<2 {fp=t, of=user}", automated, ["f"]);
  checkInAnyOrder("w K#1 {messaging.destination.name=Q}; w C#2<1; b S#3<2 {fp=t, of=user}", automated, ["w"]);
});

test("115: below a request, a message that came with its trace, or where a person sits, nothing is automated", () => {
  const person = "{fp=t, of=user}";
  checkInAnyOrder(`a S#1; a C#2<1; b S#3<2 ${person}; thief C#4; b S#5<4 {fp=t, of=user}`, automated, ["thief"]);
  checkInAnyOrder(`a P#1<9; w K#2<1; w C#3<2; b S#4<3 ${person}`, automated, []);
  checkInAnyOrder(`a C#2<1; b S#3<2 ${person}`, automated, []);
  checkInAnyOrder(`page C#1 [telemetry.sdk.language=webjs]; b S#3<1 ${person}`, automated, []);
});

test("116: a workload's token that nobody's call made a service present is not told of alone", () => {
  expect(assembleDressed("job C#2; b S#3<2 {fp=t, of=service}").presentations).toEqual([]);
});

test("117: what stood above is known below when it has left the window", () => {
  const assembler = createAssembler();
  const add = (drawing: string, nowMs: number) => assembler.add(dressedBatch(drawSpans(drawing)), nowMs);
  add("a S#1 {fp=t, key=k, aud=a}; job I#1@2", 0);
  add("a I#2<1; job I#2<1@2", 20_000);
  add("a C#3<2; b S#4<3 {fp=u, key=k}; job C#3<2@2; b S#4<3@2 {fp=v, of=user}", 31_000);
  assembler.settleAll();
  const facts = assembler.takeFacts();
  expect(facts.relays.map(({ service, credential }) => `${service} ${credential.slot}`)).toEqual(["a api_key"]);
  expect(facts.exchanges.map(({ service, received }) => [service, received.audiences])).toEqual([["a", ["a"]]]);
  expect(automated(facts)).toEqual(["job"]);
});

test("what a span that has left showed is not taken for another's", () => {
  const assembler = createAssembler();
  const add = (drawing: string, nowMs: number) => assembler.add(dressedBatch(drawSpans(drawing)), nowMs);
  add("a C#1; b S#2<1 {fp=t, key=k, cert=spiffe://a, proof=p, transaction=x}", 0);
  assembler.advance(30_000);
  assembler.takeFacts();
  add(`c C#1@2; d S#2<1@2 {fp=u, nbf=${START_S + 3600}}`, 30_000);
  assembler.advance(120_000);
  const facts = assembler.takeFacts();
  expect([peers(facts), facts.presentations, facts.reuses]).toEqual([{ "c -> d": null }, [], []]);
});
