import { closest, distance } from "fastest-levenshtein";

/** Longer words are never compared: nobody mistypes them into a known one, and the comparison is quadratic. */
const COMPARED_MAX = 80;
const SHOWN_MAX = 60;

/** `; did you mean "operations"?` where a known word is near enough to be a typing mistake, else nothing. */
export function suggest(word: string, known: Iterable<string>): string {
  const candidates = [...known].filter((candidate) => candidate !== word && candidate.length <= COMPARED_MAX);
  if (word.length > COMPARED_MAX || candidates.length === 0) return "";
  const nearest = closest(word, candidates);
  const typosMax = Math.ceil(Math.max(word.length, nearest.length) / 3);
  return distance(word, nearest) <= typosMax ? `; did you mean ${quote(nearest)}?` : "";
}

/** A word of the file in double quotes, control characters escaped, cut to what fits on a line. */
export function quote(word: string): string {
  return JSON.stringify(word.length > SHOWN_MAX ? `${word.slice(0, SHOWN_MAX)}…` : word);
}
