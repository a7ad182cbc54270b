import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { certificateFile, der, pem } from "../support/certificates.ts";
import {
  type CollectorProcess,
  serveFlags,
  startCollectorProcess,
  writeBaseline,
} from "../support/collector-process.ts";
import { ended, killAtEnd, start, trustdrift } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";
import { filesIn } from "./canary/search-folder.ts";

const SENDER = fileURLToPath(new URL("./scratch-sender.ts", import.meta.url));
const BASELINE = `
settings: { namespace: shop, attestation: prefer }
senders:
  agent: { principal: "key:node-agent", services: ["shop/*"] }
  orders-pods: { principal: "spiffe://shop.example/ns/shop/sa/orders", services: [orders] }
services: { orders: {}, cart: {} }
`;
const certificate = (name: string): string => fileURLToPath(certificateFile(name));
const TLS = ["--otlp-tls-cert", certificate("server"), "--otlp-tls-key", "KEY", "--otlp-client-ca", certificate("ca")];

const folder = scratchFolder();
killAtEnd();
let collector: CollectorProcess;
let key = "";
let flags: readonly string[] = [];

/** As a person would, with the command that makes keys, and files that are theirs alone. */
beforeAll(async () => {
  const { code, out, err } = await trustdrift(["ingest-key", "node-agent"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  key = /Bearer%20(\S+)/u.exec(out)?.[1] ?? "";
  const [ingestKeys, tlsKey] = [join(folder, "ingest-keys.yaml"), join(folder, "tls.key")];
  writeFileSync(ingestKeys, `# who may send\n${out.split("\n").at(-2)}\n`, { mode: 0o600 });
  writeFileSync(tlsKey, pem("server-key"), { mode: 0o600 });
  flags = [...TLS.map((flag) => (flag === "KEY" ? tlsKey : flag)), "--ingest-keys", ingestKeys];
  collector = await startCollectorProcess({ folder, baseline: BASELINE, flags: [...flags, ...OPEN] });
}, 30_000);

/** Where others can reach the doors. */
const OPEN = ["--otlp-grpc", "0.0.0.0:0", "--otlp-http", "0.0.0.0:0"];

type Sender = { readonly key?: string; readonly isCertified?: true };

/** One span of a service, by the real SDK and what its variables say. */
async function send(service: string, protocol: "grpc" | "http/protobuf", sender: Sender) {
  const address = protocol === "grpc" ? collector.otlpGrpc : collector.otlpHttp;
  const own = {
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificate("workload"),
    OTEL_EXPORTER_OTLP_CLIENT_KEY: certificate("workload-key"),
  };
  const sent = start([process.execPath, SENDER], {
    OTEL_SERVICE_NAME: service,
    OTEL_RESOURCE_ATTRIBUTES: "service.namespace=shop",
    OTEL_NODE_RESOURCE_DETECTORS: "env",
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_ENDPOINT: `https://${address.replace("0.0.0.0", "127.0.0.1")}`,
    OTEL_EXPORTER_OTLP_CERTIFICATE: certificate("ca"),
    ...(sender.key === undefined ? {} : { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${sender.key}` }),
    ...(sender.isCertified === true ? own : {}),
  });
  return ended(sent);
}

type AlertRow = { readonly rule: string; readonly callee: string; readonly summary: string; readonly status: string };
const alerts = () => collector.ask<AlertRow>("alerts", "list", "--status", "all");

test("senders with the real SDK prove who they are by key and by certificate, over gRPC and over HTTP", async () => {
  for (const protocol of ["grpc", "http/protobuf"] as const) {
    expect((await send("cart", protocol, { key })).code).toBe(0);
    expect((await send("orders", protocol, { isCertified: true })).code).toBe(0);
    expect((await send("cart", protocol, {})).code).toBe(0);
  }
  await until("all six spans are counted", async () => {
    const services = await collector.ask<{ readonly service: string; readonly spans: number }>("observe", "services");
    return services.map(({ service, spans }) => `${service} ${spans}`).join() === "shop/cart 4,shop/orders 2";
  });
  expect(await alerts()).toEqual([]);
}, 30_000);

test("a wrong key is refused, and nothing of what came with it is taken", async () => {
  for (const protocol of ["grpc", "http/protobuf"] as const) await send("stolen", protocol, { key: `${key}x` });
  expect(await collector.metric("trustdrift_requests_refused_total")).toBe(2);
  const services = await collector.ask<{ readonly service: string }>("observe", "services");
  expect(services.map(({ service }) => service)).not.toContain("shop/stolen");
  expect(collector.process.err().match(/sends an ingest key that --ingest-keys does not name/gu)).toHaveLength(1);
}, 30_000);

test("a sender that uses another one's name is an alert, which outlives a crash and ends when it is declared", async () => {
  const summary = "spiffe://shop.example/ns/shop/sa/orders, which is orders-pods and may not, sends spans as shop/cart";
  expect((await send("cart", "grpc", { isCertified: true })).code).toBe(0);
  const raised = { rule: "unattested-service-name", callee: "shop/cart", severity: "high", summary };
  expect(await alerts()).toMatchObject([{ ...raised, status: "open" }]);
  collector.process.child.kill("SIGKILL");
  await ended(collector.process);
  collector = await startCollectorProcess({ folder, flags: [...flags, ...OPEN] });
  expect(await alerts()).toMatchObject([{ ...raised, status: "open" }]);
  writeBaseline(collector.baselineFile, BASELINE.replace("services: [orders]", "services: [orders, cart]"));
  collector.process.child.kill("SIGHUP");
  await until("it is accepted", async () => (await alerts())[0]?.status === "accepted");
}, 30_000);

test("the doctor says that the rule can fire, and no command or file shows the key", async () => {
  const declared = ["--baseline", collector.baselineFile];
  const { out } = await collector.run("doctor", ...declared, "-o", "json");
  const { rows } = JSON.parse(out) as { readonly rows: readonly { readonly able: readonly string[] }[] };
  expect(rows.map(({ able }) => able.includes("unattested-service-name"))).toEqual([true, true]);
  expect(collector.process.out() + collector.process.err()).not.toContain(key.slice(6, 18));
  const holding = filesIn(folder).filter((name) => readFileSync(join(folder, name)).includes(key.slice(6, 18)));
  expect(holding).toEqual([]);
  expect((await collector.stop()).code).toBe(0);
});

test.each([
  ["whom nobody asks for a proof", "--otlp-tls"],
  ["whom everybody can listen to", "--ingest-keys"],
])("an address that others can reach is refused for senders %s", async (_, wanted) => {
  const some = flags.flatMap((flag, index) => (flag.startsWith(wanted) ? [flag, flags[index + 1] ?? ""] : []));
  const { code, err } = await trustdrift([...serveFlags(folder), ...OPEN, ...some]);
  expect(code).toBe(1);
  expect(err).toContain("cannot listen on 0.0.0.0: senders are not both encrypted");
});

test("the API's address stays this machine's, however senders prove who they are", async () => {
  const { code, err } = await trustdrift([...serveFlags(folder), ...OPEN, ...flags, "--api", "0.0.0.0:0"]);
  expect(code).toBe(1);
  expect(err).toContain("cannot listen on 0.0.0.0: the API is not encrypted");
});

test("a certificate without its key, or what is none, is one sentence", async () => {
  const half = await trustdrift([...serveFlags(folder), "--otlp-tls-cert", certificate("server")]);
  expect(half).toMatchObject({ code: 1, err: "trustdrift: expected --otlp-tls-cert and --otlp-tls-key together\n" });
  const mixed = [...flags.slice(0, 1), certificate("workload"), ...flags.slice(2)];
  const wrong = await trustdrift([...serveFlags(folder), ...mixed]);
  expect(wrong.code).toBe(1);
  expect(wrong.err).toContain("to be PEM, the key the certificate's own");
});

test.each([
  ["nothing", Buffer.from("# none yet\n")],
  ["a key", pem("server-key")],
  ["DER", der("ca")],
])("a file of authorities that holds %s is refused, and not taken for one that signed nobody's", async (_, content) => {
  const file = join(folder, "ca.pem");
  writeFileSync(file, content);
  const refused = flags.map((flag) => (flag === certificate("ca") ? file : flag));
  const { code, err } = await trustdrift([...serveFlags(folder), ...refused]);
  expect(code).toBe(1);
  expect(err).toContain("expected --otlp-client-ca to hold a PEM certificate");
});
