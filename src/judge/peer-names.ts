import type { Baseline, ServiceDeclaration } from "../model/baseline.ts";

/** `namespace/name` of the service account that a SPIFFE id of Istio's form or a Linkerd identity stands for, or null. */
function serviceAccountOf(id: string): string | null {
  const spiffe = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/u.exec(id);
  if (spiffe !== null) return `${spiffe[1]}/${spiffe[2]}`;
  const linkerd = /^([^.]+)\.([^.]+)\.serviceaccount\.identity\./u.exec(id);
  return linkerd === null ? null : `${linkerd[2]}/${linkerd[1]}`;
}

/** True where the service declares that it is called by this name. */
export function hasIdentity({ spiffe, kubernetes }: ServiceDeclaration, id: string): boolean {
  const account = serviceAccountOf(id);
  return spiffe.some((glob) => glob.matches(id)) || (account !== null && kubernetes.includes(account));
}

/** True where the service declares identities that this name can be compared with. */
export function isComparableWith({ spiffe, kubernetes }: ServiceDeclaration, id: string): boolean {
  return (spiffe.length > 0 && id.startsWith("spiffe://")) || (kubernetes.length > 0 && serviceAccountOf(id) !== null);
}

/** The services that declare the name as theirs. */
export function ownersOf(id: string, { services }: Baseline): readonly ServiceDeclaration[] {
  return [...services.values()].filter((service) => hasIdentity(service, id));
}

/** True where `identities` lets a service, by any of its names, use the name. */
export function isSharedWith(id: string, spellings: readonly string[], { identities }: Baseline): boolean {
  const account = serviceAccountOf(id);
  return [...identities.values()].some(({ spiffe, kubernetes, usedBy }) => {
    const isThis = spiffe?.matches(id) === true || (kubernetes !== null && kubernetes === account);
    return isThis && (usedBy ?? []).some((glob) => spellings.some((name) => glob.matches(name)));
  });
}
