import { isMap, isScalar, isSeq } from "yaml";
import { compileGlob } from "../model/glob.ts";
import { type BaselineFile, keyText, openSource } from "./open-source.ts";

/** What an `include` of one file asks for. */
export type IncludePattern = {
  /** The folder where it looks, with its `/` at the end; "" for the current one. */
  readonly folder: string;
  /** Whether it looks below that folder's own files. */
  readonly isDeep: boolean;
  readonly matches: (path: string) => boolean;
};

/** Compiles an entry of `include`, relative to the file it stands in; null where it leads out of that file's folder. */
export function compileInclude(text: string, from: string): IncludePattern | null {
  const pattern = text.replace(/^(?:\.\/)+/u, "");
  const segments = pattern.split("/");
  if (pattern.startsWith("/") || pattern.includes("\\") || segments.includes("..")) return null;
  const folder = from.slice(0, from.lastIndexOf("/") + 1);
  const glob = compileGlob(pattern);
  const literal = folder + glob.literalPrefix.slice(0, glob.literalPrefix.lastIndexOf("/") + 1);
  const isDeep = pattern.includes("**") || segments.length > literal.slice(folder.length).split("/").length;
  const isInside = (name: string): boolean => isShownYaml(name) && glob.matches(name);
  const matches = (path: string): boolean =>
    path !== from && path.startsWith(folder) && isInside(path.slice(folder.length));
  return { folder: literal, isDeep, matches };
}

/** Hidden files are editors' own: locks that point nowhere, and half-written copies. */
export function isShownYaml(name: string): boolean {
  return /\.ya?ml$/u.test(name) && !/(?:^|\/)\./u.test(name);
}

/** The entries of a file's `include` as they are written; those of other types are for `parseBaseline` to report. */
export function readIncludes(file: BaselineFile): readonly string[] {
  // Most files have none, and need not be parsed to say so.
  if (!file.text.includes("include")) return [];
  const { root, follow } = openSource(file, () => undefined);
  const pairs = isMap(root) ? root.items : [];
  const entries = follow(pairs.find(({ key }) => keyText(key) === "include")?.value);
  const texts = isSeq(entries) ? entries.items.map((item) => (isScalar(item) ? item.value : null)) : [];
  return texts.filter((each) => typeof each === "string");
}
