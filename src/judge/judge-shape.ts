import type { Finding } from "../model/finding.ts";
import type { Evidence, Shape } from "../model/graph.ts";
import { audienceMismatchAccepted } from "./audience-mismatch-accepted.ts";
import { callerRefused } from "./caller-refused.ts";
import { crossEnvironmentCall } from "./cross-environment-call.ts";
import { expiredTokenAccepted } from "./expired-token-accepted.ts";
import { forbiddenCall } from "./forbidden-call.ts";
import { isWithoutBaseline, type JudgeContext } from "./judge-context.ts";
import { type JudgedHop, lookUpHop } from "./judged-hop.ts";
import { unattributedCall } from "./unattributed-call.ts";
import { undeclaredAudience } from "./undeclared-audience.ts";
import { undeclaredCall } from "./undeclared-call.ts";
import { undeclaredDatastore } from "./undeclared-datastore.ts";
import { undeclaredEgress } from "./undeclared-egress.ts";
import { undeclaredIngress } from "./undeclared-ingress.ts";
import { undeclaredOperation } from "./undeclared-operation.ts";
import { unknownService } from "./unknown-service.ts";

type Rule = (hop: JudgedHop) => readonly Finding[];

/** Independent of each other. */
const RULES: readonly Rule[] = [
  forbiddenCall,
  callerRefused,
  unattributedCall,
  unknownService,
  crossEnvironmentCall,
  undeclaredDatastore,
  undeclaredIngress,
  undeclaredEgress,
  audienceMismatchAccepted,
  expiredTokenAccepted,
];

/** From the edge inwards: a layer that fails hides those below it. */
const LAYERS: readonly Rule[] = [undeclaredCall, undeclaredOperation, undeclaredAudience];

/** All findings on what hops of one shape have in common, given one of them as evidence. Pure and total. */
export function judgeShape(shape: Shape, evidence: Evidence, context: JudgeContext): readonly Finding[] {
  // A service and a broker: inventory. The call from producer to consumer is a shape of its own.
  if (shape.type === "destination") return [];
  // The hops to and from the proxy are judged.
  if (shape.type === "proxied") return [];
  const hop = lookUpHop(shape, evidence, context);
  if (isWithoutBaseline(context)) return expiredTokenAccepted(hop);
  return [...RULES.flatMap((rule) => rule(hop)), ...firstFailingLayer(hop)];
}

/** A forbidden edge has its answer already: whether it is declared as well is no longer the question. */
function firstFailingLayer(hop: JudgedHop): readonly Finding[] {
  if (hop.forbidden !== null) return [];
  for (const layer of LAYERS) {
    const findings = layer(hop);
    if (findings.length > 0) return findings;
  }
  return [];
}
