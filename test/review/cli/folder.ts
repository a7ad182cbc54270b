import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A folder of this test file's own, gone when its tests are done. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trustdrift-cli-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}
