import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { hostOf, isMetadataHost } from "./host.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";

/**
 * A service asks the platform's metadata address, which hands out the machine's credentials. Only an external of that
 * host which the service's own `calls` name allows it.
 */
export function instanceMetadataCredentialFetch(hop: JudgedHop): readonly Finding[] {
  const { caller, callee, shape, call, subject } = hop;
  const declaration = serviceDeclaration(caller);
  const host = hostOf(shape.callee.name);
  if (declaration === null || callee.kind !== "external" || !isMetadataHost(host)) return [];
  if (callee.declaration !== null && call !== null) return [];
  return [
    createFinding({
      rule: "instance-metadata-credential-fetch",
      subject,
      keyFields: [caller.name, host],
      summary: `${caller.name} asked ${host}, which hands out the machine's credentials`,
      decidedBy: { position: declaration.position, says: `services.${caller.name}.calls has no entry for ${host}` },
      confidence: "medium",
      about: { host },
    }),
  ];
}
