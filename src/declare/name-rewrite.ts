import type { NameRewrite } from "../model/baseline.ts";
import type { RawRewrite } from "./file-schema.ts";
import type { Report } from "./problem-codes.ts";
import { quote } from "./suggest.ts";

/** What a typed capture stands for; one without a type stands for anything but `/`. */
const CAPTURE_TYPES: Readonly<Record<string, string>> = {
  int: "[0-9]+",
  // All of a run of hex characters, with a digit among them: English words have none.
  hex: "(?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}(?![0-9a-fA-F])",
  uuid: "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
  time: "[0-9]{8,}",
};
/** The time that a name takes grows with their number to the power. */
const CAPTURES_MAX = 4;

/** Compiles one rule of `normalize`; null, with everything reported, where it cannot be read. */
export function compileRewrite({ position, values }: RawRewrite, report: Report): NameRewrite | null {
  const { match, to } = values;
  if (match === null || to === null) return null;
  const pieces = piecesOf(match);
  const reason = reasonToRefuse(pieces) ?? reasonToRefuseTarget(to, pieces);
  if (reason === null) return { position, match, rewrite: createRewrite(match, pieces, to) };
  report("BL040", position, `cannot use ${quote(match)} to ${quote(to)}: ${reason}`);
  return null;
}

type Piece =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "capture"; readonly name: string; readonly type: string | null };

/** `{svc}-pr-{n:int}` is a capture, a literal and a typed capture. Brackets that are no capture stay in the literals. */
function piecesOf(text: string): readonly Piece[] {
  const parts = text.split(/(\{[A-Za-z]\w*(?::\w+)?\})/u).filter((part) => part !== "");
  return parts.map((part): Piece => {
    const [, name, type = null] = /^\{([A-Za-z]\w*)(?::(\w+))?\}$/u.exec(part) ?? [];
    return name === undefined ? { kind: "literal", text: part } : { kind: "capture", name, type };
  });
}

function reasonToRefuse(pieces: readonly Piece[]): string | null {
  const captures = pieces.filter((piece) => piece.kind === "capture");
  const literal = pieces.map((piece) => (piece.kind === "literal" ? piece.text : "")).join("");
  const names = captures.map(({ name }) => name);
  const unknown = captures.find(({ type }) => type !== null && !Object.hasOwn(CAPTURE_TYPES, type));
  if (/[{}*]/u.test(literal)) return "expected captures such as {svc} or {n:int}, and no other pattern";
  if (unknown) return `${quote(unknown.type ?? "")} is no type; those are ${Object.keys(CAPTURE_TYPES).join(", ")}`;
  if (names.length > CAPTURES_MAX) return `more than ${CAPTURES_MAX} captures`;
  if (new Set(names).size < names.length) return "a capture stands twice";
  if (pieces.some((piece, index) => piece.kind === "capture" && pieces[index + 1]?.kind === "capture"))
    return "two captures with nothing between them";
  const isTelling = captures.some(({ type }) => type !== null) || /[\p{L}\p{N}]/u.test(literal);
  return isTelling ? null : "it would rewrite every name; type a capture or write more of the name";
}

function reasonToRefuseTarget(to: string, pieces: readonly Piece[]): string | null {
  const known = new Set(pieces.map((piece) => (piece.kind === "capture" ? piece.name : null)));
  for (const piece of piecesOf(to)) {
    if (piece.kind === "literal" && /[{}*]/u.test(piece.text)) return "a name has no pattern in it";
    if (piece.kind !== "capture") continue;
    if (piece.type !== null) return "a type belongs into the match";
    if (!known.has(piece.name)) return `the match has no capture ${quote(piece.name)}`;
  }
  return null;
}

/** A match without `/` is compared with the name behind its namespace, which stays. */
function createRewrite(match: string, pieces: readonly Piece[], to: string): NameRewrite["rewrite"] {
  const expression = new RegExp(`^${pieces.map(expressionOf).join("")}$`, "u");
  const isWhole = match.includes("/");
  return (name) => {
    const start = isWhole ? 0 : name.lastIndexOf("/") + 1;
    const { groups } = expression.exec(name.slice(start)) ?? {};
    if (groups === undefined) return null;
    return name.slice(0, start) + to.replace(/\{(\w+)\}/gu, (_, capture: string) => groups[capture] ?? "");
  };
}

function expressionOf(piece: Piece): string {
  if (piece.kind === "literal") return piece.text.replace(/[\\^$.|?+()[\]/]/gu, "\\$&");
  const type = piece.type === null ? "[^/]+" : (CAPTURE_TYPES[piece.type] ?? "[^/]+");
  return `(?<${piece.name}>${type})`;
}
