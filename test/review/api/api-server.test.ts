import { EventEmitter, once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { type ApiServer, type ApiServerOptions, startApiServer } from "../../../src/review/api/api-server.ts";

async function start(options: Partial<ApiServerOptions> = {}): Promise<ApiServer> {
  const server = await startApiServer({
    host: "127.0.0.1",
    port: 0,
    readiness: () => ({ isReady: true, problems: [], details: {} }),
    metrics: async () => ({ contentType: "text/plain; version=0.0.4", text: "up 1\n" }),
    ...options,
  });
  onTestFinished(() => server.stop());
  return server;
}

function get({ port }: ApiServer, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, init);
}

/** `fetch` writes its own Host header; this one writes ours. */
function getAs({ port }: ApiServer, host: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: "127.0.0.1", port, path: "/healthz", headers: { host } }, resolve).on("error", reject).end();
  });
}

test("healthz says ok", async () => {
  const response = await get(await start(), "/healthz");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

test("readyz shows the details when ready, and the problems with 503 when not", async () => {
  let problems: string[] = [];
  const details = { otlpGrpc: "127.0.0.1:4317", baselineRevision: "r1" };
  const server = await start({ readiness: () => ({ isReady: problems.length === 0, problems, details }) });
  const ready = await get(server, "/readyz");
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({ status: "ready", problems: [], details });
  problems = ["the disk is full"];
  const unready = await get(server, "/readyz");
  expect(unready.status).toBe(503);
  expect(await unready.json()).toEqual({ status: "not ready", problems: ["the disk is full"], details });
});

test("metrics are passed on as they are", async () => {
  const response = await get(await start(), "/metrics?name=x");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4");
  expect(await response.text()).toBe("up 1\n");
});

test("HEAD is answered like GET, without the body", async () => {
  const response = await get(await start(), "/healthz", { method: "HEAD" });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-length")).toBe("16");
  expect(await response.text()).toBe("");
});

test("an unknown path is 404 and another method is 405, both in JSON", async () => {
  const server = await start();
  const unknown = await get(server, "/");
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toEqual({ error: "expected the path to be one of /healthz, /readyz, /metrics" });
  const posted = await get(server, "/metrics", { method: "POST", body: "x" });
  expect(posted.status).toBe(405);
  expect(posted.headers.get("allow")).toBe("GET, HEAD");
  expect(await posted.json()).toEqual({ error: "expected the method to be GET" });
});

test("a figure that cannot be read is 500 without its error's words", async () => {
  const server = await start({
    metrics: async () => {
      throw new Error("s3cret");
    },
  });
  const response = await get(server, "/metrics");
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("s3cret");
});

test.each(["localhost", "localhost:4319", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:4319", "[::1]", "[::1]:4319"])(
  "a reader who asks for %s is answered",
  async (host) => {
    expect((await getAs(await start(), host)).statusCode).toBe(200);
  },
);

test.each(["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[", "user@evil.example"])(
  "a reader who asks for %j is a rebound name, and is refused",
  async (host) => {
    const response = await getAs(await start(), host);
    expect(response.statusCode).toBe(403);
    expect(await json(response)).toEqual({ error: "expected the Host header to name this machine, such as localhost" });
  },
);

test("on an address the network can reach, every name is answered", async () => {
  expect((await getAs(await start({ host: "0.0.0.0" }), "collector.example")).statusCode).toBe(200);
});

test("a taken port is an error that says which flag to change", async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toMatchObject({
    code: "address-in-use",
    message: `cannot listen on 127.0.0.1:${port}: the port is taken; choose another with --api HOST:PORT`,
  });
});

test("stop lets a reader finish and refuses new ones", async () => {
  const events = new EventEmitter();
  const server = await start({
    metrics: async () => {
      events.emit("asked");
      await once(events, "release");
      return { contentType: "text/plain", text: "late 1\n" };
    },
  });
  const asked = once(events, "asked");
  const reading = get(server, "/metrics");
  await asked;
  const stopped = server.stop();
  await expect(get(server, "/healthz")).rejects.toThrow("fetch failed");
  events.emit("release");
  expect(await (await reading).text()).toBe("late 1\n");
  await stopped;
});
