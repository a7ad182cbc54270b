import { expect, test } from "vitest";
import { baselineSchema } from "../../../src/declare/baseline-schema.ts";
import type { ExplainOptions, ServeOptions } from "../../../src/review/cli/options.ts";
import { run } from "./run.ts";

const COMMANDS = [
  "serve",
  "observe",
  "observe edges",
  "observe services",
  "observe credentials",
  "observe identities",
  "observe posture",
  "observe blast-radius",
  "observe credential",
  "observe fix-first",
  "alerts",
  "alerts list",
  "alerts show",
  "alerts acknowledge",
  "alerts resolve",
  "alerts dismiss",
  "alerts reopen",
  "baseline",
  "baseline seed",
  "baseline lint",
  "check",
  "explain",
  "schema",
  "keys",
  "keys list",
  "keys rotate",
  "keys erase",
  "doctor",
  "version",
];

test("the help of every command has an example of it", async () => {
  for (const command of COMMANDS) {
    const { code, out } = await run([...command.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Examples?:\\n  \\$ trustdrift ${command}`, "u"));
  }
});

test("the program's help lists every command", async () => {
  const { code, out } = await run(["--help"]);
  expect(code).toBe(0);
  const listed = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  expect(listed).toEqual([...new Set(COMMANDS.map((command) => command.split(" ")[0]))]);
});

async function checkUsageError(argv: readonly string[], err: string): Promise<void> {
  expect(await run(argv)).toEqual({ code: 1, out: "", err });
}

test("a usage error is a sentence and the way out", async () => {
  await checkUsageError(
    ["srve"],
    `trustdrift: unknown command 'srve'\n(Did you mean serve?)\nRun "trustdrift --help" for what it takes.\n`,
  );
  await checkUsageError(
    ["alerts", "lst"],
    `trustdrift: unknown command 'lst'\n(Did you mean list?)\nRun "trustdrift alerts --help" for what it takes.\n`,
  );
  await checkUsageError(
    ["alerts", "list", "--onwer", "x"],
    `trustdrift: unknown option '--onwer'\n(Did you mean --owner?)\nRun "trustdrift alerts list --help" for what it takes.\n`,
  );
  await checkUsageError(
    ["check"],
    `trustdrift: required option '--input <file>' not specified\nRun "trustdrift check --help" for what it takes.\n`,
  );
});

test("values that are not among the choices are refused with the choices", async () => {
  for (const [argv, choice] of [
    [["alerts", "list", "--status", "closed"], "dismissed"],
    [["alerts", "list", "--rule", "no-such-rule"], "expired-token-accepted"],
    [["alerts", "list", "--min-severity", "severe"], "critical"],
    [["alerts", "list", "-o", "xml"], "jsonl"],
    [["check", "--input", "-", "--fail-on", "always"], "never"],
  ] as const) {
    const { code, err } = await run(argv);
    expect(code).toBe(1);
    expect(err).toContain(choice);
  }
});

test("without a command the help is on stderr", async () => {
  const { code, out, err } = await run([]);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain("Usage: trustdrift");
});

test("the version is the package's", async () => {
  const { code, out } = await run(["version"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^trustdrift \d+\.\d+\.\d+\n$/);
  expect((await run(["--version"])).out).toBe(out);
});

async function serveWith(argv: readonly string[]): Promise<readonly ServeOptions[]> {
  const served: ServeOptions[] = [];
  const serve = async (options: ServeOptions) => void served.push(options);
  await run(["serve", ...argv], { serve });
  return served;
}

test("serve listens on this machine alone unless told otherwise", async () => {
  expect(await serveWith([])).toEqual([
    {
      otlpGrpc: { host: "127.0.0.1", port: 4317 },
      otlpHttp: { host: "127.0.0.1", port: 4318 },
      api: { host: "127.0.0.1", port: 4319 },
      dbFile: "./.trustdrift/trustdrift.db",
      baselineDir: "./baselines",
      corsOrigins: [],
      allowInsecureBind: false,
    },
  ]);
});

test("serve takes addresses, paths and origins", async () => {
  const origins = ["--cors-origin", "https://a.example", "--cors-origin", "http://localhost:5173"];
  const addresses = ["--otlp-grpc", "[::1]:0", "--otlp-http", "0.0.0.0:80", "--api", "localhost:65535"];
  const paths = ["--db", "a.db", "--baseline", "b"];
  expect(await serveWith([...addresses, ...paths, ...origins, "--allow-insecure-bind"])).toEqual([
    {
      otlpGrpc: { host: "::1", port: 0 },
      otlpHttp: { host: "0.0.0.0", port: 80 },
      api: { host: "localhost", port: 65535 },
      dbFile: "a.db",
      baselineDir: "b",
      corsOrigins: ["https://a.example", "http://localhost:5173"],
      allowInsecureBind: true,
    },
  ]);
});

test("serve takes how senders prove who they are, and only what was said of it", async () => {
  const files = ["--otlp-tls-cert", "c.pem", "--otlp-tls-key", "k.pem", "--otlp-client-ca", "ca.pem"];
  const all = { otlpTlsCert: "c.pem", otlpTlsKey: "k.pem", otlpClientCa: "ca.pem", ingestKeys: "keys.yaml" };
  expect(await serveWith([...files, "--ingest-keys", "keys.yaml"])).toMatchObject([all]);
  const [only] = await serveWith(["--ingest-keys", "keys.yaml"]);
  expect(Object.keys(only ?? {}).filter((key) => key in all)).toEqual(["ingestKeys"]);
});

test("an ingest key is shown with the sender's variable and the file's line", async () => {
  const ingestKey = (id: string) => ({ key: "tdkey_x", line: `${id}: "sha256:0"` });
  const { code, out, err } = await run(["ingest-key", "node-agent"], { ingestKey });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20tdkey_x\n");
  expect(out).toContain('\nnode-agent: "sha256:0"\n');
});

test("serve refuses what is no address or origin", async () => {
  for (const address of ["4317", ":4317", "localhost", "localhost:65536", "::1:4317", "a:b"]) {
    expect(await serveWith(["--otlp-grpc", address])).toEqual([]);
  }
  for (const origin of ["a.example", "https://a.example/", "*", "null"]) {
    expect(await serveWith(["--cors-origin", origin])).toEqual([]);
  }
});

test("explain shows the verdict and its reasons", async () => {
  const asked: ExplainOptions[] = [];
  const explain = async (options: ExplainOptions) => {
    asked.push(options);
    return { verdict: "drift", findings: [], lines: ["shop.yaml:3:1: checkout calls nobody"] } as const;
  };
  const { code, out } = await run(["explain", "checkout", "payments"], { explain });
  expect({ code, out }).toEqual({ code: 0, out: "drift\nshop.yaml:3:1: checkout calls nobody\n" });
  const argv = [
    "explain",
    "checkout",
    "payments",
    "POST /pay",
    "--audience",
    "payments",
    "--baseline",
    "b",
    "-o",
    "json",
  ];
  expect(JSON.parse((await run(argv, { explain })).out)).toMatchObject({ verdict: "drift", findings: [] });
  const ends = { caller: "checkout", callee: "payments" };
  expect(asked).toEqual([
    { ...ends, operation: null, audience: null, baseline: "./baselines" },
    { ...ends, operation: "POST /pay", audience: "payments", baseline: "b" },
  ]);
});

test("the schema of the baseline is printed without anything else, and no other is known", async () => {
  const { code, out, err } = await run(["schema", "baseline"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out)).toEqual(baselineSchema());
  expect((await run(["schema", "nothing"])).code).toBe(1);
});
