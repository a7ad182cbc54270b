import { REMOVED } from "../model/scrub-text.ts";

const SEGMENTS_MAX = 16;
const SEGMENT_CHARACTERS_MAX = 20;
const ID = "{id}";

/** Segments that a route template already marks as variable: `{x}`, `:x`, `<x>`. */
const TEMPLATE = /^(?:\{.*\}|:.+|<.*>)$/;
const NUMBER = /^[\d._:,-]*\d[\d._:,-]*$/;
const HEX_WITH_DIGIT = /^(?=.*\d)[0-9a-f]{8,}$/i;
const LONG_NUMBER = /\d{5}/;
const LETTER_BESIDE_DIGIT = /\d(?=[a-z])|[a-z](?=\d)/gi;
const RANDOM_CHARACTERS_MIN = 10;
/** No digit, no mark and nothing encoded: never an id. */
const WORD = /^[a-z._~-]*$/i;
const EMAIL = /[^@]@./;

/** The path with every segment that names one thing rather than a kind of things as `{id}`; at most 16 segments. */
export function sanitizePath(path: string): string {
  const segments = path.slice(0, cutAt(path)).split("/", SEGMENTS_MAX + 2);
  const lead = segments[0] === "" ? 1 : 0;
  const kept = segments.slice(0, SEGMENTS_MAX + lead).map(sanitizeSegment);
  if (segments.length > SEGMENTS_MAX + lead) kept.push("**");
  return kept.join("/");
}

function cutAt(path: string): number {
  const end = path.search(/[?#]/);
  return end < 0 ? path.length : end;
}

function sanitizeSegment(segment: string): string {
  if (segment.length > SEGMENT_CHARACTERS_MAX) return ID;
  if (WORD.test(segment)) return segment;
  const name = segment.split(";", 1)[0] ?? "";
  return TEMPLATE.test(name) || isId(decode(name)) ? ID : name;
}

function isId(name: string): boolean {
  return NUMBER.test(name) || HEX_WITH_DIGIT.test(name) || EMAIL.test(name) || name.includes(REMOVED) || isRandom(name);
}

/** Words have few borders between letters and digits; random names have many. */
function isRandom(name: string): boolean {
  return (
    LONG_NUMBER.test(name) ||
    (name.length >= RANDOM_CHARACTERS_MIN && (name.match(LETTER_BESIDE_DIGIT)?.length ?? 0) >= 3)
  );
}

function decode(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
