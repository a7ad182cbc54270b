import type { Baseline, IdentityDeclaration, ServiceDeclaration } from "../model/baseline.ts";
import { allPresented, type CredentialProfile, type PeerIdentity } from "../model/credential.ts";
import { type GlobIndex, indexGlobs } from "./glob-index.ts";

/** Finds whose a credential is, by what the baseline declares; costs the same however much that is. */
export class IdentityFinder {
  readonly #issuerNames: ReadonlyMap<string, string>;
  readonly #isEmpty: boolean;
  readonly #byName: ReadonlyMap<string, readonly IdentityDeclaration[]>;
  readonly #bySpiffe: GlobIndex<IdentityDeclaration>;
  readonly #servicesByAccount: ReadonlyMap<string, readonly ServiceDeclaration[]>;
  readonly #servicesBySpiffe: GlobIndex<ServiceDeclaration>;

  constructor({ identities, services }: Baseline, issuerNames: ReadonlyMap<string, string>) {
    const declared = [...identities.values()];
    this.#issuerNames = issuerNames;
    this.#isEmpty = declared.length === 0;
    this.#byName = group(
      declared.flatMap((identity) => namesOf(identity).map((name): [string, IdentityDeclaration] => [name, identity])),
    );
    this.#bySpiffe = indexGlobs(
      declared.flatMap((identity) => (identity.spiffe === null ? [] : [[identity.spiffe, identity] as const])),
      "/",
    );
    const all = [...services.values()];
    this.#servicesByAccount = group(
      all.flatMap((service) => service.kubernetes.map((account): [string, ServiceDeclaration] => [account, service])),
    );
    this.#servicesBySpiffe = indexGlobs(
      all.flatMap((service) => service.spiffe.map((glob) => [glob, service] as const)),
      "/",
    );
  }

  /** The declared identities that a credential is of, by client, subject or key. */
  of(credential: CredentialProfile): readonly IdentityDeclaration[] {
    const { client, keyId, subject, issuer } = credential;
    const found = [
      ...this.#named("client", client),
      ...this.#named("key", keyId),
      ...(subject === null ? [] : this.#ofSubject(subject)),
    ];
    return [...new Set(found)].filter((identity) => this.#isFrom(identity, issuer));
  }

  /** The declared identities of everything that was presented on one call, the caller's certificate among it. */
  presented(credential: CredentialProfile | null, peer: PeerIdentity | null): readonly IdentityDeclaration[] {
    if (this.#isEmpty) return [];
    const found = allPresented(credential).flatMap((profile) => this.of(profile));
    return [...new Set([...found, ...(peer === null ? [] : this.#bySpiffe.matches(peer.id ?? ""))])];
  }

  /** The declared identities of a client id, SPIFFE id or service account that stands by itself, as an actor does. */
  named(subject: string): readonly IdentityDeclaration[] {
    return [...new Set([...this.#named("client", subject), ...this.#ofSubject(subject)])];
  }

  /** The services that declare a SPIFFE id or service account as what they prove themselves by. */
  servicesOf(workload: string): readonly ServiceDeclaration[] {
    const account = serviceAccountOf(workload);
    return account === null ? this.#servicesBySpiffe.matches(workload) : (this.#servicesByAccount.get(account) ?? []);
  }

  /** Whether two `iss` values are of one issuer. */
  isSameIssuer(left: string | null, right: string | null): boolean {
    return left !== null && right !== null && this.#nameOf(left) === this.#nameOf(right);
  }

  #ofSubject(subject: string): readonly IdentityDeclaration[] {
    const account = serviceAccountOf(subject);
    if (account !== null) return this.#named("kubernetes", account);
    return isSpiffe(subject) ? this.#bySpiffe.matches(subject) : this.#named("client", subject);
  }

  #named(kind: string, name: string | null): readonly IdentityDeclaration[] {
    return name === null ? [] : (this.#byName.get(`${kind}\n${name}`) ?? []);
  }

  /** Two issuers may have a client of one name: of a token that does not say, nothing is assumed. */
  #isFrom({ issuer: declared }: IdentityDeclaration, issuer: string | null): boolean {
    return declared === null || this.isSameIssuer(declared, issuer);
  }

  #nameOf(issuer: string): string {
    const known = issuer.replace(/\/+$/u, "");
    return this.#issuerNames.get(issuer) ?? this.#issuerNames.get(known) ?? known;
  }
}

/** True for a SPIFFE id. */
export function isSpiffe(subject: string): boolean {
  return subject.startsWith("spiffe://");
}

/** `namespace/name` of a Kubernetes service account as it stands in `sub`, or null for another subject. */
export function serviceAccountOf(subject: string): string | null {
  const groups = /^system:serviceaccount:(?<namespace>[^:]+):(?<name>[^:]+)$/u.exec(subject)?.groups;
  return groups === undefined ? null : `${groups.namespace}/${groups.name}`;
}

function namesOf({ client, kubernetes, key }: IdentityDeclaration): readonly string[] {
  const named = Object.entries({ client, kubernetes, key });
  return named.flatMap(([kind, name]) => (name === null ? [] : [`${kind}\n${name}`]));
}

function group<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const [key, value] of entries) {
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [value]);
    else known.push(value);
  }
  return groups;
}
