import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// The import policy of the house, as one table. A file may import its own room, `model`, and what stands here.

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src");

type Policy = { readonly rooms: readonly string[]; readonly packages: readonly string[] };

const ROOMS: Readonly<Record<string, Policy>> = {
  model: { rooms: [], packages: ["node:crypto", "ipaddr.js"] },
  receive: {
    rooms: [],
    packages: [
      "@grpc/grpc-js",
      "@grpc/proto-loader",
      "@grpc/reflection",
      "grpc-health-check",
      "node:crypto",
      "node:http",
      "node:http2",
      "node:https",
      "node:net",
      "node:tls",
      "node:zlib",
      "node:path",
      "node:stream",
      "node:events",
      "node:util",
      "node:timers",
    ],
  },
  decode: { rooms: ["credential"], packages: [] },
  credential: { rooms: [], packages: ["node:crypto", "ipaddr.js"] },
  assemble: { rooms: [], packages: [] },
  declare: { rooms: [], packages: ["yaml", "fastest-levenshtein", "node:crypto"] },
  judge: { rooms: [], packages: ["tldts", "ipaddr.js"] },
  reach: { rooms: [], packages: [] },
  record: {
    rooms: [],
    packages: ["better-sqlite3", "node:fs", "node:path", "node:v8", "node:worker_threads", "node:zlib"],
  },
  alert: { rooms: [], packages: ["node:crypto"] },
  review: {
    rooms: ["record", "declare", "export"],
    packages: [
      "commander",
      "cli-progress",
      "picocolors",
      "yaml",
      "prom-client",
      "fastest-levenshtein",
      "node:crypto",
      "node:events",
      "node:fs",
      "node:fs/promises",
      "node:http",
      "node:net",
      "node:os",
      "node:path",
      "node:stream",
    ],
  },
};

/** Files beside the rooms are the wiring: they may see every room. */
const WIRING = [
  "ask-readiness.ts",
  "attribute-map-file.ts",
  "baseline-source.ts",
  "build-rooms.ts",
  "check-capture.ts",
  "collector.ts",
  "commit-loop.ts",
  "config.ts",
  "decide-offline.ts",
  "describe-credential.ts",
  "diagnose.ts",
  "engine-thread.ts",
  "engine.ts",
  "explain-call.ts",
  "fingerprint-key-file.ts",
  "ingest-keys-file.ts",
  "main.ts",
  "open-engine.ts",
  "open-sender-access.ts",
  "open-yaml.ts",
  "pipeline.ts",
  "read-private-file.ts",
  "request-digest.ts",
  "resume.ts",
  "retention.ts",
  "survey.ts",
  "thread-messages.ts",
  "turns.ts",
  "worker.ts",
];

/** Rooms that do no I/O and know no clock, randomness or environment: time and bytes arrive as arguments. */
const PURE = ["model", "decode", "credential", "assemble", "declare", "judge", "reach"];
const IMPURE =
  /\b(?:Date\.now|new Date\(\)|performance\.now|Math\.random|randomBytes|randomUUID|process\.(?:env|exit|argv|std\w+|hrtime|cwd|on)\b|setTimeout|setInterval|fetch\()/u;

type Import = { readonly file: string; readonly to: string };

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const imports = files.flatMap(importsOf);

test("the scan has seen the whole house", () => {
  expect(files.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(300);
  const rooms = new Set(files.filter((file) => file.includes("/")).map(roomOf));
  expect([...rooms].sort()).toEqual(Object.keys(ROOMS).sort());
});

test("the files beside the rooms are the wiring and nothing else", () => {
  expect(files.filter((file) => !file.includes("/")).sort()).toEqual(WIRING);
});

test("every import of a room is allowed", () => {
  expect(imports.filter(({ file }) => file.includes("/")).filter((one) => !isAllowed(one))).toEqual([]);
});

test("a planted violation is noticed", () => {
  expect(isAllowed({ file: "judge/a.ts", to: "../record/sqlite-store.ts" })).toBe(false);
  expect(isAllowed({ file: "judge/a.ts", to: "node:fs" })).toBe(false);
  expect(isAllowed({ file: "judge/a.ts", to: "../pipeline.ts" })).toBe(false);
  expect(isAllowed({ file: "decode/a.ts", to: "../credential/sanitize-value.ts" })).toBe(true);
});

test("every relative import names a file that exists", () => {
  const missing = imports.filter(
    ({ file, to }) => to.startsWith(".") && !existsSync(resolve(source, dirname(file), to)),
  );
  expect(missing).toEqual([]);
});

test("rooms that only compute know no clock, randomness, environment or I/O", () => {
  const impure = files.filter((file) => PURE.includes(roomOf(file)) && IMPURE.test(codeOf(file)));
  expect(impure).toEqual([]);
});

test("SQL stands in record alone, the environment is read in config alone, and only main may set the exit code", () => {
  const having = (pattern: RegExp): string[] => files.filter((file) => pattern.test(codeOf(file)));
  // summarize-query.ts reads the verbs of other people's SQL.
  const sql = having(/\b(?:SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b/u);
  expect(sql.filter((file) => roomOf(file) !== "record" && file !== "credential/summarize-query.ts")).toEqual([]);
  expect(having(/process\.env|\{ env \} = process/u)).toEqual(["config.ts"]);
  expect(having(/process\.exit/u)).toEqual(["main.ts"]);
});

function isAllowed({ file, to }: Import): boolean {
  const policy = ROOMS[roomOf(file)];
  if (policy === undefined) return false;
  if (!to.startsWith(".")) return policy.packages.includes(to);
  const target = relative(source, resolve(source, dirname(file), to));
  // The version stands in package.json, beside the house.
  if (target === "../package.json") return roomOf(file) === "review";
  const room = roomOf(target);
  return target.includes("/") && (room === roomOf(file) || room === "model" || policy.rooms.includes(room));
}

function roomOf(file: string): string {
  return file.split("/")[0] ?? "";
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), "utf8");
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^"';]*?\bfrom\s+"([^"]+)"|\bimport\(\s*"([^"]+)"|(?:^|\n)import\s+"([^"]+)"/gu,
  );
  return [...found].map(([, from, dynamic, bare]) => ({ file, to: packageOf(from ?? dynamic ?? bare ?? "") }));
}

/** The package of a path inside it: `a/b/c.js` is `a`, `@s/a/b.js` is `@s/a`. */
function packageOf(specifier: string): string {
  if (specifier.startsWith(".") || specifier.startsWith("node:") || builtinModules.includes(specifier))
    return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** The file without comments, so that prose about a thing is not the thing. */
function codeOf(file: string): string {
  return readFileSync(join(source, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gmu, "");
}
