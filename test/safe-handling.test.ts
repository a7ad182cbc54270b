import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { WANTED_ATTRIBUTES } from "../src/assemble/attribute-names.ts";
import { parseAttributeMap } from "../src/attribute-map-file.ts";
import { CREDENTIAL_ATTRIBUTES } from "../src/credential/credential-attributes.ts";
import { sign } from "./credential/credential-fixtures.ts";
import { baselineOf, runPipeline } from "./support/pipeline.ts";

// What docs/safe-handling.md promises and no room can show alone.

const SOURCE = fileURLToPath(new URL("../src/", import.meta.url));
const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const JWT = await sign({ iss: "https://id.example", aud: "stock" });

test("a raw credential in a span is told by who sent it and where it stood, with what to do, and never by its value", async () => {
  const attributes = { "http.request.method": "GET", "app.note": `seen ${JWT}` };
  const span = { traceId: "a".repeat(32), spanId: "b".repeat(16), kind: 2, startMs: 1, endMs: 2, attributes };
  const { alerts } = await runPipeline(
    [{ spans: [{ resource: { "service.name": "stock" }, span }] }],
    baselineOf("services: { stock: { owner: team-stock } }\nowners: { team-stock: {} }"),
  );
  const told = alerts.find(({ finding }) => finding.rule === "raw-credential-in-telemetry");
  expect(told?.finding.summary).toBe("stock sent a raw credential in app.note: rotate it, and stop sending it");
  expect(told?.finding.owner).toBe("team-stock");
  const segments = JWT.split(".").flatMap((segment) => [segment.slice(0, 12), segment.slice(-12)]);
  expect(segments.filter((segment) => JSON.stringify(told).includes(segment))).toEqual([]);
});

test("the collector connects to nobody: no span is passed on, and no key set or issuer of a token is fetched", () => {
  const outgoing =
    /\bfetch\(|\b(?:https?|http2|tls|net|dgram)\.(?:request|get|connect|createSocket)\(|(?<![\w#.])connect\(/u;
  const connecting = files.filter((file) => outgoing.test(readFileSync(join(SOURCE, file), "utf8")));
  // The command line asks the collector of the same machine, over a socket that is a file.
  expect(connecting).toEqual(["review/decisions/decide.ts"]);
  const packages = /^import .* from "(?:node:https|node:tls|node:dgram|undici|axios|got)"/gmu;
  const imports = files.flatMap((file) => readFileSync(join(SOURCE, file), "utf8").match(packages) ?? []);
  // What listens, and what says whether a certificate can be used; types connect to nobody.
  expect(imports.filter((line) => !line.startsWith("import type ")).sort()).toEqual([
    'import { createSecureContext } from "node:tls"',
    'import { createServer as createTlsServer } from "node:tls"',
    'import { createServer as createTlsServer, type Server as TlsServer } from "node:https"',
  ]);
});

test("what only the collector may say of a span is never read from one, not even where the configuration asks for it", () => {
  const names = [...WANTED_ATTRIBUTES.map(({ name }) => name), ...CREDENTIAL_ATTRIBUTES];
  expect(names.length).toBeGreaterThan(400);
  expect(names.filter((name) => name.startsWith("trustdrift.ingest."))).toEqual([]);
  const row = { attribute: "trustdrift.ingest.principal", slot: "authorization", fact: "token.client.id" };
  expect(() => parseAttributeMap(JSON.stringify({ attributes: [row] }), "map.json")).toThrowError(
    /map\.json:1: expected another attribute than trustdrift\.ingest\.\*/,
  );
});

test("nothing prints the inside of a value, and nothing writes what is in memory to a file", () => {
  const dumps = /\butil\.inspect|\binspect\(|writeHeapSnapshot|process\.report|console\.(?:log|error|dir|trace)\(/u;
  expect(files.filter((file) => dumps.test(readFileSync(join(SOURCE, file), "utf8")))).toEqual([]);
});

test("every test that the page on safe handling names is there", () => {
  const page = readFileSync("docs/safe-handling.md", "utf8");
  const named = [...page.matchAll(/`(test\/\S+\.ts)`: (.+?)(?= · `test| \|$)/gmu)];
  expect(named.length).toBeGreaterThan(30);
  const missing = named.filter(([, file = "", claim = ""]) => !readFileSync(file, "utf8").includes(claim));
  expect(missing.map(([text]) => text)).toEqual([]);
  const rows = page.split("\n").filter((line) => /^\| \d+ \|/u.test(line));
  expect(rows.filter((row) => !row.includes("`test/"))).toEqual([]);
  expect(rows).toHaveLength(19);
});
