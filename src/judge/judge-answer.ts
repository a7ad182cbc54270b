import type { Finding } from "../model/finding.ts";
import { type Answer, endpointIdentityDrift } from "./endpoint-identity-drift.ts";
import { isWithoutBaseline, type JudgeContext } from "./judge-context.ts";

/** All findings on who answered at an address. Pure and total. */
export function judgeAnswer(answer: Answer, context: JudgeContext): readonly Finding[] {
  return isWithoutBaseline(context) ? [] : endpointIdentityDrift(answer, context);
}
