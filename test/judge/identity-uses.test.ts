import { expect, test } from "vitest";
import { IdentityUses } from "../../src/judge/identity-uses.ts";
import { shapeOf, token } from "./support.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CLIENT = { client: "refunds", subject: null, subjectKind: "service", issuer: "https://idp.example" } as const;
const SHAPE = shapeOf({ environment: "prod", credential: token(CLIENT) });
const OF = { environment: "prod", identity: { kind: "client", name: "refunds", issuer: "https://idp.example" } };

test("whoever comes back after a day or more is told, with how long it had paused before", () => {
  const uses = new IdentityUses();
  expect(uses.see(SHAPE, DAY_MS)).toEqual([]);
  expect(uses.see(SHAPE, 2 * DAY_MS - 1)).toEqual([]);
  expect(uses.see(SHAPE, 5 * DAY_MS)).toMatchObject([{ before: { ...OF, longestPauseMs: DAY_MS - 1 } }]);
  expect(uses.see(SHAPE, 7 * DAY_MS)).toMatchObject([
    { before: { longestPauseMs: 3 * DAY_MS + 1 }, pauseMs: 2 * DAY_MS },
  ]);
});

test("a clock that goes back brings nobody back", () => {
  const uses = new IdentityUses();
  uses.see(SHAPE, 9 * DAY_MS);
  expect(uses.see(SHAPE, DAY_MS)).toEqual([]);
  expect(uses.see(SHAPE, 9 * DAY_MS + 1)).toEqual([]);
});

test("a person's token, and a shape without a credential, tell nothing of machines", () => {
  const uses = new IdentityUses();
  const person = shapeOf({ credential: token({ ...CLIENT, subjectKind: "user" }) });
  for (const shape of [person, shapeOf({ credential: null })]) {
    uses.see(shape, DAY_MS);
    expect(uses.see(shape, 90 * DAY_MS)).toEqual([]);
  }
  expect(uses.take()).toEqual([]);
});

test("what is known is written once an hour at most", () => {
  const uses = new IdentityUses();
  uses.see(SHAPE, DAY_MS);
  expect(uses.take()).toEqual([{ ...OF, lastMs: DAY_MS, longestPauseMs: 0 }]);
  uses.see(SHAPE, DAY_MS + HOUR_MS - 1);
  expect(uses.take()).toEqual([]);
  uses.see(SHAPE, DAY_MS + HOUR_MS);
  expect(uses.take()).toEqual([{ ...OF, lastMs: DAY_MS + HOUR_MS, longestPauseMs: HOUR_MS - 1 }]);
});

test("earlier runs count, whether they wrote uses or only shapes", () => {
  const restored = new IdentityUses();
  restored.restore([
    { environment: "prod", identity: { ...OF.identity, kind: "client" }, lastMs: DAY_MS, longestPauseMs: 9 },
  ]);
  restored.recall(SHAPE, DAY_MS + 5);
  expect(restored.see(SHAPE, 3 * DAY_MS)).toMatchObject([{ pauseMs: 2 * DAY_MS - 5, before: { longestPauseMs: 9 } }]);
  const recalled = new IdentityUses();
  recalled.recall(SHAPE, DAY_MS);
  expect(recalled.see(SHAPE, 3 * DAY_MS)).toMatchObject([{ pauseMs: 2 * DAY_MS, before: { longestPauseMs: 0 } }]);
});
