"use strict";
// Runs before `npm start`, `npm test` and friends, on whatever Node the machine has: installs the dependencies when
// they are missing or older than the lock file. Plain JavaScript of Node 18's vintage, without dependencies.
const { spawnSync } = require("node:child_process");
const { existsSync, statSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const installed = join(root, "node_modules", ".package-lock.json");
const wanted = join(root, "package-lock.json");

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(wanted).mtimeMs) {
  process.stderr.write("trustdrift: installing dependencies (once, about a minute) ...\n");
  const { status } = spawnSync("npm", ["ci", "--loglevel=error", "--no-fund", "--no-audit"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    process.stderr.write("trustdrift: `npm ci` failed; see above. Is the npm registry reachable?\n");
    process.exit(1);
  }
}
