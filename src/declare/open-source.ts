import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
} from "yaml";
import type { Position } from "../model/baseline.ts";
import { CREDENTIAL_NEEDLES, holdsCredential } from "../model/holds-credential.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import type { Report } from "./problem-codes.ts";
import { quote } from "./suggest.ts";

/** Aliases may nest, so their expansion is bounded by count; a baseline has use for a few shared blocks. */
const ALIASES_MAX = 1000;

export type BaselineFile = { readonly path: string; readonly text: string };

/** The YAML nodes of one file, and where they stand. */
export type Source = {
  readonly root: unknown;
  /** Line 1, column 1. */
  readonly start: Position;
  /** False where the text is not YAML: what it holds is then a guess and not worth reading. */
  readonly isReadable: boolean;
  /** Null for what has no place in the text, such as a key's missing value. */
  readonly positionOf: (node: unknown) => Position | null;
  /** The node an alias stands for; any other node, and an alias that leads nowhere, is itself. */
  readonly follow: (node: unknown) => unknown;
  readonly report: Report;
};

/** Parses a file's text to nodes. Syntax errors, duplicate keys, tags and merge keys are reported; never throws. */
export function openSource(file: BaselineFile, report: Report): Source {
  const text = file.text.replace(/^\uFEFF/u, "");
  reportCredentials(file.path, text, report);
  const plain = readPlainYaml(text);
  return plain === null ? openDocument(file, text, report) : openPlain(file, text, plain, report);
}

/** Comments too: the text of a baseline is kept in the database, and shown. */
function reportCredentials(file: string, text: string, report: Report): void {
  if (!CREDENTIAL_NEEDLES.some((needle) => text.includes(needle))) return;
  for (const [index, line] of text.split("\n").entries()) {
    if (!holdsCredential(line)) continue;
    const position = { file, line: index + 1, column: 1 };
    report("BL009", position, "a credential stands on this line; replace it where it is valid, and take it out here");
  }
}

function openPlain({ path }: BaselineFile, text: string, root: Node, report: Report): Source {
  const lines = new LineCounter();
  for (let start = 0; start >= 0; start = text.indexOf("\n", start) + 1 || -1) lines.addNewLine(start);
  const shell = { ...placesIn(path, lines), report, root };
  return { ...shell, isReadable: true, follow: inspectNodes(root, shell) };
}

function openDocument({ path }: BaselineFile, text: string, report: Report): Source {
  const lines = new LineCounter();
  // Duplicates are ours to find: the parser compares every pair of keys, and it takes 1.0 and "1.0" for two names.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const { at, ...places } = placesIn(path, lines);
  const shell = { ...places, report, root: document.contents };
  const isReadable = reportSyntax(document, at, report);
  return { ...shell, isReadable, follow: inspectNodes(document.contents, shell) };
}

type Places = Pick<Source, "start" | "positionOf"> & { readonly at: (offset: number) => Position };

function placesIn(file: string, lines: LineCounter): Places {
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const positionOf = (node: unknown): Position | null => (isNode(node) && node.range ? at(node.range[0]) : null);
  return { start: { file, line: 1, column: 1 }, positionOf, at };
}

/** Text of a map's key: plain words stand for themselves, so that services may be called `1.0` or `null`. */
export function keyText(key: unknown): string | null {
  if (!(key instanceof Scalar)) return null;
  if (typeof key.value === "string") return key.value;
  return key.source ?? "";
}

function reportSyntax(document: Document, at: (offset: number) => Position, report: Report): boolean {
  for (const problem of [...document.errors, ...document.warnings]) {
    const isSeveral = problem.code === "MULTIPLE_DOCS";
    report("BL001", at(problem.pos[0]), isSeveral ? "a baseline file holds one document" : problem.message);
  }
  return document.errors.length + document.warnings.length === 0;
}

type Shell = Pick<Source, "positionOf" | "start" | "report">;

/** One walk over all nodes: reports what no schema needs to know, and learns what each alias stands for. */
function inspectNodes(root: unknown, shell: Shell): Source["follow"] {
  const anchors = new Map<string, Node>();
  const targets = new Map<unknown, Node>();
  for (const node of nodesOf(root)) {
    if (isMap(node)) reportKeys(node.items, shell);
    if (isAlias(node)) learn(node);
    else if (node.anchor) anchors.set(node.anchor, node);
  }
  return followBounded(targets, shell);

  function learn(alias: Alias): void {
    const target = anchors.get(alias.source);
    if (target !== undefined) targets.set(alias, target);
    else
      shell.report("BL001", shell.positionOf(alias) ?? shell.start, `no anchor ${quote(alias.source)} stands above it`);
  }
}

/** A node and all below it in the order of the text. The library's own walk copies the way to each of them. */
function* nodesOf(root: unknown): Generator<Node> {
  const rest: unknown[] = [root];
  while (rest.length > 0) {
    const node = rest.pop();
    if (isPair(node)) rest.push(node.value, node.key);
    else if (isNode(node)) {
      yield node;
      if (isCollection(node)) for (let n = node.items.length - 1; n >= 0; n--) rest.push(node.items[n]);
    }
  }
}

function followBounded(targets: ReadonlyMap<unknown, Node>, shell: Shell): Source["follow"] {
  let followed = 0;
  return (node) => {
    const target = targets.get(node);
    if (target === undefined) return node;
    followed += 1;
    if (followed === ALIASES_MAX + 1) {
      shell.report("BL008", shell.positionOf(node) ?? shell.start, `more than ${ALIASES_MAX} aliases to expand`);
    }
    return followed > ALIASES_MAX ? node : target;
  };
}

function reportKeys(pairs: readonly Pair[], shell: Shell): void {
  const known = new Map<string, unknown>();
  // Only what is reported needs a place: to look each key up costs more than to compare it.
  const placeOf = (key: unknown): Position => shell.positionOf(key) ?? shell.start;
  for (const { key } of pairs) {
    const text = keyText(key);
    if (text === null) shell.report("BL007", placeOf(key), "expected a key to be a plain name");
    else if (known.has(text)) {
      const { line } = placeOf(known.get(text));
      shell.report("BL002", placeOf(key), `duplicate key ${quote(text)}, first on line ${line}`);
    } else known.set(text, key);
    if (isMergeKey(key)) shell.report("BL001", placeOf(key), "merge keys are not read; alias the whole value instead");
  }
}

/** A quoted "<<" is a name like any other. */
function isMergeKey(key: unknown): boolean {
  return key instanceof Scalar && key.value === "<<" && key.type === "PLAIN";
}
