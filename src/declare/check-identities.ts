import type { Baseline, IdentityDeclaration, Position } from "../model/baseline.ts";
import type { Report } from "./problem-codes.ts";
import { quote, suggest } from "./suggest.ts";

/** Reports identities that nothing could be recognised by, and issuers that claim one `iss`. */
export function checkIdentities({ identities, issuers }: Baseline, report: Report): void {
  for (const identity of identities.values()) checkIdentity(identity, identities, report);
  const claimed = new Map<string, { readonly name: string; readonly position: Position }>();
  for (const { name, position, identifiers } of issuers.values()) {
    for (const identifier of identifiers) {
      const first = claimed.get(identifier);
      if (first === undefined) claimed.set(identifier, { name, position });
      else report("BL046", position, `${quote(identifier)} already means issuer ${quote(first.name)}`);
    }
  }
}

function checkIdentity(identity: IdentityDeclaration, all: Baseline["identities"], report: Report): void {
  const { name, position, client, kubernetes, spiffe, key, successor } = identity;
  if (client === null && kubernetes === null && spiffe === null && key === null) {
    report("BL016", position, "an identity is recognised by client, kubernetes, spiffe or key, and this has none");
  }
  if (successor === null || (successor !== name && all.has(successor))) return;
  const others = [...all.keys()].filter((other) => other !== name);
  report("BL017", position, `no other identity is called ${quote(successor)}${suggest(successor, others)}`);
}
