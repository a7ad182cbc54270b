import type { Exchange } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { actorChainMismatch } from "./actor-chain-mismatch.ts";
import { exchangeInNameOnly } from "./exchange-expected-not-seen.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isWithoutBaseline } from "./judge-context.ts";
import { type JudgedExchange, lookUpExchange } from "./judged-exchange.ts";
import { scopeEscalation } from "./scope-escalation.ts";

type Rule = (exchange: JudgedExchange) => readonly Finding[];

const RULES: readonly Rule[] = [exchangeInNameOnly, actorChainMismatch, scopeEscalation];

/** All findings on one credential received and another presented. Pure and total. */
export function judgeExchange(exchange: Exchange, context: JudgeContext): readonly Finding[] {
  const judged = isWithoutBaseline(context) ? null : lookUpExchange(exchange, context);
  return judged === null ? [] : RULES.flatMap((rule) => rule(judged));
}
