import { join } from "node:path";
import { expect, test } from "vitest";
import type { Alert } from "../../../src/model/alert.ts";
import { OperatingError } from "../../../src/model/operating-error.ts";
import type { DecisionRequest } from "../../../src/review/decisions/decision-request.ts";
import { startDecisionSocket } from "../../../src/review/decisions/decision-socket.ts";
import { alert } from "../../record/samples.ts";
import { testFolder } from "./folder.ts";
import { NOW_MS, run } from "./run.ts";

const folder = testFolder();
const DAY_MS = 86_400_000;
const STATUS = { acknowledge: "acknowledged", resolve: "resolved", dismiss: "dismissed", reopen: "open" } as const;

/** Decides as an alert book would that knows any alert but `missing`. */
function book(): { asked: DecisionRequest[]; decide: (request: DecisionRequest) => Promise<Alert> } {
  const asked: DecisionRequest[] = [];
  const decide = async (request: DecisionRequest) => {
    asked.push(request);
    if (request.idOrKey === "missing") throw new OperatingError("not-found", "cannot find one alert");
    return alert({ id: request.idOrKey, status: STATUS[request.decision.action] });
  };
  return { asked, decide };
}

async function checkDecides(argv: readonly string[], request: DecisionRequest): Promise<void> {
  const { asked, decide } = book();
  const decideOffline = (_db: string, asking: DecisionRequest) => decide(asking);
  const { code, err } = await run(["alerts", ...argv, "--db", join(folder, "none.db")], { decideOffline });
  expect({ code, err, asked }).toEqual({ code: 0, err: "", asked: [request] });
}

test("each verb is one decision", async () => {
  const actor = "ada";
  const idOrKey = "01KE";
  await checkDecides(["acknowledge", "01KE"], {
    ...{ idOrKey, actor },
    decision: { action: "acknowledge", untilMs: null, reason: null },
  });
  await checkDecides(["acknowledge", "01KE", "--until", "7d", "--reason", "fix in review"], {
    ...{ idOrKey, actor },
    decision: { action: "acknowledge", untilMs: NOW_MS + 7 * DAY_MS, reason: "fix in review" },
  });
  await checkDecides(["acknowledge", "01KE", "--until", "2026-03-01T10:00Z"], {
    ...{ idOrKey, actor },
    decision: { action: "acknowledge", untilMs: Date.parse("2026-03-01T10:00Z"), reason: null },
  });
  await checkDecides(["resolve", "01KE", "--as", "bob"], {
    ...{ idOrKey, actor: "bob" },
    decision: { action: "resolve", reason: null },
  });
  await checkDecides(["dismiss", "01KE", "--reason", "load test"], {
    ...{ idOrKey, actor },
    decision: { action: "dismiss", reason: "load test" },
  });
  await checkDecides(["reopen", "01KE", "--reason", "rolled back"], {
    ...{ idOrKey, actor },
    decision: { action: "reopen", reason: "rolled back" },
  });
});

test("the decided alerts are printed as they then stand", async () => {
  const { decide } = book();
  const decideOffline = (_db: string, request: DecisionRequest) => decide(request);
  const { out } = await run(["alerts", "resolve", "a1", "b2", "--db", join(folder, "none.db")], { decideOffline });
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ID  SEVERITY  STATUS    COUNT  LAST SEEN  SUMMARY
    a1  medium    resolved  1      3m ago     checkout called payments, which nobody declared
    b2  medium    resolved  1      3m ago     checkout called payments, which nobody declared
    "
  `);
});

test("where a collector runs, it decides", async () => {
  const dbFile = join(folder, "running.db");
  const { asked, decide } = book();
  const socket = await startDecisionSocket({ dbFile, decide });
  const { code, out } = await run(["alerts", "resolve", "01KE", "--db", dbFile, "-o", "json"]);
  await socket.stop();
  expect({ code, asked: asked.map((request) => request.idOrKey) }).toEqual({ code: 0, asked: ["01KE"] });
  expect(JSON.parse(out)).toMatchObject([{ id: "01KE", status: "resolved" }]);
});

test("one alert that cannot be decided does not keep the others waiting", async () => {
  const { decide } = book();
  const decideOffline = (_db: string, request: DecisionRequest) => decide(request);
  const argv = ["alerts", "reopen", "missing", "01KE", "--db", join(folder, "none.db"), "-o", "jsonl"];
  const { code, out, err } = await run(argv, { decideOffline });
  expect({ code, err }).toEqual({ code: 1, err: "trustdrift: cannot find one alert\n" });
  expect(JSON.parse(out)).toMatchObject({ id: "01KE" });
});

test("dismissing needs a reason", async () => {
  expect((await run(["alerts", "dismiss", "01KE"])).err).toContain("required option '--reason <text>'");
  const { code, err } = await run(["alerts", "dismiss", "01KE", "--reason", " ", "--db", join(folder, "none.db")]);
  expect({ code, err }).toEqual({
    code: 1,
    err: "trustdrift: expected reason to be a text, because a dismissed alert stays quiet\n",
  });
});
