import { allPresented, type CredentialProfile } from "./credential.ts";

export const IDENTITY_KINDS = ["client", "spiffe", "service-account", "key", "certificate"] as const;
/**
 * `client`: an OAuth client. `spiffe`: a SPIFFE id. `service-account`: a Kubernetes service account. `key`: a static key
 * with a public id. `certificate`: what a certificate names that is none of these.
 */
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

/** Who a credential says its holder is: a machine client or workload. */
export type Identity = {
  readonly kind: IdentityKind;
  /** Client id, SPIFFE id, `namespace/name` or public key id. */
  readonly name: string;
  /** Null where nobody issued it, or the issuer is not known. */
  readonly issuer: string | null;
};

const SERVICE_ACCOUNT = "system:serviceaccount:";

/** The identity that a credential speaks for, the narrowest name first; null where it names none. */
export function identityOf({ subject, client, keyId, issuer }: CredentialProfile): Identity | null {
  if (subject?.startsWith("spiffe://") === true) return { kind: "spiffe", name: subject, issuer: null };
  if (subject?.startsWith(SERVICE_ACCOUNT) === true) {
    const name = subject.slice(SERVICE_ACCOUNT.length).replace(":", "/");
    return { kind: "service-account", name, issuer };
  }
  if (client !== null) return { kind: "client", name: client, issuer };
  return keyId === null ? null : { kind: "key", name: keyId, issuer: null };
}

/** The machine identities of all that was presented on one call, each as often as it was; people are none. */
export function machineIdentities(credential: CredentialProfile | null): readonly Identity[] {
  const ofMachines = allPresented(credential).filter(({ subjectKind }) => subjectKind !== "user");
  return ofMachines.flatMap((each) => identityOf(each) ?? []);
}

/** The identity that a peer's certificate names. */
export function peerIdentity(id: string): Identity {
  return { kind: id.startsWith("spiffe://") ? "spiffe" : "certificate", name: id, issuer: null };
}

/** Equal for one identity. */
export function identityKey({ kind, name, issuer }: Identity): string {
  return JSON.stringify([kind, issuer, name]);
}

/** How an identity has been used over all time: what its next use is compared with. */
export type IdentityUse = {
  readonly environment: string;
  readonly identity: Identity;
  /** The wall's time of the latest use, ms since 1970. */
  readonly lastMs: number;
  /** The longest that it has not been used in between, ms. */
  readonly longestPauseMs: number;
};
