import { expect, test } from "vitest";
import type { AssemblerOptions } from "../../src/assemble/assembler.ts";
import { NodeInterner } from "../../src/assemble/interner.ts";
import { PodTable } from "../../src/assemble/pod-table.ts";
import { ResourceReader } from "../../src/assemble/resource-reader.ts";
import type { Facts } from "../../src/model/facts.ts";
import { podIdOf } from "../../src/model/pod-id.ts";
import { createAssembler, createDecoder } from "../support/assemble.ts";
import { drawRequest } from "../support/draw.ts";
import { encodeRequest } from "../support/otlp.ts";

// Situations 140 to 149 of docs/conformance.md: tokens of pods that have ended.

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const OK = "http.response.status_code=200";
/** What happens in a minute after the start. */
type Step = readonly [minute: number, drawing: string];

const uid = (pod: number) => `0000000${pod}-0000-4000-8000-00000000000${pod}`;
const inPod = (pod: number, node = "n1") => `[k8s.pod.uid=${uid(pod)}, k8s.node.name=${node}]`;
const TOKEN = `fp=t, trustdrift.credential.authorization.token.pod=${uid(1)}`;

/** A service is called in each of these minutes, ends included. */
function heard(service: string, where: string, [from, to, every = 1]: readonly number[], extra = ""): readonly Step[] {
  const steps: Step[] = [];
  for (let minute = from ?? 0; minute <= (to ?? 0); minute += every) {
    steps.push([minute, `${service} S#9@${service}${minute} ${where} +${minute * 60}${extra}`]);
  }
  return steps;
}

/** orders ran in pod 1 until minute 19, and another service on the same node goes on. */
const LIFE = heard("orders", inPod(1), [0, 19]);
const NEIGHBOUR = heard("logs", inPod(2), [0, 60]);
const SUCCESSOR = heard("orders", inPod(3, "n2"), [20, 60]);

/** orders' token is presented in a minute: by a service in a pod of its own, or by nobody who was seen. */
const byThief = (minute: number, where = inPod(4, "n2")): Step => [
  minute,
  `thief C#1@t ${where} +${minute * 60}; stock S#2<1@t {${TOKEN}, ${OK}} +${minute * 60}`,
];
const byNobody = (minute: number, at = minute): Step => [minute, `stock S#2@t {${TOKEN}, ${OK}} +${at * 60}`];

function play(steps: readonly Step[], options: Partial<AssemblerOptions> = {}): Facts {
  const [assembler, decoder] = [createAssembler(options), createDecoder()];
  let nowMs = START_MS;
  for (const [minute, drawing] of [...steps].sort(([one], [other]) => one - other)) {
    // A capture is read in no time.
    nowMs = options.seen === "span" ? 0 : START_MS + minute * MINUTE_MS;
    assembler.add(decoder.decodeProtobuf(encodeRequest(drawRequest(drawing))), nowMs);
  }
  assembler.advance(nowMs + 11 * MINUTE_MS);
  if (options.seen === "span") assembler.settleAll();
  return assembler.takeFacts();
}

function told(...steps: readonly (Step | readonly Step[])[]): readonly string[] {
  const { reuses } = play(steps.flatMap((step) => (isStep(step) ? [step] : step)));
  return reuses.map(({ kind, presenter, recipient, apartMs, count }) => {
    return `${kind} ${presenter ?? "-"} to ${recipient.name} after ${apartMs / MINUTE_MS}${count === 1 ? "" : ` n=${count}`}`;
  });
}

function isStep(step: Step | readonly Step[]): step is Step {
  return typeof step[0] === "number";
}

test("140: a token that another pod presents after its own one has ended is told", () => {
  expect(told(LIFE, NEIGHBOUR, byThief(30))).toEqual(["ended-pod thief to stock after 11"]);
  const { reuses } = play([...LIFE, ...NEIGHBOUR, byThief(30)]);
  expect(reuses[0]).toMatchObject({ environment: "default", outcome: "ok", seenMs: START_MS + 30 * MINUTE_MS });
  expect(reuses[0]?.evidence).toMatchObject({ callerSpanId: "0000000000000001", calleeSpanId: "0000000000000002" });
});

test("140: what is presented again meanwhile is counted, and told once", () => {
  const again = ["u", "v"].map((trace): Step => {
    return [31, byThief(31)[1].replaceAll("@t", `@${trace}`)];
  });
  expect(told(LIFE, NEIGHBOUR, byThief(30), again)).toEqual(["ended-pod thief to stock after 11 n=3"]);
});

test("141: one that nobody was seen to present is told where the service goes on without the pod", () => {
  expect(told(LIFE, NEIGHBOUR, SUCCESSOR, byNobody(30))).toEqual(["ended-pod - to stock after 11"]);
  expect(told(LIFE, NEIGHBOUR, byNobody(30))).toEqual([]);
  expect(told(LIFE, NEIGHBOUR, heard("orders", inPod(3, "n2"), [20, 21]), byNobody(30))).toEqual([]);
  expect(told(LIFE, NEIGHBOUR, heard("other", inPod(3, "n2"), [20, 60]), byNobody(30))).toEqual([]);
});

