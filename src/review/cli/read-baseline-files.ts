import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { OperatingError } from "../../model/operating-error.ts";

/**
 * The texts of a baseline: one file, or every `.yaml` and `.yml` file below a folder, in the order of their paths.
 * Throws `bad-argument` where they cannot be read.
 */
export function readBaselineFiles(path: string): readonly { readonly path: string; readonly text: string }[] {
  try {
    return pathsOf(path).map((file) => ({ path: file, text: readFileSync(file, "utf8") }));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): OperatingError {
  return new OperatingError("bad-argument", `cannot read the baseline ${path}`, { cause });
}

function pathsOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
  // Hidden files are editors' own: locks that point nowhere, and half-written copies.
  return names.filter((name) => /\.ya?ml$/.test(name) && !/(?:^|\/)\./.test(name)).map((name) => join(path, name));
}
