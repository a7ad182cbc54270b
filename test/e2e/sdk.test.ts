import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import { type CollectorProcess, startCollectorProcess } from "../support/collector-process.ts";
import { ended, killAtEnd, start } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";

const SERVICE = fileURLToPath(new URL("./scratch-service.ts", import.meta.url));
const LAUNCHER = fileURLToPath(new URL("../../bin/trustdrift", import.meta.url));
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);

const folder = scratchFolder();
killAtEnd();
let collector: CollectorProcess;

beforeAll(async () => {
  collector = await startCollectorProcess({ folder });
}, 30_000);

function startService(name: string, token: string, args: readonly string[]) {
  return start([process.execPath, SERVICE, ...args], {
    OTEL_SERVICE_NAME: name,
    OTEL_RESOURCE_ATTRIBUTES: "service.namespace=shop,service.version=1.2.3,deployment.environment.name=test",
    OTEL_NODE_RESOURCE_DETECTORS: "env",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collector.otlpGrpc}`,
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
    SCRATCH_TOKEN: token,
  });
}

test("two services with the real SDK and gRPC exporter become one paired edge, with the token's audience", async () => {
  const token = await new SignJWT({ iss: "https://id.example", aud: "stock-api" })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new Uint8Array(32).fill(1));
  const callee = startService("stock", token, ["callee"]);
  const port = await until("the callee listens", () => /port (\d+)/u.exec(callee.out())?.[1]);
  const called = await ended(startService("web", token, ["caller", `http://127.0.0.1:${port}/items/7`]));
  expect(called).toMatchObject({ code: 0, err: "" });
  callee.child.kill("SIGTERM");
  expect(await ended(callee)).toMatchObject({ code: 0, err: "" });

  const shown = await ended(start([LAUNCHER, "observe", "edges", "-o", "json", "--db", collector.dbFile]));
  expect(shown).toMatchObject({ code: 0, err: "" });
  expect(JSON.parse(shown.out)).toStrictEqual([
    {
      environment: "test",
      caller: "shop/web",
      callee: "shop/stock",
      calleeKind: "service",
      operations: ["GET /items/{id}"],
      audiences: ["stock-api"],
      confidence: "paired",
      count: 1,
      estimated: 1,
      counts: { paired: 1, parent: 0, link: 0, alias: 0, peer: 0, root: 0 },
      callerKind: "service",
      type: "direct",
      via: null,
      firstSeen: TIME,
      lastSeen: TIME,
    },
  ]);
  const services = await collector.ask<{ readonly service: string }>("observe", "services");
  expect(services).toMatchObject([
    { service: "shop/stock", runtime: "nodejs", release: "1.2.3", inbound: 1, inboundWithCredential: 1 },
    { service: "shop/web", runtime: "nodejs", release: "1.2.3", outbound: 1, outboundWithCredential: 1 },
  ]);
});
