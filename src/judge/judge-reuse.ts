import type { Reuse } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isWithoutBaseline } from "./judge-context.ts";

type Rule = (reuse: Reuse, context: JudgeContext) => readonly Finding[];

const RULES: readonly Rule[] = [];

/** All findings on something unique that was seen twice. Pure and total. */
export function judgeReuse(reuse: Reuse, context: JudgeContext): readonly Finding[] {
  return isWithoutBaseline(context) ? [] : RULES.flatMap((rule) => rule(reuse, context));
}
