import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { isDeclared, type Party, serviceDeclaration } from "./party.ts";

/**
 * Both environments are known, they differ, and neither is `default`, which only means that nothing was said. Of a service
 * with the trait `environment-neutral` there is one for all environments.
 */
export function crossEnvironmentCall({ shape, caller, callee, subject, confidence }: JudgedHop): readonly Finding[] {
  const { environment, callerEnvironment } = shape;
  if (callerEnvironment === null || callerEnvironment === environment) return [];
  if (environment === "default" || callerEnvironment === "default") return [];
  if (!isDeclared(caller) && !isDeclared(callee)) return [];
  if (isNeutral(caller) || isNeutral(callee)) return [];
  return [
    createFinding({
      rule: "cross-environment-call",
      subject,
      keyFields: [caller.name, callee.name, callerEnvironment],
      summary: `${caller.name} in ${callerEnvironment} called ${callee.name} in ${environment}`,
      decidedBy: null,
      confidence,
    }),
  ];
}

function isNeutral(party: Party): boolean {
  return serviceDeclaration(party)?.traits.has("environment-neutral") === true;
}
