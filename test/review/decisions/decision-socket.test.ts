import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Alert } from "../../../src/model/alert.ts";
import { OperatingError } from "../../../src/model/operating-error.ts";
import { decide } from "../../../src/review/decisions/decide.ts";
import type { DecisionRequest } from "../../../src/review/decisions/decision-request.ts";
import { startDecisionSocket } from "../../../src/review/decisions/decision-socket.ts";
import { decisionSocketPath } from "../../../src/review/decisions/decision-socket-path.ts";
import { alert } from "../../record/samples.ts";

const REQUEST: DecisionRequest = {
  idOrKey: "01KE",
  decision: { action: "resolve", reason: "fixed in 2.14.1" },
  actor: "ada",
};

let folder: string;
let dbFile: string;
const stops: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trustdrift-socket-"));
  dbFile = join(folder, "trust.db");
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  rmSync(folder, { recursive: true });
});

type Decide = (request: DecisionRequest) => Promise<Alert>;

async function listen(decideThere: Decide = async () => alert({ status: "resolved" })): Promise<void> {
  const { stop } = await startDecisionSocket({ dbFile, decide: decideThere });
  stops.push(stop);
}

/** What the collector answers to raw bytes. */
function say(text: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let reply = "";
    const socket = connect(decisionSocketPath(dbFile), () => socket.write(text));
    socket.on("data", (chunk) => {
      reply += chunk.toString();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(JSON.parse(reply)));
  });
}

const offline: Decide = async () => {
  throw new Error("expected the collector to decide");
};

test("a decision goes to the collector and its alert comes back", async () => {
  const asked: DecisionRequest[] = [];
  await listen(async (request) => {
    asked.push(request);
    return alert({ status: "resolved" });
  });
  expect(await decide(dbFile, REQUEST, offline)).toEqual(alert({ status: "resolved" }));
  expect(asked).toEqual([REQUEST]);
});

test("where no collector ever ran, and where one was killed, the decision is made offline", async () => {
  const decideHere: Decide = async ({ actor }) => alert({ assignee: actor });
  expect(await decide(dbFile, REQUEST, decideHere)).toEqual(alert({ assignee: "ada" }));
  await leaveDeadSocket();
  expect(await decide(dbFile, REQUEST, decideHere)).toEqual(alert({ assignee: "ada" }));
});

/** A killed collector's socket is still in its place, and nobody listens: here, a second name of one that stopped. */
async function leaveDeadSocket(): Promise<void> {
  const other = join(folder, "other.db");
  const { stop } = await startDecisionSocket({ dbFile: other, decide: offline });
  linkSync(decisionSocketPath(other), decisionSocketPath(dbFile));
  await stop();
}

test("a dead collector's socket is replaced", async () => {
  await leaveDeadSocket();
  await listen();
  expect(await decide(dbFile, REQUEST, offline)).toMatchObject({ status: "resolved" });
});

test("a file that is no socket is left alone", async () => {
  writeFileSync(decisionSocketPath(dbFile), "mine");
  await expect(startDecisionSocket({ dbFile, decide: offline })).rejects.toThrow("a file that is no socket is there");
  expect(statSync(decisionSocketPath(dbFile)).size).toBe(4);
});

test("only the owner may connect, and nothing but the socket is left beside the database", async () => {
  await listen();
  expect((statSync(decisionSocketPath(dbFile)).mode & 0o777).toString(8)).toBe("600");
  expect(readdirSync(folder)).toEqual(["trust.db.sock"]);
  for (const stop of stops.splice(0)) await stop();
  expect(readdirSync(folder)).toEqual([]);
});

test("what the collector refuses comes back as the same error", async () => {
  await listen(async () => {
    throw new OperatingError("not-found", "cannot find one alert");
  });
  const refused = decide(dbFile, REQUEST, offline);
  await expect(refused).rejects.toMatchObject({ code: "not-found", message: "cannot find one alert" });
});

