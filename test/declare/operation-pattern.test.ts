import fc from "fast-check";
import { expect, test } from "vitest";
import { compileOperation } from "../../src/declare/operation-pattern.ts";

test.each([
  [
    "GET,DELETE /v1/carts/{id}",
    ["GET /v1/carts/7", "DELETE /v1/carts/{cartId}"],
    ["POST /v1/carts/7", "GET /v1/carts/"],
  ],
  ["GET /v1/carts/{id}", ["GET /v1/carts/{id}", "GET /v1/carts/:id"], ["GET /v1/carts/7/items", "GET /v1/carts"]],
  ["* /**", ["GET /", "PATCH /a/b/c", "* /a"], ["GET", "rpc:a.B/C"]],
  ["GET /x/*", ["GET /x/y"], ["GET /x/y/z", "GET /x", "GETX /x/y"]],
  ["get /x", ["GET /x"], ["POST /x"]],
  ["GET /a.c", ["GET /a.c"], ["GET /abc"]],
  ["GET /{a,b}/x", ["GET /a/x", "GET /b/x"], ["GET /c/x"]],
  ["rpc:pkg.Service/*", ["rpc:pkg.Service/Get"], ["rpc:pkg.Services/Get", "rpc:pkg.Service/Get/x"]],
  ["publish:orders", ["publish:orders"], ["publish:orders.created", "consume:orders"]],
  ["query:*", ["query:public.orders"], ["publish:orders"]],
  ["graphql:Search", ["graphql:Search"], ["graphql:search"]],
  ["**", ["GET /x", "rpc:a/b"], []],
])("%s matches what it says and nothing else", (text, matching, others) => {
  const pattern = compileOperation(text);
  expect(matching.filter((operation) => !pattern.matches(operation))).toEqual([]);
  expect(others.filter((operation) => pattern.matches(operation))).toEqual([]);
});

test("any operation, declared as it was observed, is declared", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."*{},/ GET:ab.?\n") }), (operation) =>
      compileOperation(operation).matches(operation),
    ),
  );
});
