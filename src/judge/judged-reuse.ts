import type { Reuse } from "../model/facts.ts";
import type { Subject } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isDeclared, type Party } from "./party.ts";

/** Something unique that was seen twice, looked up: what the rules about reuse read. */
export type JudgedReuse = {
  readonly fact: Reuse;
  readonly subject: Subject & { readonly callee: Party };
  /** The presenter, as sentences name it. */
  readonly who: string;
  readonly context: JudgeContext;
};

/** Looks up what the baseline says of the second use; null where it names neither side. */
export function lookUpReuse(fact: Reuse, context: JudgeContext): JudgedReuse | null {
  const { environment, presenter, recipient, operation, credential, outcome } = fact;
  const caller = presenter === null ? null : context.names.caller({ kind: "service", name: presenter });
  const callee = context.names.callee(recipient, environment);
  if (!isDeclared(callee) && (caller === null || !isDeclared(caller))) return null;
  return {
    fact,
    subject: { environment, caller, callee, operation, credential, outcome },
    who: caller?.name ?? "an unseen caller",
    context,
  };
}
