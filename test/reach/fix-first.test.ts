import { expect, test } from "vitest";
import type { SurveyInput } from "../../src/reach/survey-input.ts";
import { surveyFixFirst } from "../../src/reach/survey-reach.ts";
import { baselineOf, call, inputOf, relayed, tokenFor } from "./support.ts";

const USER = tokenFor("orders", { client: "web", subjectKind: "user" });

function toldOf(input: SurveyInput): readonly string[] {
  return surveyFixFirst(input).map(({ service, relayLost, relaysTo, splitLost, sharedAudiences }) =>
    [service, relayLost, relaysTo.join("+"), splitLost, sharedAudiences.join("+")].join(" ").trim(),
  );
}

test("who relays a token that nobody else brings takes reach away by stopping", () => {
  const shapes = [call("web -> orders", USER), call("orders -> stock", USER)];
  expect(toldOf(inputOf(shapes, { relays: [relayed("orders -> stock", USER)] }))).toEqual([
    "orders 2 stock 1 orders",
    "stock 0  1 orders",
  ]);
});

test("stopping takes nothing away where another brings the same, or the next one declares it", () => {
  const own = tokenFor("stock", { client: "web" });
  const relays = [relayed("orders -> stock", own)];
  const both = [
    call("web -> orders", own, { outcome: "error" }),
    call("orders -> stock", own),
    call("web -> stock", own),
  ];
  expect(toldOf(inputOf(both, { relays }))).toEqual([]);
  const baseline = baselineOf(
    'services: { orders: {}, stock: { accepts: [{ issuer: "https://id.example", audiences: [stock] }] } }',
  );
  const one = [call("web -> orders", own, { outcome: "error" }), call("orders -> stock", own)];
  expect(toldOf(inputOf(one, { relays, baseline }))).toEqual([]);
});

test("an audience that three accept costs two for each kind of token at each of them", () => {
  const shapes = ["a", "b", "c"].map((name) => call(`web -> ${name}`, tokenFor("api")));
  expect(toldOf(inputOf(shapes))).toEqual(["a 0  2 api", "b 0  2 api", "c 0  2 api"]);
  expect(toldOf(inputOf(["a", "b"].map((name) => call(`web -> ${name}`, tokenFor(name)))))).toEqual([]);
});

test("environments are apart", () => {
  const shapes = [call("web -> a", tokenFor("api")), call("web -> b", tokenFor("api"), { environment: "dev" })];
  expect(toldOf(inputOf(shapes))).toEqual([]);
});
