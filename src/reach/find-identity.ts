import type { Baseline, IdentityDeclaration } from "../model/baseline.ts";
import type { Identity } from "../model/identity.ts";

/** The baseline's entry for an identity; null where it has none. */
export function findIdentity(identity: Identity, baseline: Baseline): IdentityDeclaration | null {
  for (const declared of baseline.identities.values()) if (isMatch(identity, declared, baseline)) return declared;
  return null;
}

function isMatch({ kind, name, issuer }: Identity, declared: IdentityDeclaration, baseline: Baseline): boolean {
  if (kind === "spiffe") return declared.spiffe?.matches(name) === true;
  if (kind === "service-account") return declared.kubernetes === name;
  if (kind === "key") return declared.key === name;
  return kind === "client" && declared.client === name && isIssuer(issuer, declared.issuer, baseline);
}

function isIssuer(issuer: string | null, declared: string | null, { issuers }: Baseline): boolean {
  if (declared === null) return true;
  const identifiers = issuers.get(declared)?.identifiers ?? [declared.replace(/\/+$/u, "")];
  return issuer !== null && identifiers.includes(issuer);
}

/** Who answers for an identity: the one owner of all services that may present it, or do; null where they differ. */
export function ownerOf(
  declared: IdentityDeclaration | null,
  presenters: readonly string[],
  { services }: Baseline,
): string | null {
  const users = declared?.usedBy?.map(({ text }) => text) ?? presenters;
  const owners = new Set(users.map((name) => services.get(name)?.owner ?? null));
  const [owner = null] = owners;
  return owners.size === 1 ? owner : null;
}
