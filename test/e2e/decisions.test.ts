import { beforeAll, expect, test } from "vitest";
import { type CollectorProcess, startCollectorProcess } from "../support/collector-process.ts";
import { postDrawing } from "../support/post-spans.ts";
import { killAtEnd } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";

const BASELINE = "services: { web: {}, stock: {} }\n";
const VERBS: readonly (readonly [string, string, readonly string[]])[] = [
  ["acknowledge", "acknowledged", ["--until", "7d", "--reason", "in review"]],
  ["resolve", "resolved", ["--reason", "fixed"]],
  ["reopen", "open", []],
  ["dismiss", "dismissed", ["--reason", "a load test"]],
  ["reopen", "open", ["--reason", "it was not"]],
];

type Shown = {
  readonly status: string;
  readonly audit: readonly { readonly actor: string; readonly action: string }[];
};

const folder = scratchFolder();
killAtEnd();
let collector: CollectorProcess;
let id = "";

beforeAll(async () => {
  collector = await startCollectorProcess({ folder, baseline: BASELINE });
  await postDrawing(collector.otlpHttp, "web C#1 {http.request.method=GET}; stock S#2<1 {http.request.method=GET}");
  id = await until(
    "the alert is raised",
    async () => (await collector.ask<{ readonly id: string }>("alerts", "list"))[0]?.id,
  );
}, 30_000);

async function show(): Promise<Shown> {
  const rows: unknown = await collector.ask("alerts", "show", id);
  return rows as Shown;
}

/** Takes decisions one after another, each by a process of its own, and finds them in the alert's history. */
async function decideAll(actor: string, verbs: typeof VERBS): Promise<void> {
  for (const [verb, status, flags] of verbs) {
    const { code, out, err } = await collector.run("alerts", verb, id, ...flags, "--as", actor, "-o", "json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject([{ id, status }]);
  }
  const { status, audit } = await show();
  expect(status).toBe("open");
  expect(audit.filter((row) => row.actor === actor).map(({ action }) => action)).toEqual(verbs.map(([verb]) => verb));
}

test("decisions go through the running collector, which goes on from them", async () => {
  await decideAll("ada", VERBS);
  expect((await collector.run("alerts", "resolve", id)).code).toBe(0);
  expect(await collector.metric('trustdrift_open_alerts{severity="medium"}')).toBe(0);
  await postDrawing(collector.otlpHttp, "web C#1@5 {http.request.method=GET}; stock S#2<1@5 {http.request.method=GET}");
  await until("it opens again as a regression", async () => (await show()).status === "open");
  expect(await show()).toMatchObject({ isRegression: true, count: 2 });
}, 40_000);

test("what the collector refuses is one sentence and exit code 1, and the others are decided all the same", async () => {
  const { code, out, err } = await collector.run("alerts", "acknowledge", "01ZZZZZZ", id, "-o", "json");
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject([{ id, status: "acknowledged" }]);
  expect(err).toMatch(/^trustdrift: cannot find alert 01ZZZZZZ: .*\n$/u);
  expect((await collector.run("alerts", "reopen", id)).code).toBe(0);
});

test("without a collector, decisions are made in the database itself, and a later collector knows them", async () => {
  expect((await collector.stop()).code).toBe(0);
  await decideAll("grace", VERBS.slice(1, 3));
  expect((await collector.run("alerts", "dismiss", id, "--reason", "known")).code).toBe(0);
  const next = await startCollectorProcess({ folder });
  await postDrawing(next.otlpHttp, "web C#1@6 {http.request.method=GET}; stock S#2<1@6 {http.request.method=GET}");
  const alerts = await next.ask("alerts", "list", "--status", "all");
  expect(alerts).toMatchObject([{ id, status: "dismissed" }]);
  await next.stop();
}, 40_000);
