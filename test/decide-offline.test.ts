import { join } from "node:path";
import { expect, test } from "vitest";
import { decideOffline } from "../src/decide-offline.ts";
import type { Decision } from "../src/model/alert.ts";
import { lockDatabase } from "../src/record/lock.ts";
import { openReader, openStore } from "../src/record/sqlite-store.ts";
import { NOTHING } from "./record/samples.ts";
import { drawSpans } from "./support/draw.ts";
import { baselineOf, runPipeline } from "./support/pipeline.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

const folder = scratchFolder();
const RESOLVE: Decision = { action: "resolve", reason: "fixed" };
let files = 0;

/** A database as a collector leaves it, with one alert. */
async function database() {
  const spans = drawSpans("web C#1 {http.request.method=GET}; stock S#2<1 {http.request.method=GET}");
  const { alerts } = await runPipeline([{ spans }], baselineOf("services: { web: {}, stock: {} }"));
  const file = join(folder, `${++files}.db`);
  const store = openStore(file);
  await store.commit({ ...NOTHING, alerts });
  store.close();
  return { file, id: alerts[0]?.id ?? "" };
}

test("a decision is carried out in the database, with its history, by id, prefix or key", async () => {
  const { file, id } = await database();
  const decided = await decideOffline(file, { idOrKey: id.slice(0, 12), decision: RESOLVE, actor: "ada" });
  expect(decided).toMatchObject({ id, status: "resolved", statusReason: "fixed" });
  const reader = openReader(file);
  expect(await reader.alert(id)).toEqual(decided);
  expect(await reader.audit(id)).toMatchObject([{ actor: "ada", action: "resolve", from: "open", to: "resolved" }]);
  reader.close();
  const again = { idOrKey: decided.key, decision: { action: "reopen", reason: null }, actor: "ada" } as const;
  expect(await decideOffline(file, again)).toMatchObject({ id, status: "open" });
});

test("while a collector writes the database, nothing is decided behind its back", async () => {
  const { file, id } = await database();
  const lock = lockDatabase(file);
  const decide = () => decideOffline(file, { idOrKey: id, decision: RESOLVE, actor: "ada" });
  await expect(decide()).rejects.toMatchObject({ code: "database-locked" });
  lock.release();
  expect(await decide()).toMatchObject({ status: "resolved" });
});

test("what cannot be decided changes nothing and leaves the database free for the next one", async () => {
  const { file, id } = await database();
  const decide = (idOrKey: string, decision: Decision) => decideOffline(file, { idOrKey, decision, actor: "ada" });
  await expect(decide("01ZZZZZZ", RESOLVE)).rejects.toMatchObject({ code: "not-found" });
  await expect(decide(id, { action: "reopen", reason: null })).rejects.toMatchObject({ code: "conflict" });
  await expect(decide(id, { action: "acknowledge", untilMs: 1, reason: null })).rejects.toMatchObject({
    code: "bad-argument",
  });
  expect(await decide(id, RESOLVE)).toMatchObject({ status: "resolved" });
});

test("a database that is not there is not made", async () => {
  const file = join(folder, "missing.db");
  const request = { idOrKey: "01ZZ", decision: RESOLVE, actor: "ada" };
  await expect(decideOffline(file, request)).rejects.toMatchObject({ code: "database-missing" });
  expect(() => openReader(file)).toThrowError(expect.objectContaining({ code: "database-missing" }));
});