test("142: a rolling restart: what the pod still sends within five minutes is its own", () => {
  expect(told(LIFE, NEIGHBOUR, SUCCESSOR, byNobody(20.5), byThief(24))).toEqual([]);
});

test("143: a pod that is heard again, or whose calling span comes late, has not ended", () => {
  expect(told(LIFE, NEIGHBOUR, SUCCESSOR, byNobody(30), heard("orders", inPod(1), [39, 39]))).toEqual([]);
  const own = `orders C#1<9@t ${inPod(1)} +1800; stock S#2<1@t {${TOKEN}, ${OK}} +1800`;
  expect(told(LIFE, NEIGHBOUR, SUCCESSOR, [30, own])).toEqual([]);
  const [calling = "", called = ""] = own.split("; ");
  expect(told(LIFE, NEIGHBOUR, SUCCESSOR, [30, called], [38, calling])).toEqual([]);
});

test("144: a calling span that never came may be the pod's own, cut off", () => {
  expect(told(LIFE, NEIGHBOUR, SUCCESSOR, [30, `stock S#2<1@t {${TOKEN}, ${OK}} +1800`], [32, ""])).toEqual([]);
});

test("145: where the node went silent as well, or for most of the time, it is the telemetry that stopped", () => {
  expect(told(LIFE, heard("logs", inPod(2), [0, 19]), byThief(30))).toEqual([]);
  expect(told(LIFE, heard("logs", inPod(2), [0, 21]), byThief(30))).toEqual([]);
  expect(told(LIFE, heard("logs", inPod(2), [0, 22]), byThief(30))).toHaveLength(1);
  expect(told(LIFE, heard("logs", inPod(2, "n2"), [0, 60]), byThief(30))).toEqual([]);
  const elsewhere = `[k8s.pod.uid=${uid(2)}, k8s.node.name=n1, k8s.cluster.name=east]`;
  expect(told(LIFE, heard("logs", elsewhere, [0, 60]), byThief(30))).toEqual([]);
});

test("146: nothing is told of a pod whose node is not named, or that was never heard", () => {
  expect(told(heard("orders", `[k8s.pod.uid=${uid(1)}]`, [0, 19]), NEIGHBOUR, byThief(30))).toEqual([]);
  expect(told(heard("orders", "[k8s.node.name=n1]", [0, 19]), NEIGHBOUR, byThief(30))).toEqual([]);
  expect(told(NEIGHBOUR, byThief(30))).toEqual([]);
});

test("147: a pod that was sampled, heard little, or used to pause may be there still", () => {
  expect(told(heard("orders", inPod(1), [0, 19], " th:8"), NEIGHBOUR, byThief(30))).toEqual([]);
  expect(told(heard("orders", inPod(1), [11, 19]), NEIGHBOUR, byThief(30))).toEqual([]);
  expect(told(heard("orders", inPod(1), [10, 19]), NEIGHBOUR, byThief(30))).toHaveLength(1);
  const pausing = heard("orders", inPod(1), [0, 40, 4]);
  expect(told(pausing, NEIGHBOUR, byThief(52))).toEqual([]);
  expect(told(pausing, NEIGHBOUR, byThief(53))).toHaveLength(1);
  expect(told(pausing, heard("logs", inPod(2), [0, 44]), byThief(53))).toEqual([]);
});

test("148: what a span's clock says counts only as far as the collector's does", () => {
  expect(told(LIFE, NEIGHBOUR, SUCCESSOR, byNobody(20, 40))).toEqual([]);
  expect(told(LIFE, NEIGHBOUR, SUCCESSOR, byNobody(40, 19))).toEqual([]);
});

test("149: refused, relayed, proxied and sent along with a message is not presented by who was not the pod", () => {
  const [, drawing] = byThief(30);
  expect(told(LIFE, NEIGHBOUR, [30, drawing.replace(OK, "http.response.status_code=401")])).toEqual([]);
  expect(told(LIFE, NEIGHBOUR, [30, drawing.replace("@t [", "@t {component=proxy} [")])).toEqual([]);
  expect(told(LIFE, NEIGHBOUR, [30, drawing.replace("stock S", "stock K").replace("thief C", "thief P")])).toEqual([]);
  expect(told(LIFE, NEIGHBOUR, [30, drawing.replace("stock S", "stock K")])).toEqual([]);
  expect(told(LIFE, NEIGHBOUR, [30, drawing.replace("thief C", "thief P")])).toEqual([]);
  const relay = `gate S#8<7@t {${TOKEN}, ${OK}} ${inPod(4)} +1800; gate C#1<8@t ${inPod(4)} +1800; stock S#2<1@t {${TOKEN}, ${OK}} +1800`;
  expect(told(LIFE, NEIGHBOUR, [30, relay], [32, ""])).toEqual([]);
});

