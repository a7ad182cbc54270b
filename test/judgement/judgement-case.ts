import type { RuleId } from "../../src/model/finding.ts";

/** When drawings begin, in seconds since 1970: what the claims of a case's tokens are counted from. */
export const DRAWN_S = Date.UTC(2026, 0, 1) / 1000;

/** A token of a case: a JWT of these claims, unless `text` says what it is to the letter. */
export type CaseToken = {
  readonly header?: { readonly [name: string]: unknown };
  readonly claims?: { readonly [name: string]: unknown };
  readonly text?: string;
};

/** What happens so many seconds after what came before it. */
export type CaseStep = {
  readonly afterS: number;
  /** Spans that come in. */
  readonly trace?: string;
  /** How often they come at once, each time in traces of their own. */
  readonly times?: number;
  /** Who the sender of the spans proved to be; null for nobody known, absent where nobody is asked. */
  readonly sentBy?: string | null;
  /** What is declared from then on. */
  readonly baseline?: string;
  /** After that the declarations are reviewed, as a collector does once a day. */
  readonly isReviewed?: true;
};

/** One labelled situation: what was sent, what was declared, and which rules are to raise alerts; all others are wrong. */
export type JudgementCase = {
  /** A claim, such as "a token relayed one hop too far". */
  readonly name: string;
  /** YAML of one baseline file, without its header. */
  readonly baseline: string;
  /**
   * Drawn spans (`test/support/draw.ts`), one export request. In braces, beside attributes: `tok=NAME` is a captured
   * `Authorization: Bearer` header with that token, `tok.HEADER=NAME` another header that is just the token, and
   * `hdr.HEADER=TEXT` a captured header to the letter.
   */
  readonly trace: string;
  readonly tokens?: { readonly [name: string]: CaseToken };
  /** Who sent the first spans, as in {@link CaseStep}. */
  readonly sentBy?: string | null;
  /** What follows, in order. */
  readonly later?: readonly CaseStep[];
  /** How long spans wait for each other, in seconds; a day where absent. */
  readonly windowS?: number;
  /** Empty: a benign twin. In any order, each once. */
  readonly raises: readonly RuleId[];
};
