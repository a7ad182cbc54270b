import type { Glob } from "../model/glob.ts";

/** Many globs, asked at once: the cost of a question does not grow with the number of globs that cannot match. */
export type GlobIndex<T> = {
  /** The values of all globs that match: exact ones first, then those with the longer literal prefix. */
  readonly matches: (value: string) => readonly T[];
};

type Entry<T> = { readonly glob: Glob; readonly value: T };

/**
 * Files each glob under the whole segments it begins with, else under those it ends with (`*.shop.example` under
 * `shop.example`), so that a lookup reads one bucket per segment of the value. Globs with neither are always tried.
 */
export function indexGlobs<T>(entries: Iterable<readonly [Glob, T]>, separator: "/" | "."): GlobIndex<T> {
  const exact = new Map<string, T[]>();
  const heads = new Map<string, Entry<T>[]>();
  const tails = new Map<string, Entry<T>[]>();
  for (const [glob, value] of entries) {
    const head = leadingSegments(glob, separator);
    if (isExact(glob)) push(exact, glob.text, value);
    else if (head !== "") push(heads, head, { glob, value });
    else push(tails, trailingSegments(glob, separator), { glob, value });
  }
  const matches = (value: string): readonly T[] => {
    const candidates = [
      ...prefixes(value, separator).flatMap((prefix) => heads.get(prefix) ?? []),
      ...suffixes(value, separator).flatMap((suffix) => tails.get(suffix) ?? []),
    ];
    const matching = candidates.filter(({ glob }) => glob.matches(value)).sort(bySpecificity);
    return [...(exact.get(value) ?? []), ...matching.map((entry) => entry.value)];
  };
  return { matches };
}

/** True where a glob has no wildcard and so names one thing. */
export function isExact(glob: Glob): boolean {
  return glob.literalPrefix === glob.text;
}

function leadingSegments(glob: Glob, separator: string): string {
  return glob.literalPrefix.slice(0, Math.max(0, glob.literalPrefix.lastIndexOf(separator)));
}

function trailingSegments(glob: Glob, separator: string): string {
  const literal = glob.text.slice(Math.max(glob.text.lastIndexOf("*"), glob.text.lastIndexOf("}")) + 1);
  const start = literal.indexOf(separator);
  return start < 0 ? "" : literal.slice(start + 1);
}

function prefixes(value: string, separator: string): string[] {
  return separatorsOf(value, separator).map((at) => value.slice(0, at));
}

/** With the empty suffix, under which the globs without whole literal segments are filed. */
function suffixes(value: string, separator: string): string[] {
  return ["", ...separatorsOf(value, separator).map((at) => value.slice(at + 1))];
}

function separatorsOf(value: string, separator: string): number[] {
  const found: number[] = [];
  for (let at = value.indexOf(separator); at >= 0; at = value.indexOf(separator, at + 1)) found.push(at);
  return found;
}

function bySpecificity<T>(left: Entry<T>, right: Entry<T>): number {
  return right.glob.literalPrefix.length - left.glob.literalPrefix.length;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
