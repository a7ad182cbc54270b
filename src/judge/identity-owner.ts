import type { CredentialProfile } from "../model/credential.ts";
import { isSpiffe, serviceAccountOf } from "./identity-finder.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isNamedBy, type Party, serviceDeclaration } from "./party.ts";

/** Whether something is a party's own by what is declared; `unknown` where nothing is, or not enough. */
export type Ownership = "own" | "another's" | "unknown";

/** Whether a credential's client, subject or key is one that a party may present. A person's client is nobody's. */
export function ownershipOf(credential: CredentialProfile, party: Party, { owners }: JudgeContext): Ownership {
  return byUsers(owners.of(credential), party);
}

/** Whether a client id, SPIFFE id or service account is the party's: its declared identity, or one that it may use. */
export function ownsWorkload(workload: string, party: Party, { owners }: JudgeContext): Ownership {
  const byIdentity = byUsers(owners.named(workload), party);
  if (byIdentity !== "unknown") return byIdentity;
  const services = owners.servicesOf(workload);
  if (services.some(({ name }) => name === party.name)) return "own";
  if (services.length > 0) return "another's";
  // It proves itself by something of the same kind, and this is not it.
  return declaresKindOf(workload, party) ? "another's" : "unknown";
}

/** True where a credential is of a client that people use. */
export function isHumanClient(credential: CredentialProfile, { owners }: JudgeContext): boolean {
  return owners.of(credential).some(({ isHuman }) => isHuman);
}

/** True for a SPIFFE id or a service account. */
export function isWorkload(subject: string): boolean {
  return isSpiffe(subject) || serviceAccountOf(subject) !== null;
}

function byUsers(found: ReturnType<JudgeContext["owners"]["of"]>, party: Party): Ownership {
  if (found.length === 0) return "unknown";
  const users = found.map(({ isHuman, usedBy }) => (isHuman ? null : usedBy));
  if (users.some((globs) => globs?.some((glob) => isNamedBy(glob, party)) ?? false)) return "own";
  return users.includes(null) ? "unknown" : "another's";
}

function declaresKindOf(workload: string, party: Party): boolean {
  const declaration = serviceDeclaration(party);
  if (declaration === null) return false;
  const ids = isSpiffe(workload) ? declaration.spiffe : declaration.kubernetes;
  return isWorkload(workload) && ids.length > 0;
}
