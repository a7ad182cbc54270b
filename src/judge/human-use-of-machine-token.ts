import ipaddr from "ipaddr.js";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { isHumanClient } from "./identity-owner.ts";
import { isProbe } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { isOfMachine } from "./learned-identities.ts";
import { isDeclared, serviceDeclaration } from "./party.ts";

/** A workload's token comes in by hand: from where people sit or, a weaker sign, with a tool that people use. */
export function humanUseOfMachineToken(hop: JudgedHop): readonly Finding[] {
  const { shape, evidence, callee, context, subject } = hop;
  const { credential } = shape;
  if (credential === null || subject.caller !== null || !isDeclared(callee) || isOpen(hop)) return [];
  if (!isOfMachine(credential) || isHumanClient(credential, context)) return [];
  const isFromPeople = isIn(evidence.clientAddress, context.baseline.internal.people);
  if (!isFromPeople && !shape.isInteractive) return [];
  const signs = [
    ...(isFromPeople ? ["from an address of people"] : []),
    ...(shape.isInteractive ? ["with a tool that people use"] : []),
  ];
  return [
    createFinding({
      rule: "human-use-of-machine-token",
      subject,
      keyFields: [...familyOf(credential), credential.subject ?? credential.keyId ?? "", callee.name],
      verdict: isFromPeople ? "violation" : "suspicious",
      summary: `${callee.name} was called ${signs.join(" and ")}, by somebody who presented a workload's token`,
      decidedBy: null,
      confidence: isFromPeople && shape.isInteractive ? "high" : "low",
    }),
  ];
}

/** Where tokens are ignored, whose they are says nothing. */
function isOpen({ shape, callee, context }: JudgedHop): boolean {
  const { operation } = shape;
  if (isProbe(context, operation)) return true;
  const open = serviceDeclaration(callee)?.public ?? [];
  return operation !== null && open.some((each) => each.matches(operation));
}

function isIn(text: string | null, cidrs: readonly string[]): boolean {
  if (text === null || !ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return cidrs.some((cidr) => {
    const [network, bits] = ipaddr.parseCIDR(cidr);
    return network.kind() === address.kind() && address.match([network, bits]);
  });
}
