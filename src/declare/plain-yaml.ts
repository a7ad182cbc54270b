import { type Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";

/** A name, or a value that no schema takes for a number, in a file that people write; all else is the library's. */
const KEY = /[A-Za-z_][\w./-]{0,200}(?=:(?: |$))/my;
const PLAIN = /[A-Za-z_/](?:[^\s:]|:(?! |$)| (?![ #]|$))*/my;
/** Inside of brackets, where commas and brackets end a value. */
const FLOW_PLAIN = /[A-Za-z_/](?:[\w./@-]|:(?=[\w./@-])| (?=[\w./-]))*/my;
const NUMBER = /[1-9]\d{0,8}(?= *(?:$|[,\]}]| #))/my;
/** Lengths of time and days, which are text in spite of their digits. */
const MEASURE = /(?:\d{1,6}[smhd]|\d{4}-\d{2}-\d{2})(?= *(?:$|[,\]}]| #))/my;
const QUOTED = /"([^"\\\n]*)"|'([^'\n]*)'(?!')/my;
const FLAG = /(?:true|false)(?= *(?:$|[,\]}]| #))/my;
/** Words that may stand for something else than themselves. */
const NO_TEXT = /^(?:null|true|false)$/iu;
const DEPTH_MAX = 100;
const UNUSUAL = /[^\n\x20-\x7e\u00a1-\u1fff]/u;

/** Thrown and caught here: the text is for the library to read. */
class NotPlain extends Error {}

/**
 * Reads the plain part of YAML that baselines are written in: block maps and lists, names, one-line values. Returns
 * what the library would, an order of magnitude faster; null for a text with anything else in it, be it right or wrong.
 * Only the start of each node's range is told.
 */
export function readPlainYaml(text: string): Node | null {
  if (UNUSUAL.test(text)) return null;
  try {
    return new PlainReader(text).readRoot();
  } catch (error) {
    if (error instanceof NotPlain) return null;
    throw error;
  }
}

/** A line that holds something: where its content begins, and how far it is indented. */
type Line = { start: number; indent: number };

class PlainReader {
  readonly #text: string;
  readonly #lines: readonly Line[];
  /** The line that is read next. */
  #next = 0;
  /** Where in the text the current line is read on. */
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lines = linesOf(text);
  }

  readRoot(): Node {
    const root = this.#readMap(0);
    if (this.#next < this.#lines.length) throw new NotPlain();
    return root;
  }

  #readMap(indent: number): YAMLMap {
    const map = new YAMLMap();
    for (let line = this.#lineAt(indent); line !== null; line = this.#lineAt(indent)) {
      if (this.#isItem(line)) break;
      this.#at = line.start;
      const key = this.#readKey();
      if (map.items.length === 0) placeAt(map, line.start);
      map.items.push(new Pair(key, this.#readValue(indent)));
    }
    // Nothing was read of a line that is no entry.
    if (map.items.length === 0) throw new NotPlain();
    return map;
  }

  /** What follows a key's colon: on its line, or below it. */
  #readValue(indent: number): Node | null {
    this.#next++;
    this.#skipSpaces();
    if (!this.#isAtEnd()) return this.#readInline();
    const below = this.#lines[this.#next];
    if (below === undefined || below.indent < indent) return null;
    if (this.#isItem(below)) return this.#deeper(() => this.#readSeq(below.indent));
    return below.indent > indent ? this.#deeper(() => this.#readMap(below.indent)) : null;
  }

  /** What is nested so deep that it could use up the stack is no baseline. */
  #deeper<N>(read: () => N): N {
    if (++this.#depth > DEPTH_MAX) throw new NotPlain();
    const node = read();
    this.#depth--;
    return node;
  }

  #readSeq(indent: number): YAMLSeq {
    const seq = new YAMLSeq();
    for (let line = this.#lineAt(indent); line !== null; line = this.#lineAt(indent)) {
      if (!this.#isItem(line)) break;
      if (seq.items.length === 0) placeAt(seq, line.start);
      seq.items.push(this.#readItem(line));
    }
    return seq;
  }

  #readItem(line: Line): Node {
    this.#at = line.start + 1;
    this.#skipSpaces();
    if (!this.#isKey()) {
      this.#next++;
      return this.#readInline();
    }
    // A map that begins behind the dash goes on below its first key.
    line.indent += this.#at - line.start;
    line.start = this.#at;
    return this.#readMap(line.indent);
  }

  /** A value, and nothing but a comment after it. */
  #readInline(): Node {
    const value = this.#readOne(PLAIN);
    this.#skipSpaces();
    if (!this.#isAtEnd()) throw new NotPlain();
    return value;
  }

  #readOne(plain: RegExp): Node {
    const first = this.#text[this.#at];
    if (first === "[") return this.#deeper(() => this.#readFlowSeq());
    if (first === "{") return this.#deeper(() => this.#readFlowMap());
    const start = this.#at;
    const quoted = this.#readQuoted();
    if (quoted !== null) return quoted;
    const digits = this.#match(NUMBER);
    if (digits !== null) return this.#scalar(Number(digits), digits, start);
    const measure = this.#match(MEASURE);
    if (measure !== null) return this.#scalar(measure, measure, start);
    const flag = this.#match(FLAG);
    if (flag !== null) return this.#scalar(flag === "true", flag, start);
    return this.#readWord(plain, start);
  }

  #readWord(expression: RegExp, start: number): Scalar {
    const word = this.#match(expression);
    if (word === null || NO_TEXT.test(word)) throw new NotPlain();
    return this.#scalar(word, word, start);
  }

  #readFlowSeq(): YAMLSeq {
    const seq = placeAt(new YAMLSeq(), this.#at);
    seq.flow = true;
    this.#readFlow("]", () => seq.items.push(this.#readOne(FLOW_PLAIN)));
    return seq;
  }

  #readFlowMap(): YAMLMap {
    const map = placeAt(new YAMLMap(), this.#at);
    map.flow = true;
    this.#readFlow("}", () => {
      const key = this.#readKey();
      this.#skipSpaces();
      map.items.push(new Pair(key, this.#readOne(FLOW_PLAIN)));
    });
    return map;
  }

  #readFlow(end: string, readEntry: () => void): void {
    this.#at++;
    this.#skipSpaces();
    while (this.#text[this.#at] !== end) {
      readEntry();
      this.#skipSpaces();
      if (this.#text[this.#at] === end) break;
      if (this.#text[this.#at] !== ",") throw new NotPlain();
      this.#at++;
      this.#skipSpaces();
      if (this.#text[this.#at] === end) throw new NotPlain();
    }
    this.#at++;
  }

  /** Reads a key and its colon, behind which a space or the line's end has to come. */
  #readKey(): Scalar {
    const start = this.#at;
    const key = this.#readQuoted() ?? this.#readWord(KEY, start);
    if (!this.#isColon()) throw new NotPlain();
    this.#at++;
    return key;
  }

  #isKey(): boolean {
    const start = this.#at;
    const isKey = this.#match(KEY) !== null || (this.#readQuoted() !== null && this.#isColon());
    this.#at = start;
    return isKey;
  }

  #readQuoted(): Scalar | null {
    const start = this.#at;
    const quoted = this.#match(QUOTED);
    if (quoted === null) return null;
    const scalar = this.#scalar(quoted.slice(1, -1), quoted.slice(1, -1), start);
    scalar.type = quoted.startsWith('"') ? "QUOTE_DOUBLE" : "QUOTE_SINGLE";
    return scalar;
  }

  #scalar(value: string | number | boolean, source: string, start: number): Scalar {
    const scalar = placeAt(new Scalar(value), start);
    scalar.source = source;
    scalar.type = "PLAIN";
    return scalar;
  }

  /** What a sticky expression matches here, which is then behind us; null for nothing. */
  #match(expression: RegExp): string | null {
    expression.lastIndex = this.#at;
    const [match = null] = expression.exec(this.#text) ?? [];
    if (match !== null) this.#at = expression.lastIndex;
    return match;
  }

  /** The next line, if it is one of a block so far indented; null where the block ends. */
  #lineAt(indent: number): Line | null {
    const line = this.#lines[this.#next];
    if (line === undefined || line.indent < indent) return null;
    if (line.indent > indent) throw new NotPlain();
    return line;
  }

  #isItem({ start }: Line): boolean {
    return this.#text[start] === "-" && isSpaceOrEnd(this.#text[start + 1]);
  }

  #isColon(): boolean {
    return this.#text[this.#at] === ":" && isSpaceOrEnd(this.#text[this.#at + 1]);
  }

  #skipSpaces(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }

  /** True where nothing follows on the line but a comment. */
  #isAtEnd(): boolean {
    const next = this.#text[this.#at];
    return next === undefined || next === "\n" || (next === "#" && this.#text[this.#at - 1] === " ");
  }
}

function isSpaceOrEnd(character: string | undefined): boolean {
  return character === undefined || character === " " || character === "\n";
}

function placeAt<N extends Node>(node: N, start: number): N {
  node.range = [start, start, start];
  return node;
}

/** The lines that hold more than a comment. */
function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let begin = 0; begin < text.length; ) {
    const newline = text.indexOf("\n", begin);
    const end = newline < 0 ? text.length : newline;
    let start = begin;
    while (text[start] === " ") start++;
    if (start < end && text[start] !== "#") lines.push({ start, indent: start - begin });
    begin = end + 1;
  }
  return lines;
}
