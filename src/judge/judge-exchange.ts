import type { Exchange } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isWithoutBaseline } from "./judge-context.ts";

type Rule = (exchange: Exchange, context: JudgeContext) => readonly Finding[];

const RULES: readonly Rule[] = [];

/** All findings on one credential received and another presented. Pure and total. */
export function judgeExchange(exchange: Exchange, context: JudgeContext): readonly Finding[] {
  return isWithoutBaseline(context) ? [] : RULES.flatMap((rule) => rule(exchange, context));
}
