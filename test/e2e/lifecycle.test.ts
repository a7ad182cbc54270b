import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { serveFlags, startCollectorProcess, writeBaseline } from "../support/collector-process.ts";
import { postDrawing } from "../support/post-spans.ts";
import { ended, killAtEnd, startTrustdrift, trustdrift } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";

const PAIR = `web C#1 {http.request.method=GET, url.path=/items}
  stock S#2<1 {http.request.method=GET, http.route=/items}`;

const folder = scratchFolder();
killAtEnd();

function newFolder(name: string): string {
  mkdirSync(join(folder, name));
  return join(folder, name);
}

/** A port of this machine that is taken while the test runs. */
async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("what was answered OK is there after SIGTERM, and the exit code is 0", async () => {
  const collector = await startCollectorProcess({ folder: newFolder("drain") });
  const sent = await Promise.all(
    [1, 2, 3, 4, 5].map((trace) =>
      postDrawing(collector.otlpHttp, PAIR.replace(/#(\d)/gu, `#${trace}$1`).replace("<1", `<${trace}1`)),
    ),
  );
  expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  const { code, err } = await collector.stop();
  expect(code).toBe(0);
  expect(err).toMatch(/info stopping: .*\n.*info stopped\n$/u);
  expect(await collector.ask("observe", "edges")).toMatchObject([
    { caller: "web", callee: "stock", counts: { paired: 5 } },
  ]);
});

test("a request under way when SIGTERM comes is answered, or refused for now; never both lost and answered OK", async () => {
  const collector = await startCollectorProcess({ folder: newFolder("under-way") });
  const statuses = Array.from({ length: 20 }, async (_, n) => {
    const drawing = `web C#1@${n + 10} {http.request.method=GET}; stock S#2<1@${n + 10} {http.request.method=GET}`;
    return postDrawing(collector.otlpHttp, drawing).then(
      ({ status }) => status,
      () => 0,
    );
  });
  await Promise.race(statuses);
  const { code } = await collector.stop();
  const answers = await Promise.all(statuses);
  const [edge] = await collector.ask<{ readonly count: number }>("observe", "edges");
  expect(code).toBe(0);
  expect(edge?.count).toBe(answers.filter((status) => status === 200).length);
});

test("SIGINT ends it as well, and the same database goes on counting after a restart", async () => {
  const own = newFolder("restart");
  const first = await startCollectorProcess({ folder: own });
  await postDrawing(first.otlpHttp, PAIR);
  expect((await first.stop("SIGINT")).code).toBe(0);
  const second = await startCollectorProcess({ folder: own });
  await postDrawing(second.otlpHttp, PAIR.replace("web C#1", "web C#1@2").replace("S#2<1", "S#2<1@2"));
  // Readers see counts up to two seconds late.
  const edges = () => second.ask("observe", "edges");
  await expect.poll(edges, { timeout: 30_000 }).toMatchObject([{ count: 2, counts: { paired: 2 } }]);
  expect((await second.stop()).code).toBe(0);
});

test("a killed collector has lost nothing: what it answered is there, and half a call still finds its other half", async () => {
  const own = newFolder("killed");
  const killed = await startCollectorProcess({ folder: own, settleSeconds: 5 });
  expect((await postDrawing(killed.otlpHttp, PAIR)).status).toBe(200);
  expect((await postDrawing(killed.otlpHttp, "web C#1@2 {http.request.method=GET}")).status).toBe(200);
  expect((await killed.stop("SIGKILL")).code).toBe("SIGKILL");
  const next = await startCollectorProcess({ folder: own, settleSeconds: 5 });
  expect((await postDrawing(next.otlpHttp, PAIR)).status).toBe(200);
  expect((await postDrawing(next.otlpHttp, "stock S#2<1@2 {http.request.method=GET}")).status).toBe(200);
  const edges = () => next.ask("observe", "edges");
  await expect.poll(edges, { timeout: 30_000 }).toMatchObject([{ count: 2, counts: { paired: 2 } }]);
  await next.stop();
});

test("while it starts it is alive and not ready, and says what it is doing", async () => {
  const own = newFolder("starting");
  const pipe = join(own, "shop.yaml");
  execFileSync("mkfifo", [pipe]);
  const port = await freePort();
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const readyz = async () => (await get("/readyz")).json();
  const collector = startTrustdrift([...serveFlags(own), "--baseline", pipe, "--api", `127.0.0.1:${port}`]);
  const starting = { status: "not ready", problems: ["reading the baseline"], details: { api: { port } } };
  expect(await until("an answer of a collector that waits for its baseline", readyz)).toMatchObject(starting);
  expect((await get("/healthz")).status).toBe(200);
  expect((await get("/metrics")).status).toBe(503);
  // Nothing is read of the pipe before somebody writes to it.
  writeBaseline(pipe, "services: {}\n");
  await until("the collector is ready", async () => (await get("/readyz")).ok);
  expect((await get("/metrics")).status).toBe(200);
  collector.child.kill("SIGTERM");
  expect((await ended(collector)).code).toBe(0);
});

test("a second collector on one database says whose it is and ends with 1; the first goes on", async () => {
  const own = newFolder("second");
  const first = await startCollectorProcess({ folder: own });
  const second = await trustdrift(serveFlags(own));
  expect(second.code).toBe(1);
  expect(second.out).toBe("");
  const [sentence] = second.err.split("\n");
  expect(sentence).toBe(
    `trustdrift: cannot open ${first.dbFile}: another collector (process ${first.process.child.pid}) is writing to it; stop it, or name another database with --db FILE`,
  );
  expect((await postDrawing(first.otlpHttp, PAIR)).status).toBe(200);
  await first.stop();
});

test.each(["--otlp-grpc", "--otlp-http", "--api"])("a taken port is one sentence that names %s", async (flag) => {
  const port = await takenPort();
  const { code, out, err } = await trustdrift([...serveFlags(newFolder(flag)), flag, `127.0.0.1:${port}`]);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err.split("\n")[0]).toBe(
    `trustdrift: cannot listen on 127.0.0.1:${port}: the port is taken; choose another with ${flag} HOST:PORT`,
  );
});

test("an address that others can reach is refused, unless one insists", async () => {
  const own = newFolder("open");
  const flags = [...serveFlags(own), "--otlp-grpc", "0.0.0.0:0"];
  const refused = await trustdrift(flags);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("cannot listen on 0.0.0.0:");
  expect(refused.err).toContain("--allow-insecure-bind");
  const insisting = await startCollectorProcess({
    folder: own,
    flags: ["--otlp-grpc", "0.0.0.0:0", "--allow-insecure-bind"],
  });
  expect(insisting.otlpGrpc).toMatch(/^0\.0\.0\.0:\d+$/u);
  expect((await insisting.stop()).code).toBe(0);
});

test("a baseline that is invalid at the start ends it with 3, and says where", async () => {
  const own = newFolder("invalid");
  const file = join(own, "baselines", "shop.yaml");
  writeBaseline(file, "services:\n  web:\n    cals: {}\n");
  const { code, out, err } = await ended(startTrustdrift(serveFlags(own)));
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toContain(`${file}:5:5: `);
});

test("a mistyped variable is one sentence", async () => {
  const flags = serveFlags(newFolder("mistyped"));
  expect(await trustdrift(flags, { TRUSTDRIFT_SETTLE_SECONDS: "soon" })).toEqual({
    code: 1,
    out: "",
    err: expect.stringMatching(/^trustdrift: expected TRUSTDRIFT_SETTLE_SECONDS to be seconds, .*\n$/u),
  });
});
