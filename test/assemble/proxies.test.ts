import { expect, test } from "vitest";
import { assemble, checkHopsInAnyOrder, createFeed, describeHops } from "../support/assemble.ts";
import { drawSpans } from "../support/draw.ts";

// Hops through proxies, beside the physical ones. Numbers as in docs/conformance.md.

const PROXY = "component=proxy";

test("88: physical hops through a gateway stay, and who called it has called who answered behind it", () => {
  checkHopsInAnyOrder(
    `browser C#1<9; frontend-proxy S#2<1 {${PROXY}}; frontend-proxy C#3<2 {${PROXY}, upstream_cluster=frontend}; frontend S#4<3`,
    [
      "browser -> frontend-proxy paired",
      "frontend-proxy -> frontend paired",
      "browser => frontend via frontend-proxy parent",
    ],
  );
});

test("88, a proxy that has server spans only is one as well", () => {
  checkHopsInAnyOrder(`browser C#1<9; nginx S#2<1 {${PROXY}}; frontend S#3<2`, [
    "browser -> nginx paired",
    "nginx -> frontend parent",
    "browser => frontend via nginx parent",
  ]);
});

test("88, no service is a proxy that does not say so", () => {
  checkHopsInAnyOrder("browser C#1<9; nginx S#2<1; nginx C#3<2; frontend S#4<3", [
    "browser -> nginx paired",
    "nginx -> frontend paired",
  ]);
});

test("88, an application whose sidecar bears its name is no proxy", () => {
  checkHopsInAnyOrder(`browser C#1<9; shop S#2<1 {${PROXY}}; shop S#3<2; shop C#4<3 {${PROXY}}; db S#5<4`, [
    "browser -> shop paired",
    "shop -> db paired",
  ]);
});

test("88, the caller's and the callee's own sidecars are they", () => {
  checkHopsInAnyOrder(`a C#1<9; a C#2<1 {${PROXY}}; gw S#3<2 {${PROXY}}; b S#4<3 {${PROXY}}; b S#5<4`, [
    "a -> gw paired",
    "gw -> b parent",
    "a => b via gw parent",
  ]);
});

test("88, proxies in a row are one way, via the last of them", () => {
  checkHopsInAnyOrder(`a C#1<9; p S#2<1 {${PROXY}}; q S#3<2 {${PROXY}}; q C#4<3 {${PROXY}}; b S#5<4`, [
    "a -> p paired",
    "p -> q parent",
    "q -> b paired",
    "a => q via p parent",
    "a => b via q parent",
  ]);
});

test("88, a proxy that nobody was seen to call hides nobody", () => {
  const behind = `p C#3<2 {${PROXY}}; b S#4<3`;
  checkHopsInAnyOrder(`p S#2 {${PROXY}}; ${behind}`, ["external -> p root", "p -> b paired"]);
  checkHopsInAnyOrder(`p S#2<1 {${PROXY}}; ${behind}`, ["p -> b paired"]);
});

test("88, each of the services that a proxy tries counts", () => {
  checkHopsInAnyOrder(`a C#1<9; p S#2<1 {${PROXY}}; b S#3<2 !; p C#4<2 {${PROXY}}; c S#5<4`, [
    "a -> p paired",
    "p -> b parent e=1",
    "p -> c paired",
    "a => b via p parent e=1",
    "a => c via p parent",
  ]);
});

test("88, a server span that takes an INTERNAL entry's place takes its hop through the proxy as well", () => {
  checkHopsInAnyOrder(`a C#1<9; p S#2<1 {${PROXY}}; b I#3<2; b S#4<3 +2; b S#5<3 +1`, [
    "a -> p paired",
    "p -> b parent",
    "a => b via p parent",
  ]);
});

test("88, the hop through a proxy weighs what its entry does", () => {
  checkHopsInAnyOrder(`a C#1<9; p S#2<1 {${PROXY}}; b S#3<2 th:8`, [
    "a -> p paired",
    "p -> b parent w=2",
    "a => b via p parent w=2",
  ]);
});

test("88, a proxy whose spans share ids with its caller's and its callee's", () => {
  checkHopsInAnyOrder(`a C#1<9; p S#1<9 {${PROXY}}; p C#2<1 {${PROXY}}; b S#2<1`, [
    "a -> p paired",
    "p -> b paired",
    "a => b via p parent",
  ]);
});

test("88, a proxy's span that was given to another service of its parent's id comes back", () => {
  checkHopsInAnyOrder(`x S#1<9; p S#1<9 {${PROXY}}; p C#2<1 {${PROXY}}; b S#3<2`, ["p -> b paired"]);
});

test("88, a proxy that seemed to be called by nobody has its caller by their common id", () => {
  checkHopsInAnyOrder(`a C#1<9; p S#1 {${PROXY}}; p C#2<1 {${PROXY}}; q S#3<2 {${PROXY}}; b S#4<3`, [
    "a -> p paired",
    "p -> q paired",
    "q -> b parent",
    "a => q via p parent",
    "a => b via q parent",
  ]);
});

test("88, a message that a proxy passes on is no call through it", () => {
  checkHopsInAnyOrder(`a C#1<9; p S#2<1 {${PROXY}}; p P#3<2 {${PROXY}, messaging.destination.name=q}; b K#4<3`, [
    "a -> p paired",
    "p -> mq:/q peer",
    "p => b via mq:/q paired",
  ]);
});

test("88, a way that is known only after settle counts all the same", () => {
  const { assembler, add } = createFeed();
  add(`b S#4<3; p C#3<2 {${PROXY}}`, 0);
  assembler.advance(19_000);
  add(`p S#2<1 {${PROXY}}; a C#1<9`, 20_000);
  assembler.settleAll();
  expect(describeHops(assembler.takeFacts())).toEqual(["a -> p paired", "a => b via p parent", "p -> b paired"]);
});

test("88, what was presented to and by the proxy is told by the physical hops alone", () => {
  const { facts } = assemble(
    drawSpans(`a C#1<9 {fp=t}; p S#2<1 {${PROXY}, fp=t}; p C#3<2 {${PROXY}, fp=t}; b S#4<3 {fp=t}`),
  );
  const [proxied] = facts.newShapes.filter(({ shape }) => shape.type === "proxied");
  expect(proxied).toMatchObject({
    shape: { credential: null, credentialSeenBy: null },
    evidence: { callerSpanId: "0000000000000001", calleeSpanId: "0000000000000004", fingerprint: null },
  });
});

test("a sidecar that bears its application's name is the application: no self-call, one hop", () => {
  checkHopsInAnyOrder(`a C#1<9 {server.address=127.0.0.1}; a S#2<1 {${PROXY}}; a C#3<2 {${PROXY}}; b S#4<3`, [
    "a -> b paired",
  ]);
  checkHopsInAnyOrder(`a C#1<9; b S#2<1 {${PROXY}}; b C#3<2 {${PROXY}, server.address=127.0.0.1}; b S#4<3`, [
    "a -> b paired",
  ]);
});
