import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { EVERY_ALERT } from "../src/model/store.ts";
import { type OpenEngine, openEngine } from "../src/open-engine.ts";
import { openReader } from "../src/record/sqlite-store.ts";
import { writeBaseline } from "./support/collector-process.ts";
import { drawSpans, requestOf } from "./support/draw.ts";
import { encodeRequest } from "./support/otlp.ts";
import { scratchFolder } from "./support/scratch-folder.ts";

const folder = scratchFolder();
const STRICT = "services:\n  web: { calls: {} }\n  stock: {}\n";
const WIDE = "services:\n  web: { calls: { stock: {} } }\n  stock: {}\n";

/** A database and a baseline that outlive the engines that are opened on them, one after the other. */
function home(name: string) {
  const dbFile = join(folder, `${name}.db`);
  const baselineDir = join(folder, name);
  const setup = { dbFile, settleMs: null, windowMs: null };
  return {
    dbFile,
    declare: (body: string) => writeBaseline(join(baselineDir, "shop.yaml"), body),
    run: async (
      work: (opened: OpenEngine) => Promise<unknown> = async () => null,
      isBare = false,
    ): Promise<string[]> => {
      const steps: string[] = [];
      const telling = { log: () => undefined, starting: (step: string) => void steps.push(step) };
      const where = isBare ? join(folder, "nowhere") : baselineDir;
      const opened = await openEngine({ ...setup, baselineDir: where }, telling);
      await work(opened);
      await opened.close();
      return steps;
    },
    alerts: async () => {
      const reader = openReader(dbFile);
      const alerts = await reader.alerts(EVERY_ALERT);
      const told = alerts.map(({ finding, status, count }) => `${finding.rule} ${status} ${count}`);
      reader.close();
      return told;
    },
  };
}

/** A call from web that stock answers, with attributes of the span that was called. */
function request(called: string, trace = 1) {
  const drawing = `web C#1@${trace} {http.request.method=GET}; stock S#2<1@${trace} {${called}}`;
  const bytes = encodeRequest(requestOf(drawSpans(drawing)));
  return { bytes, encoding: "protobuf", sender: "127.0.0.1" } as const;
}

async function call({ engine }: OpenEngine): Promise<void> {
  await engine.take(request("http.request.method=GET"));
}

test("what came in without a baseline is judged at the start with the one that was there before", async () => {
  const { declare, run, alerts } = home("back");
  declare(STRICT);
  await run();
  await run(call, true);
  expect(await alerts()).toEqual([]);
  await run();
  expect(await alerts()).toEqual(["undeclared-call open 0"]);
});

test("a start under another baseline accepts what that covers; under the same one, nothing changes", async () => {
  const { declare, run, alerts } = home("wider");
  declare(STRICT);
  await run(call);
  await run();
  expect(await alerts()).toEqual(["undeclared-call open 1"]);
  declare(WIDE);
  await run();
  expect(await alerts()).toEqual(["undeclared-call accepted 1"]);
  await run();
  expect(await alerts()).toEqual(["undeclared-call accepted 1"]);
});

test("a start tells what it is doing", async () => {
  const { declare, run } = home("telling");
  declare(STRICT);
  expect(await run()).toEqual(["reading the baseline", "opening the database"]);
});

test("how identities were used is known to the next run, long after hops were counted", async () => {
  const { dbFile, declare, run, alerts } = home("dormant");
  declare(WIDE);
  const token = "fp=t, trustdrift.credential.authorization.token.client.id=refunds";
  await run(({ engine }) => engine.take(request(token)));
  const db = new Database(dbFile);
  const { changes } = db.prepare("UPDATE identity_use SET last_ms = last_ms - 40 * 86400000").run();
  db.exec("DELETE FROM shape_count");
  db.close();
  expect(changes).toBe(1);
  await run(({ engine }) => engine.take(request(token, 2)));
  expect(await alerts()).toEqual(["dormant-identity-reactivated open 1"]);
});
