import type { AuthMethod } from "../model/baseline.ts";
import { allPresented, type CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { hasTrait } from "./may-relay.ts";

/**
 * A static secret between two services, on a call whose declared ways to authenticate do not include it; where the call
 * declares none, it is posture.
 */
export function staticCredentialOnServiceHop(hop: JudgedHop): readonly Finding[] {
  const { shape, call, caller, callee, subject } = hop;
  if (call === null || callee.kind !== "service") return [];
  // A client's secret at the token endpoint is what it is for.
  if (hasTrait(callee, "control-plane")) return [];
  const methods = new Set(allPresented(shape.credential).flatMap((each) => staticMethodOf(each) ?? []));
  return [...methods]
    .filter((method) => !(call.auth?.includes(method) ?? false))
    .map((method) =>
      createFinding({
        rule: "static-credential-on-service-hop",
        subject,
        keyFields: [caller.name, callee.name, method],
        verdict: call.auth === null ? "insufficient-evidence" : "violation",
        summary: `${caller.name} presented a static secret (${method}) to ${callee.name}`,
        decidedBy: {
          position: call.position,
          says: `services.${caller.name}.calls.${call.callee.text}.auth does not list ${method}`,
        },
        confidence: hop.credentialConfidence,
      }),
    );
}

/** The kind of static secret a credential is, or null; of what is masked, the slot still tells. */
function staticMethodOf({ slot, scheme, format, quality, keyId }: CredentialProfile): AuthMethod | null {
  if (quality === "absent" || slot === "proxy") return null;
  if (scheme === "basic" || format === "basic") return "basic";
  if (slot === "api_key" || format === "key") return "api-key";
  // AWS writes the temporary ones with another prefix.
  return format === "signature" && (keyId?.startsWith("AKIA") ?? false) ? "signature" : null;
}
