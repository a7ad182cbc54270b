import { compileGlob, type Glob } from "../model/glob.ts";
import { type NameIndex, resolveName } from "./name-index.ts";

/** A pattern of services as one file writes it, in full. */
export function nameGlob(name: string, namespace: string, index: NameIndex): Glob {
  return compileGlob(resolveName(name, namespace, index));
}

/** Patterns of names that know no namespace. */
export function globs(texts: readonly string[]): readonly Glob[] {
  return texts.map((text) => compileGlob(text));
}

/** Null where nothing was said. */
export function optionalGlobs(texts: readonly string[] | null | undefined): readonly Glob[] | null {
  return texts ? globs(texts) : null;
}

/** Null where nothing was said. */
export function optionalGlob(text: string | null | undefined, separator: "/" | "."): Glob | null {
  return text === null || text === undefined ? null : compileGlob(text, separator);
}
