import { REMOVED } from "../model/scrub-text.ts";

/** Statements longer than this are summarised by their beginning. */
const QUERY_CHARACTERS_MAX = 8 * 1024;
const NAME_CHARACTERS_MAX = 64;

/**
 * The tokens of SQL that matter here: comments and literals (to be skipped), quoted names, words, brackets, dots.
 * Whatever else stands in between is skipped a character at a time.
 */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"[^"]*"|`[^`]*`|\[[\w $.-]*\]|[\p{L}_@#$][\p{L}\p{N}_$@#]*|[().;]/gu;
const SKIPPED = /^(?:--|\/\*|')/;
const WORD = /^[\p{L}_]/u;

/** Verbs that are recognised in any case, and the word after which each names its collection. */
const COLLECTION_AFTER: ReadonlyMap<string, string> = new Map([
  ["SELECT", "FROM"],
  ["DELETE", "FROM"],
  ["INSERT", "INTO"],
  ["REPLACE", "INTO"],
  ["MERGE", "INTO"],
  ["UPDATE", "UPDATE"],
  ["CREATE", "TABLE"],
  ["ALTER", "TABLE"],
  ["DROP", "TABLE"],
  ["TRUNCATE", "TABLE"],
  ["COPY", "COPY"],
]);
const NOISE: ReadonlySet<string> = new Set(["ONLY", "IF", "NOT", "EXISTS", "LOW_PRIORITY", "IGNORE", "OR", "LATERAL"]);
const LONE_VERB = /^[A-Z]{2,16}$/;

/** A database statement as `VERB collection`, as its verb alone where no collection is named, or as `""`. */
export function summarizeQuery(query: string): string {
  const tokens = (query.slice(0, QUERY_CHARACTERS_MAX).match(TOKEN) ?? []).filter((token) => !SKIPPED.test(token));
  const start = tokens[0]?.toUpperCase() === "WITH" ? findMainVerb(tokens) : tokens.findIndex((token) => token !== "(");
  const first = tokens[start] ?? "";
  const verb = first.toUpperCase();
  const keyword = COLLECTION_AFTER.get(verb);
  if (keyword === undefined) return LONE_VERB.test(first) && query.trimStart().startsWith(first) ? first : "";
  const name = readName(tokens, findCollection(tokens, keyword));
  return name === "" ? verb : `${verb} ${name}`;
}

/** The verb of `WITH … AS (…) VERB`, outside of all brackets. */
function findMainVerb(tokens: readonly string[]): number {
  let depth = 0;
  return tokens.findIndex((token) => {
    if (token === "(") depth++;
    if (token === ")") depth--;
    return depth === 0 && COLLECTION_AFTER.has(token.toUpperCase());
  });
}

/** Where the first collection's name starts. Brackets that hold no subquery, as in `EXTRACT(YEAR FROM x)`, are passed. */
function findCollection(tokens: readonly string[], keyword: string): number {
  const isQuery = [true];
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1] ?? "";
    if (token === "(") isQuery.push(next.toUpperCase() === "SELECT");
    else if (token === ")" && isQuery.length > 1) isQuery.pop();
    else if (isQuery.at(-1) && token.toUpperCase() === keyword && next !== "(") return index + 1;
  }
  return tokens.length;
}

/** A name with its schema, without quotes; `""` where none stands. */
function readName(tokens: readonly string[], start: number): string {
  let index = start;
  while (NOISE.has(tokens[index]?.toUpperCase() ?? "")) index++;
  const parts: string[] = [];
  do {
    const part = unquote(tokens[index] ?? "");
    if (part === "") return "";
    parts.push(part);
    index += 2;
  } while (tokens[index - 1] === "." && parts.length < 4);
  const name = parts.join(".");
  return name.length > NAME_CHARACTERS_MAX ? "" : name;
}

function unquote(token: string): string {
  if (token === REMOVED) return "";
  if (/^["`[]/.test(token)) return token.slice(1, -1).trim();
  return WORD.test(token) ? token : "";
}
