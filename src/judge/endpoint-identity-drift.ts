import type { Finding } from "../model/finding.ts";
import type { Evidence } from "../model/graph.ts";
import { createFinding, withoutCall } from "./create-finding.ts";
import { hostOf } from "./host.ts";
import type { JudgeContext } from "./judge-context.ts";
import { type Party, serviceDeclaration } from "./party.ts";

/** A service answered at an address: both ends of such a hop were seen. */
export type Answer = {
  readonly environment: string;
  /** `host` or `host:port`, as the caller named it. */
  readonly address: string;
  readonly service: string;
  readonly count: number;
  readonly seenMs: number;
  /** Of a hop to the service, where one is known. */
  readonly evidence: Evidence | null;
};

/** What tells one answer from another, as text. */
export function answerKey({
  environment,
  address,
  service,
}: Pick<Answer, "environment" | "address" | "service">): string {
  return JSON.stringify([environment, address, service]);
}

/**
 * The baseline says whose the address is, that service has answered there, and now another one does. An address whose
 * own service was never heard of there is a gateway's, or a name that was chosen badly.
 */
export function endpointIdentityDrift(answer: Answer, context: JudgeContext): readonly Finding[] {
  const { environment, address, service } = answer;
  const { names, learned } = context;
  const owner = names.caller({ kind: "external", name: address });
  const answering = names.caller({ kind: "service", name: service });
  if (owner.kind !== "service" || owner.declaration === null || owner.name === answering.name) return [];
  if (isInFront(owner) || isInFront(answering)) return [];
  const answered = learned.aliases.answerers(environment, address);
  if (!answered.some((name) => names.caller({ kind: "service", name }).name === owner.name)) return [];
  return [
    createFinding({
      rule: "endpoint-identity-drift",
      subject: withoutCall(environment, { callee: owner }),
      keyFields: [owner.name, answering.name],
      summary: `${answering.name} answers at ${hostOf(address)}, which is ${owner.name}'s`,
      decidedBy: { position: owner.declaration.position, says: `services.${owner.name} is the service of that name` },
      confidence: "medium",
    }),
  ];
}

/** What stands in front of others answers in their place. */
function isInFront(party: Party): boolean {
  const traits = serviceDeclaration(party)?.traits;
  return traits !== undefined && (traits.has("proxy") || traits.has("gateway"));
}
