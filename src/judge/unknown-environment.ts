import type { Finding } from "../model/finding.ts";
import { createFinding, withoutCall } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { isDeclared, type Party } from "./party.ts";

/** A declared service runs in an environment that `environments` does not name; `default` means that nobody said. */
export function unknownEnvironment({ shape, caller, callee, context }: JudgedHop): readonly Finding[] {
  const { environments } = context.baseline;
  if (environments.size === 0) return [];
  const isUnknown = (name: string): boolean => name !== "default" && !environments.has(name);
  const found = (environment: string, service: Party): Finding =>
    createFinding({
      rule: "unknown-environment",
      subject: withoutCall(environment, { callee: service }),
      keyFields: [service.name],
      summary: `${service.name} runs in ${environment}, an environment that the baseline does not name`,
      decidedBy: null,
      confidence: "high",
    });
  const { callerEnvironment } = shape;
  const isCallers = callerEnvironment !== null && isUnknown(callerEnvironment);
  return [
    ...(isCallers && isDeclared(caller) ? [found(callerEnvironment, caller)] : []),
    ...(isUnknown(shape.environment) && isRunning(callee) ? [found(shape.environment, callee)] : []),
  ];
}

/** A host outside, or a datastore, runs wherever it runs. */
function isRunning(party: Party): boolean {
  return party.kind === "service" && isDeclared(party);
}
