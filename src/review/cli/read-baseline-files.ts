import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { compileInclude, isShownYaml, readIncludes } from "../../declare/include-pattern.ts";
import { OperatingError } from "../../model/operating-error.ts";

type File = { readonly path: string; readonly text: string };

/**
 * The texts of a baseline: one file and what it includes, or every `.yaml` and `.yml` file below a folder, in the order
 * of their paths. Throws `bad-argument` where they cannot be read.
 */
export function readBaselineFiles(path: string): readonly File[] {
  try {
    const texts = new Map<string, string>();
    const textOf = (file: string): string => {
      const text = texts.get(file) ?? readFileSync(file, "utf8");
      texts.set(file, text);
      return text;
    };
    const paths = baselinePaths(path, (file) => readIncludes({ path: file, text: textOf(file) }));
    return paths.map((file) => ({ path: file, text: textOf(file) }));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The files that readBaselineFiles reads; `includesOf` returns what stands in one's `include`. What is below a folder is
 * read anyway. Throws the file system's errors.
 */
export function baselinePaths(path: string, includesOf: (file: string) => readonly string[]): readonly string[] {
  if (statSync(path).isDirectory()) return shownYaml(path, { recursive: true }).map((name) => join(path, name));
  const found = new Set([path]);
  for (const file of found) {
    for (const text of includesOf(file)) for (const each of filesFor(text, file)) found.add(each);
  }
  return [...found].sort();
}

/** Nothing where the pattern is wrong or no file answers to it: `parseBaseline` reports both. */
function filesFor(include: string, from: string): readonly string[] {
  const pattern = compileInclude(include, from);
  if (pattern === null) return [];
  const names = listed(pattern.folder, { recursive: pattern.isDeep });
  return names.map((name) => `${pattern.folder}${name}`).filter(pattern.matches);
}

type Depth = { readonly recursive: boolean };

function listed(folder: string, depth: Depth): readonly string[] {
  try {
    return shownYaml(folder === "" ? "." : folder, depth);
  } catch {
    return [];
  }
}

function shownYaml(folder: string, depth: Depth): readonly string[] {
  return readdirSync(folder, { ...depth, encoding: "utf8" })
    .sort()
    .filter(isShownYaml);
}

function unreadable(path: string, cause: unknown): OperatingError {
  return new OperatingError("bad-argument", `cannot read the baseline ${path}`, { cause });
}
