import type { RawFile } from "./file-schema.ts";
import { compileInclude } from "./include-pattern.ts";
import type { Report } from "./problem-codes.ts";
import { quote } from "./suggest.ts";

/** Reports includes that leave their folder, that no file answers to, and that go round in a circle. */
export function checkIncludes(contents: readonly RawFile[], paths: readonly string[], report: Report): void {
  const including = contents.filter(({ values }) => (values.include ?? []).length > 0);
  const included = new Map(including.map((content) => [pathOf(content), includedBy(content, paths, report)]));
  for (const { position, at } of including) {
    const circle = [...(included.get(position.file) ?? [])].find((path) => reaches(path, position.file, included));
    if (circle === undefined) continue;
    report("BL043", at.include ?? position, `${quote(circle)} is included, and includes this file again`);
  }
}

function pathOf({ position }: RawFile): string {
  return position.file;
}

function includedBy(content: RawFile, paths: readonly string[], report: Report): ReadonlySet<string> {
  const from = pathOf(content);
  const position = content.at.include ?? content.position;
  const found = new Set<string>();
  for (const text of content.values.include ?? []) {
    const pattern = compileInclude(text, from);
    const matching = paths.filter((path) => pattern?.matches(path));
    for (const path of matching) found.add(path);
    if (pattern === null) report("BL042", position, `${quote(text)} leads out of the folder of this file`);
    else if (matching.length === 0) report("BL041", position, `no .yaml or .yml file answers to ${quote(text)}`);
  }
  return found;
}

function reaches(from: string, to: string, included: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const seen = new Set([from]);
  for (const path of seen) {
    if (path === to) return true;
    for (const next of included.get(path) ?? []) seen.add(next);
  }
  return false;
}
