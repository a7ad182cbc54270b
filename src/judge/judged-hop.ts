import type { CallDeclaration, ForbiddenDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import type { Evidence, GraphNode, Shape } from "../model/graph.ts";
import { OUTSIDE } from "../model/graph.ts";
import type { Subject } from "./create-finding.ts";
import { declaredCall, forbiddenEntry } from "./declared-edge.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { Party } from "./party.ts";

/** A shape with both sides looked up in the baseline: what the rules read. */
export type JudgedHop = {
  readonly shape: Shape;
  readonly evidence: Evidence;
  readonly context: JudgeContext;
  readonly caller: Party;
  readonly callee: Party;
  /** The caller's entry for the callee; null where it has none. */
  readonly call: CallDeclaration | null;
  readonly forbidden: ForbiddenDeclaration | null;
  readonly subject: Subject;
  /** Of what is said about the path. */
  readonly confidence: Finding["confidence"];
  /** Of what is said about the credential: what only the caller saw, the callee may never have received. */
  readonly credentialConfidence: Finding["confidence"];
};

/** Looks up what the baseline says about the two sides of a shape. */
export function lookUpHop(shape: Shape, evidence: Evidence, context: JudgeContext): JudgedHop {
  const caller = context.names.caller(shape.caller);
  const callee = context.names.callee(shape.callee, shape.environment);
  const { environment, operation, credential, outcome } = shape;
  const confidence = shape.type === "direct" && shape.callee.kind !== "external" ? "high" : "medium";
  const isCallerKnown = shape.type !== "unattributed" && !isOutside(shape.caller);
  return {
    shape,
    evidence,
    context,
    caller,
    callee,
    call: declaredCall(caller, callee),
    forbidden: forbiddenEntry(context, caller, callee),
    subject: { environment, caller: isCallerKnown ? caller : null, callee, operation, credential, outcome },
    confidence,
    credentialConfidence: shape.credentialSeenBy === "caller" ? "low" : confidence,
  };
}

/** True for the node that stands for everything outside. */
export function isOutside(node: GraphNode): boolean {
  return node.kind === OUTSIDE.kind && node.name === OUTSIDE.name;
}
