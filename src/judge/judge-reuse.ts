import type { Reuse } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { duplicateTokenId } from "./duplicate-token-id.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isWithoutBaseline } from "./judge-context.ts";
import { type JudgedReuse, lookUpReuse } from "./judged-reuse.ts";
import { oneTimeProofReplayed } from "./one-time-proof-replayed.ts";
import { tokenOutlivesWorkload } from "./token-outlives-workload.ts";
import { transactionTokenOutsideTransaction } from "./transaction-token-outside-transaction.ts";

type Rule = (reuse: JudgedReuse) => readonly Finding[];

const RULES: readonly Rule[] = [
  duplicateTokenId,
  oneTimeProofReplayed,
  transactionTokenOutsideTransaction,
  tokenOutlivesWorkload,
];

/** All findings on something unique that was seen twice, or after its time. Pure and total. */
export function judgeReuse(reuse: Reuse, context: JudgeContext): readonly Finding[] {
  const judged = isWithoutBaseline(context) ? null : lookUpReuse(reuse, context);
  return judged === null ? [] : RULES.flatMap((rule) => rule(judged));
}
