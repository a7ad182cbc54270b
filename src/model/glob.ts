/** A pattern of a baseline, compiled once: `*` within one segment, `**` across, `{a,b}`, `{id}` one whole segment. */
export type Glob = {
  readonly text: string;
  readonly matches: (value: string) => boolean;
  /** The characters before the first wildcard; the longer, the more specific. */
  readonly literalPrefix: string;
};

/**
 * Compiles a glob. Segments are separated by `separator` (`/` for names and paths, `.` for hosts).
 * `*` matches within a segment, `**` across segments, `{a,b}` either, `{name}` exactly one non-empty segment.
 */
export function compileGlob(text: string, separator: "/" | "." = "/"): Glob {
  const wildcard = text.search(/[*{]/u);
  if (wildcard < 0) return { text, literalPrefix: text, matches: (value) => value === text };
  // Of many thousand patterns, most wait long for the first value to compare, and a start need not wait for them.
  let expression: RegExp | null = null;
  const matches = (value: string): boolean => {
    expression ??= new RegExp(`^${translate(text, separator)}$`, "u");
    return expression.test(value);
  };
  return { text, literalPrefix: text.slice(0, wildcard), matches };
}

function translate(text: string, separator: "/" | "."): string {
  const segment = separator === "/" ? "[^/]" : "[^.]";
  return text.replace(/\*\*|\*|\{[^{}]*\}|[\\^$.|?+()[\]{}]/gu, (token) => {
    if (token === "**") return ".*";
    if (token === "*") return `${segment}*`;
    if (token.length < 2) return `\\${token}`;
    const body = token.slice(1, -1);
    if (!body.includes(",")) return `${segment}+`;
    const choices = body.split(",").map((choice) => translate(choice, separator));
    return `(?:${choices.join("|")})`;
  });
}
