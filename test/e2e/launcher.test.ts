import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ended, killAtEnd, start } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { readonly version: string };
const folder = scratchFolder();
killAtEnd();

/** A checkout without `node_modules`, and a PATH whose only `node` says it has this version. */
function checkoutWith(nodeVersion: string | null): { readonly launcher: string; readonly PATH: string } {
  const checkout = join(folder, nodeVersion ?? "none");
  mkdirSync(join(checkout, "bin"), { recursive: true });
  copyFileSync(join(ROOT, "bin", "trustdrift"), join(checkout, "bin", "trustdrift"));
  const tools = join(checkout, "tools");
  mkdirSync(tools);
  // The launcher is a shell script; it finds these and nothing else.
  for (const tool of ["sh", "dirname", "readlink"]) symlinkSync(`/usr/bin/${tool}`, join(tools, tool));
  if (nodeVersion !== null) writeFakeNode(join(tools, "node"), nodeVersion);
  return { launcher: join(checkout, "bin", "trustdrift"), PATH: tools };
}

function writeFakeNode(file: string, nodeVersion: string): void {
  writeFileSync(file, `#!/bin/sh\n[ "$1" = -p ] && echo ${nodeVersion} && exit\necho "node ran with $*"\n`);
  chmodSync(file, 0o755);
}

async function launch(launcher: string, env: Readonly<Record<string, string>> = {}) {
  return ended(start(["/bin/sh", launcher, "version"], env));
}

test("the launcher finds the project's own Node, wherever it is called from and through links", async () => {
  const link = join(folder, "link");
  symlinkSync(join(ROOT, "bin", "trustdrift"), link);
  for (const path of [join(ROOT, "bin", "trustdrift"), link]) {
    expect(await launch(path)).toEqual({ code: 0, out: `trustdrift ${version}\n`, err: "" });
  }
});

test.each(["20.20.2", "22.17.1", "18.0.0"])("on Node %s it says in one sentence what it needs", async (old) => {
  const { launcher, PATH } = checkoutWith(old);
  expect(await launch(launcher, { PATH })).toEqual({
    code: 1,
    out: "",
    err: `trustdrift: needs Node.js 22.18 or newer, and this is ${old}; run 'npm ci' in ${dirname(dirname(launcher))}, which brings its own.\n`,
  });
});

test.each(["22.18.0", "24.0.0", "100.1.0"])("on Node %s it runs", async (fitting) => {
  const { launcher, PATH } = checkoutWith(fitting);
  expect(await launch(launcher, { PATH })).toMatchObject({
    code: 0,
    out: expect.stringContaining("src/main.ts version\n"),
  });
});

test("without any Node it says so in one sentence", async () => {
  const { launcher, PATH } = checkoutWith(null);
  const { code, out, err } = await launch(launcher, { PATH });
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^trustdrift: needs Node\.js 22\.18 or newer, and found none; .*\n$/u);
});
