import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // A slow machine is no failure: only what hangs is.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // Many tests wait for processes more than they compute.
    maxWorkers: "100%",
    // Those processes start in half the time when what they compile is kept.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url)) },
  },
});
