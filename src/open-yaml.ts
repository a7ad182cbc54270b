import { LineCounter, type ParsedNode, parseDocument } from "yaml";
import { OperatingError } from "./model/operating-error.ts";

/** Throws `bad-argument` with file and line; the message says what was expected, and never what stands there. */
export type Fail = (offset: number, message: string) => never;

/** Reads a text as YAML or JSON in which no key comes twice; one that is neither is answered with `expected`. */
export function openYaml(
  text: string,
  file: string,
  expected: string,
): { readonly root: ParsedNode | null; readonly fail: Fail } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const fail = (offset: number, message: string): never => {
    throw new OperatingError("bad-argument", `${file}:${lines.linePos(offset).line}: ${message}`);
  };
  const [error] = document.errors;
  if (error !== undefined) fail(error.pos[0], expected);
  return { root: document.contents, fail };
}

/** Where a node of such a text begins. */
export function offsetOf(node: unknown): number {
  const { range } = (node ?? {}) as { readonly range?: readonly number[] | null };
  return range?.[0] ?? 0;
}
