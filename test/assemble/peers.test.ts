import { expect, test } from "vitest";
import { assemble, checkHops, checkHopsInAnyOrder } from "../support/assemble.ts";
import { drawSpans } from "../support/draw.ts";

// How the other side is named where only the caller's span was seen. Numbers as in docs/conformance.md.

function checkPeer(attributes: string, peer: string): void {
  checkHops(`a C#1 {${attributes}}`, [`a -> ${peer} peer`]);
}

test("49: the current peer attributes beat the deprecated one", () => {
  checkPeer("service.peer.name=p, service.peer.namespace=n, peer.service=old", "n/p");
});

test("50: a thousand paths of one host are one node", () => {
  const spans = Array.from(
    { length: 1000 },
    (_, i) =>
      `a C#1@${i + 1} {server.address=api.stripe.com, server.port=443, url.full=https://api.stripe.com/v1/x${i}?k=1}`,
  );
  checkHops(spans.join(";"), ["a -> api.stripe.com peer n=1000"]);
});

test("51: the older net.peer names, port included", () => {
  checkPeer("net.peer.name=loki, net.peer.port=3100", "loki:3100");
});

test("52: a URL alone, a host header alone", () => {
  checkPeer("http.url=http://orders:8080/v1/x?y=1", "orders:8080");
  checkPeer("http.url=https://user:pw@api.example.com/v1", "api.example.com");
  checkPeer("http.host=orders:8080", "orders:8080");
});

test("53: bare addresses of pods are one node", () => {
  const spans = ["10.0.0.5", "10.0.0.6", "10.0.0.7"].map((ip, i) => `a C#1@${i + 1} {server.address=${ip}}`);
  checkHops(spans.join(";"), ["a -> ext:(ip) peer n=3"]);
});

test("53, a cloud's metadata endpoint keeps its name", () => {
  checkPeer("server.address=169.254.169.254", "169.254.169.254");
  checkPeer("server.address=metadata.google.internal.", "metadata.google.internal");
});

test("56: without a host an RPC call is named by its interface", () => {
  checkPeer("rpc.system=grpc, rpc.service=acme.Auth", "acme.Auth");
  checkPeer("rpc.system=grpc, rpc.method=acme.Auth/Check", "acme.Auth");
});

test("58: old and new attributes together name what either names", () => {
  const current = "server.address=h, server.port=81";
  const older = "net.peer.name=h, net.peer.port=81";
  checkPeer(current, "h:81");
  checkPeer(older, "h:81");
  checkPeer(`${current}, ${older}`, "h:81");
});

for (const [number, attributes, node] of [
  [59, "db.name=mydb", "db:mydb"],
  [60, "db.name=mydb, server.address=pg", "db:pg"],
  [61, "db.name=mydb, server.address=pg, peer.service=orders-db", "orders-db"],
  [62, "db.name=mydb, network.peer.address=pg.local, network.peer.port=5432", "db:pg.local:5432"],
  [63, "db.name=mydb, network.peer.address=pg.local", "db:pg.local"],
  [64, "db.namespace=mydb", "db:mydb"],
  [65, "db.name=old, db.namespace=new", "db:new"],
  [66, "db.system.name=postgresql", "db:postgresql"],
  [67, "db.system=mssql, db.system.name=microsoft.sql_server", "db:microsoft.sql_server"],
  [68, "db.system=mssql", "db:microsoft.sql_server"],
] as const) {
  test(`${number}: a database call with ${attributes} goes to ${node}`, () => checkPeer(attributes, node));
}

test("69: one namespace on two hosts is two datastores", () => {
  checkHops(
    "a C#1 {db.system=mysql, db.namespace=n, server.address=h1}; b C#1@2 {db.system=mysql, db.namespace=n, server.address=h2}",
    ["a -> db:mysql/h1 peer", "b -> db:mysql/h2 peer"],
  );
});

test("70: an instrumented database proxy is the callee", () => {
  const db = "db.system=postgresql, server.address=pg";
  checkHopsInAnyOrder(`a C#1 {${db}}; pgproxy S#2<1; pgproxy C#3<2 {${db}}`, [
    "a -> pgproxy paired",
    "pgproxy -> db:postgresql/pg peer",
  ]);
});

test("72: producer and consumer: one hop each with the topic, one logical hop between them", () => {
  const orders = "messaging.system=kafka, messaging.destination.name=orders";
  checkHopsInAnyOrder(`a P#1<9 {${orders}}; b K#2<1 {${orders}}`, [
    "a -> mq:kafka/orders peer",
    "mq:kafka/orders -> b peer",
    "a => b via mq:kafka/orders paired",
  ]);
});

test("73: only one side, or neither, names the destination", () => {
  const orders = "messaging.system=kafka, messaging.destination.name=orders";
  checkHopsInAnyOrder(`a P#1<9 {${orders}}; b K#2<1`, [
    "a -> mq:kafka/orders peer",
    "a => b via mq:kafka/orders paired",
  ]);
  checkHopsInAnyOrder(`a P#1<9; b K#2<1 {${orders}}`, [
    "mq:kafka/orders -> b peer",
    "a => b via mq:kafka/orders paired",
  ]);
  checkHopsInAnyOrder("a P#1<9; b K#2<1", ["a => b paired"]);
});

test("operations come from routes and templates, and from raw paths with ids masked", () => {
  const check = (attributes: string, operation: string): void =>
    checkHops(`a C#1<9; b S#2<1 {${attributes}}`, [`a -> b ${operation} paired`], { operations: true });
  check("http.request.method=GET, http.route=/v1/carts/:id", "GET /v1/carts/{id}");
  check("http.method=POST, http.target=/v1/carts/123/items?x=1", "POST /v1/carts/{id}/items");
  check("rpc.system=grpc, rpc.service=shop.Cart, rpc.method=Get", "rpc:shop.Cart/Get");
  check("rpc.system=grpc, rpc.method=shop.Cart/Get", "rpc:shop.Cart/Get");
  check("graphql.operation.name=Cart, http.route=/graphql, http.method=POST", "graphql:Cart");
});

test("the caller's operation counts where the callee does not say", () => {
  checkHops("a C#1<9 {http.request.method=GET, url.template=/v1/x}; b S#2<1", ["a -> b GET /v1/x paired"], {
    operations: true,
  });
});

test("a call is paired also when the callee's environment differs", () => {
  expect(() =>
    checkHops("a C#1<9 [deployment.environment=prod]; b S#2<1 [deployment.environment.name=staging]", [
      "a -> b paired",
    ]),
  ).not.toThrow();
});

test("a passing port beside a public client address is neither an address nor part of what the call is", () => {
  const port = (n: number): string => `b S#1@${n} {network.peer.address=8.8.8.8, network.peer.port=${40000 + n}}`;
  const { facts } = assemble(drawSpans([port(1), port(2), port(3)].join(";")));
  expect(facts.newShapes.map(({ shape }) => shape.origin)).toEqual(["public"]);
  expect(facts.newShapes[0]?.evidence.clientAddress).toBe("8.8.8.8");
});
