import { expect, test } from "vitest";
import type { GraphNode } from "../../src/model/graph.ts";
import { contextOf, external, service } from "./support.ts";

const { names } = contextOf(`
settings: { namespace: shop }
normalize:
  - { match: "{svc}-pr-{n:int}", to: "{svc}" }
  - { match: "{svc}-{rs:hex}-{pod}", to: "{svc}" }
  - { match: "cart-{n:int}", to: "never" }
internal: { hosts: ["*.svc.cluster.local"] }
services:
  cart: { aliases: [basket-pr-1] }
  pay: {}
  cart-pr-7: {}
externals:
  stripe: { hosts: ["api-pr-9.stripe.com"] }
`);

function checkCallee(node: GraphNode, expected: string): void {
  const party = names.callee(node, "default");
  expect(`${party.kind} ${party.name}`).toBe(expected);
}

test("an ephemeral name is the declared service, whichever side it is on", () => {
  checkCallee(service("shop/cart-pr-12"), "service shop/cart");
  checkCallee(service("pay-pr-12"), "service shop/pay");
  checkCallee(service("pay-7d9f8b6c5d-x2x4z"), "service shop/pay");
  expect(names.caller(service("cart-pr-12")).name).toBe("shop/cart");
});

test("declared names and aliases are never rewritten", () => {
  checkCallee(service("cart-pr-7"), "service shop/cart-pr-7");
  checkCallee(service("basket-pr-1"), "service shop/cart");
});

test("of several rules the first that matches holds, once", () => {
  checkCallee(service("cart-7-pr-1"), "service cart-7");
});

test("a service that is unknown is known by its stable name, so that its pods are one", () => {
  checkCallee(service("batch-pr-1"), "service batch");
  checkCallee(service("batch-pr-2"), "service batch");
});

test("an address inside is the service whose pod or preview it names", () => {
  checkCallee(external("pay-pr-3:8080"), "service shop/pay");
  checkCallee(external("pay-pr-3.team.svc.cluster.local:8080"), "service shop/pay");
  expect(names.caller(external("pay-pr-3:8080")).name).toBe("shop/pay");
});

test("a host outside is never taken for one of our services", () => {
  checkCallee(external("pay-7d9f8b6c5d-x.evil.example"), "external pay-7d9f8b6c5d-x.evil.example");
  checkCallee(external("pay-pr-3.evil.example"), "external pay-pr-3.evil.example");
  checkCallee(external("api-pr-9.stripe.com"), "external stripe");
});