test("149: a caller of which some spans name no pod may be in that very pod", () => {
  expect(told(LIFE, NEIGHBOUR, byThief(30, ""))).toEqual([]);
  expect(told(LIFE, NEIGHBOUR, heard("thief", "", [5, 5]), byThief(30))).toEqual([]);
  expect(told(LIFE, NEIGHBOUR, byThief(30, `[k8s.pod.uid=${uid(4)}]`))).toEqual([]);
});

test("a capture is judged by its spans' own times, whatever order they come in", () => {
  const steps = [...LIFE, ...NEIGHBOUR, byThief(30)];
  expect(play(steps, { seen: "span" }).reuses).toMatchObject([
    { kind: "ended-pod", apartMs: expect.closeTo(11 * MINUTE_MS - 10, 1) },
  ]);
  const alive = heard("orders", inPod(1), [29, 29]).map(([, drawing]): Step => [59, drawing]);
  expect(play([...steps, ...alive], { seen: "span" }).reuses).toEqual([]);
});

test("what a replay brings back was heard before, and is not heard again", () => {
  const [assembler, decoder] = [createAssembler(), createDecoder()];
  const batches = [...LIFE, ...NEIGHBOUR, byThief(30)].map(([, drawing]) => encodeRequest(drawRequest(drawing)));
  assembler.memory.beginReplay();
  for (const bytes of batches) assembler.add(decoder.decodeProtobuf(bytes), START_MS);
  assembler.memory.endReplay();
  assembler.advance(START_MS + 60 * MINUTE_MS);
  expect(assembler.takeFacts().reuses).toEqual([]);
});

test("services in pods say so", () => {
  const { services } = play([...LIFE, ...heard("cart", `[k8s.pod.uid=${uid(5)}]`, [0, 0])]);
  expect(services.map(({ service, isInPods = false }) => [service, isInPods])).toEqual([
    ["orders", true],
    ["cart", false],
  ]);
});

test("of too many pods those are forgotten that were heard longest ago", () => {
  const resources = new ResourceReader(new NodeInterner(100));
  const pods = new PodTable({ resources, sizeMax: 4 });
  const numberOf = (pod: number) => pods.find(podIdOf(uid(pod)) ?? new Uint32Array(4), 0);
  for (const pod of [1, 2, 3, 4, 1, 5]) {
    const batch = createDecoder().decodeProtobuf(encodeRequest(drawRequest(`a S#1 ${inPod(pod)}`)));
    pods.nowMs = (Number.isNaN(pods.nowMs) ? START_MS : pods.nowMs) + 1;
    resources.begin(batch);
    pods.see(batch);
  }
  expect([1, 2, 3, 4, 5].map((pod) => numberOf(pod) > 0)).toEqual([true, false, false, true, true]);
  expect([pods.isKnown(1), pods.isKnown(numberOf(1)), pods.overflows]).toEqual([false, true, 1]);
});

test.each([
  ["0a1b2c3d-0000-4000-8000-0000000000ff", [0x0a1b2c3d, 0x00004000, 0x80000000, 0xff]],
  ["0A1B2C3D00004000800000000000000F", [0x0a1b2c3d, 0x00004000, 0x80000000, 0xf]],
  ["0a1b2c3d-0000-4000-8000-0000000000f", null],
  ["0a1b2c3d-0000-4000-8000-0000000000ff-1", null],
  ["web-7d9f8b6c5d-x2x4z", null],
])("the uid %s is %j", (text, words) => {
  const id = podIdOf(text);
  expect(id === null ? null : [...id]).toEqual(words);
});

test("of too many uses that wait the last ones are not told, and counted", () => {
  const [assembler, decoder] = [createAssembler(), createDecoder()];
  const add = (drawing: string, minute: number) =>
    assembler.add(decoder.decodeProtobuf(encodeRequest(drawRequest(drawing))), START_MS + minute * MINUTE_MS);
  for (const [minute, drawing] of [...LIFE, ...NEIGHBOUR.slice(0, 25), ...SUCCESSOR.slice(0, 5)]) add(drawing, minute);
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  const routes = letters.flatMap((a) => letters.flatMap((b) => letters.slice(0, 15).map((c) => `/${a}${b}${c}`)));
  const calls = routes.map((route, at) => {
    return `stock S#1@${at + 100} {${TOKEN}, ${OK}, http.request.method=GET, http.route=${route}} +1800`;
  });
  add(calls.join(";"), 30);
  // An edge has a thousand operations at most, and the others are counted as well.
  const ofEdge = routes.length - 1_000;
  expect([routes.length, assembler.figures().overflowed - ofEdge]).toEqual([10_140, 140]);
  assembler.advance(START_MS + 45 * MINUTE_MS);
  expect(assembler.takeFacts().reuses).toHaveLength(10_000);
});
