import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type CollectorProcess, startCollectorProcess, writeBaseline } from "../support/collector-process.ts";
import { postDrawing } from "../support/post-spans.ts";
import { killAtEnd } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";

const DECLARED = "services:\n  web: { calls: { stock: {} } }\n  stock: {}\n";
const UNDECLARED = "services:\n  web: {}\n  stock: {}\n";
const MISSPELT = "services:\n  web:\n    cals: {}\n";
const CALL = "web C#1 {http.request.method=GET}; stock S#2<1 {http.request.method=GET, http.response.status_code=200}";
const EXPIRED = `web C#1@9 {http.request.method=GET}
  stock S#2<1@9 {http.request.method=GET, http.response.status_code=200, fp=old, aud=stock-api, exp=1700000000}`;

type Row = { readonly id: string; readonly rule: string; readonly status: string };

const folder = scratchFolder();
killAtEnd();
let collector: CollectorProcess;

function newFolder(name: string): string {
  mkdirSync(join(folder, name));
  return join(folder, name);
}

function alerts(from: CollectorProcess = collector): Promise<readonly Row[]> {
  return from.ask<Row>("alerts", "list", "--status", "all");
}

/** Waits until the alerts are these, as `rule status`. */
async function untilAlerts(expected: readonly string[], from: CollectorProcess = collector): Promise<readonly Row[]> {
  return until(`the alerts are ${expected.join(", ") || "none"}`, async () => {
    const rows = await alerts(from);
    const told = rows.map(({ rule, status }) => `${rule} ${status}`).sort();
    if (told.join() === expected.toSorted().join()) return rows;
    throw new Error(`the alerts are ${told.join(", ")}`);
  });
}

async function revision(from: CollectorProcess = collector): Promise<string> {
  return (await from.readyz()).details.baseline.revision;
}

beforeAll(async () => {
  collector = await startCollectorProcess({ folder: newFolder("main"), baseline: UNDECLARED });
  await postDrawing(collector.otlpHttp, CALL);
}, 30_000);

test("a call that the baseline does not declare is an alert", async () => {
  await untilAlerts(["undeclared-call open"]);
});

test("a baseline that becomes invalid changes nothing, and is reported until it is mended", async () => {
  const before = await revision();
  writeBaseline(collector.baselineFile, MISSPELT);
  const { httpStatus, problems } = await until("the problem is shown", async () => {
    const answer = await collector.readyz();
    return answer.problems.length > 0 && answer;
  });
  expect(httpStatus).toBe(200);
  expect(problems.join()).toContain(`${collector.baselineFile}:5:5: `);
  expect(problems.join()).toContain(`revision ${before} stays in force`);
  expect(await revision()).toBe(before);
  expect(collector.process.err()).toContain(`${collector.baselineFile}:5:5: `);
  expect(await alerts()).toMatchObject([{ rule: "undeclared-call", status: "open" }]);
});

test("when it is mended and declares the call, the alert is accepted", async () => {
  const before = await revision();
  writeBaseline(collector.baselineFile, DECLARED);
  await untilAlerts(["undeclared-call accepted"]);
  expect(await revision()).not.toBe(before);
  expect(await collector.readyz()).toMatchObject({ httpStatus: 200, problems: [] });
});

test("when the declaration goes again, the alert opens again without new traffic", async () => {
  writeBaseline(collector.baselineFile, UNDECLARED);
  await untilAlerts(["undeclared-call open"]);
});

test("SIGHUP loads the baseline at once", async () => {
  const before = await revision();
  writeBaseline(collector.baselineFile, `${DECLARED}  spare: {}\n`);
  collector.process.child.kill("SIGHUP");
  await until("the new revision is in force", async () => (await revision()) !== before, 900);
  expect((await collector.readyz()).details.baseline.services).toBe(3);
  await untilAlerts(["undeclared-call accepted"]);
});

test("a baseline that vanishes covers nothing: no alert is accepted for it", async () => {
  writeBaseline(collector.baselineFile, UNDECLARED);
  await untilAlerts(["undeclared-call open"]);
  rmSync(collector.baselineFile);
  await until(
    "the baseline is gone",
    async () => (await revision()) === "none" || (await collector.readyz()).problems.length > 0,
  );
  expect(await alerts()).toMatchObject([{ rule: "undeclared-call", status: "open" }]);
});

test("without a baseline, calls are observed and only an expired token that was accepted is an alert", async () => {
  const bare = await startCollectorProcess({ folder: newFolder("bare") });
  await postDrawing(bare.otlpHttp, CALL);
  await postDrawing(bare.otlpHttp, EXPIRED);
  await untilAlerts(["expired-token-accepted open"], bare);
  const edges = () => bare.ask("observe", "edges");
  await expect.poll(edges, { timeout: 30_000 }).toMatchObject([{ caller: "web", callee: "stock", count: 2 }]);
  await bare.stop();
});

test("a baseline that was changed while no collector ran is judged against what earlier runs saw", async () => {
  const own = newFolder("changed");
  const first = await startCollectorProcess({ folder: own, baseline: DECLARED });
  await postDrawing(first.otlpHttp, CALL);
  await first.stop();
  const second = await startCollectorProcess({ folder: own, baseline: UNDECLARED });
  await untilAlerts(["undeclared-call open"], second);
  await second.stop();
  const third = await startCollectorProcess({ folder: own, baseline: DECLARED });
  await untilAlerts(["undeclared-call accepted"], third);
  await third.stop();
}, 40_000);
