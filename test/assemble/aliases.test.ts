import { expect, test } from "vitest";
import type { Facts } from "../../src/model/facts.ts";
import { assemble, checkHopsInAnyOrder, permutations } from "../support/assemble.ts";
import { drawSpans } from "../support/draw.ts";

// What hops teach about addresses. Numbers as in docs/conformance.md.

const ORDERS = "server.address=orders, server.port=8080";

function describeAliases({ aliases }: Facts): string[] {
  return aliases
    .map(({ address, service, count }) => `${address} = ${service}${count === 1 ? "" : ` n=${count}`}`)
    .sort();
}

/** The drawing teaches exactly this, in every order of arrival. */
function checkAliases(drawing: string, expected: readonly string[]): void {
  for (const spans of permutations(drawSpans(drawing))) {
    expect(describeAliases(assemble(spans).facts)).toEqual(expected);
  }
}

test("54: an address is learned where both ends of a call were seen, and changes no hop", () => {
  const drawing = `a C#1<9 {${ORDERS}}; orders-svc S#2<1; a C#3<9@2 {${ORDERS}}`;
  checkAliases(drawing, ["orders:8080 = orders-svc"]);
  checkHopsInAnyOrder(drawing, ["a -> orders-svc paired", "a -> orders:8080 peer"]);
});

test("54: each call tells once more, be it a retry or a second caller", () => {
  checkAliases(`a C#1<9 {${ORDERS}}; o S#2<1; o S#3<1; b C#4<9 {${ORDERS}}; o S#5<4`, ["orders:8080 = o n=3"]);
});

test("54: two services that answer for one address are both told", () => {
  checkAliases(`a C#1<9 {${ORDERS}}; b S#2<1; a C#3<8 {${ORDERS}}; c S#4<3`, ["orders:8080 = b", "orders:8080 = c"]);
});

test("54: a call that several services answered tells of none whose the address is, however often they did", () => {
  checkAliases(`a C#1<9 {${ORDERS}}; b S#2<1; c S#3<1`, []);
  checkAliases(`a C#1<9 {${ORDERS}}; b S#2<1; b S#3<1; c S#4<1; b S#5<1`, []);
  checkAliases(`a C#1<9 {${ORDERS}}; b S#2<1; b I#3<1; b S#4<3`, ["orders:8080 = b n=2"]);
  checkAliases(`a C#1<9 {${ORDERS}}; b S#1<9; c S#2<1`, []);
  checkAliases(`a C#1<9 {${ORDERS}}; b I#2<1; c S#3<1`, []);
});

test.each([
  ["a loopback address", "server.address=localhost, server.port=8080"],
  ["a loopback address by another name", "server.address=orders.localhost"],
  ["a bare IP address", "server.address=10.0.0.5, server.port=8080"],
  ["a bare IPv6 address", "server.address=fd00::5"],
  ["a cloud's metadata endpoint", "server.address=169.254.169.254"],
  ["a name that the caller gives its peer", `peer.service=orders, ${ORDERS}`],
  ["a database's address", `db.system=postgresql, ${ORDERS}`],
  ["a broker's address", `messaging.system=kafka, messaging.destination.name=Q, ${ORDERS}`],
  ["a function's name", `faas.invoked_name=orders, ${ORDERS}`],
  ["a cloud's resource", `rpc.system=aws-api, rpc.service=S3, ${ORDERS}`],
  ["nothing", "http.request.method=GET"],
])("54: %s is no other name of the service that answers", (_, attributes) => {
  checkAliases(`a C#1<9 {${attributes}}; b S#2<1`, []);
});

test("54: only client and server teach, and only within one environment", () => {
  checkAliases(`a C#1<9 {${ORDERS}}; b C#2<1 {peer=x}`, []);
  checkAliases(`a C#1<9 {${ORDERS}}; b I#2<1`, []);
  checkAliases(`a C#1<9 {${ORDERS}} [deployment.environment=prod]; b S#2<1 [deployment.environment=test]`, []);
});

test("54: a service whose name is not known is nobody's address", () => {
  checkAliases(`a C#1<9 {${ORDERS}}; - S#2<1`, []);
});

test("54: a hop that is taken back teaches nothing", () => {
  checkAliases(`a C#1<9 {${ORDERS}}; b S#1<9; b S#2<1`, ["orders:8080 = b"]);
});

test("what was told is not told again", () => {
  const { facts, assembler } = assemble(drawSpans(`a C#1<9 {${ORDERS}}; b S#2<1`));
  expect(describeAliases(facts)).toEqual(["orders:8080 = b"]);
  expect(assembler.takeFacts().aliases).toEqual([]);
});
