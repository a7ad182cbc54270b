import type { JudgementCase } from "../judgement-case.ts";

/** Situations of the family of rules that bears this file's name. */
export const PROPAGATION_CASES: readonly JudgementCase[] = [];