test("a bug in the collector is answered without its message", async () => {
  await listen(async () => {
    throw new TypeError("secret");
  });
  await expect(decide(dbFile, REQUEST, offline)).rejects.toThrow("cannot decide: the collector failed with TypeError");
});

async function checkRefused(line: string, code: string): Promise<void> {
  expect(await say(line)).toEqual({ refused: { code, message: expect.stringContaining("expected") } });
}

test("a malformed line is refused, and the next client is served", async () => {
  await listen();
  await checkRefused("not json\n", "bad-argument");
  await checkRefused("[]\n", "bad-argument");
  await checkRefused("null\n", "bad-argument");
  await checkRefused(`${JSON.stringify({ ...REQUEST, idOrKey: "" })}\n`, "bad-argument");
  await checkRefused(`${JSON.stringify({ ...REQUEST, actor: "a\u001b[2J" })}\n`, "bad-argument");
  await checkRefused(`${JSON.stringify({ ...REQUEST, decision: { action: "delete" } })}\n`, "bad-argument");
  await checkRefused(
    `${JSON.stringify({ ...REQUEST, decision: { action: "dismiss", reason: null } })}\n`,
    "bad-argument",
  );
  await checkRefused(
    `${JSON.stringify({ ...REQUEST, decision: { action: "acknowledge", untilMs: "soon", reason: null } })}\n`,
    "bad-argument",
  );
  await checkRefused(`${"x".repeat(64 * 1024 + 1)}\n`, "malformed-request");
  expect(await decide(dbFile, REQUEST, offline)).toMatchObject({ status: "resolved" });
});

test("a client that ends without a line is refused", async () => {
  await listen();
  const reply = await new Promise<string>((resolve) => {
    const socket = connect({ path: decisionSocketPath(dbFile), allowHalfOpen: true }, () => socket.end("half"));
    socket.on("data", (chunk) => resolve(chunk.toString()));
  });
  expect(JSON.parse(reply)).toMatchObject({ refused: { code: "malformed-request" } });
});

test("two clients at once both get their own answer", async () => {
  const waiting: (() => void)[] = [];
  await listen(async ({ idOrKey }) => {
    // Nobody is answered before both have asked.
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 2) for (const go of waiting) go();
    });
    return alert({ id: idOrKey });
  });
  const both = ["one", "two"].map((idOrKey) => decide(dbFile, { ...REQUEST, idOrKey }, offline));
  expect((await Promise.all(both)).map((decided) => decided.id)).toEqual(["one", "two"]);
});

test("stopping answers the decision under way and cuts who has not asked", async () => {
  let decideNow = (_: Alert) => {};
  let arrived = () => {};
  const asked = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  await listen(() => {
    arrived();
    return new Promise((resolve) => {
      decideNow = resolve;
    });
  });
  const deciding = decide(dbFile, REQUEST, offline);
  await asked;
  const idle = connect(decisionSocketPath(dbFile));
  const cut = new Promise((resolve) => idle.on("close", resolve));
  await new Promise((resolve) => idle.on("connect", resolve));
  const stopped = Promise.all(stops.splice(0).map((stop) => stop()));
  decideNow(alert({ status: "resolved" }));
  expect(await deciding).toMatchObject({ status: "resolved" });
  await Promise.all([stopped, cut]);
});

test("a database whose path is too long for a socket has one in the user's own folder", async () => {
  dbFile = join(folder, "x".repeat(60), "y".repeat(60), "trust.db");
  mkdirSync(join(dbFile, ".."), { recursive: true });
  const path = decisionSocketPath(dbFile);
  expect(Buffer.byteLength(path)).toBeLessThan(104);
  expect(path).not.toBe(decisionSocketPath(`${dbFile}2`));
  await listen();
  expect((statSync(join(path, "..")).mode & 0o777).toString(8)).toBe("700");
  expect(await decide(dbFile, REQUEST, offline)).toMatchObject({ status: "resolved" });
});
