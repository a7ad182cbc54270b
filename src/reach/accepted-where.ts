import type { AcceptDeclaration, Baseline, IssuerDeclaration, ServiceDeclaration } from "../model/baseline.ts";
import type { CredentialProfile } from "../model/credential.ts";
import { addAll, addTo, type BitSet, emptySet } from "./bit-set.ts";
import { kindKey } from "./credential-kind.ts";

type Declared = { readonly service: number; readonly accept: AcceptDeclaration };

/**
 * Which services accept which credentials: those that were seen to, for the same issuer and audience, and those that
 * declare that they do.
 */
export class AcceptedWhere {
  readonly #size: number;
  /** By issuer and audience, declared names for both where there are any. */
  readonly #byAudience = new Map<string, BitSet>();
  readonly #byKind = new Map<string, BitSet>();
  readonly #issuers = new Map<string, IssuerDeclaration>();
  readonly #declared = new Map<string, Declared[]>();
  readonly #known = new Map<string, BitSet>();

  /** `services` is each service's number. */
  constructor(baseline: Baseline, services: ReadonlyMap<string, number>) {
    this.#size = services.size;
    for (const issuer of baseline.issuers.values()) {
      for (const name of [issuer.name, ...issuer.identifiers]) this.#issuers.set(name, issuer);
    }
    for (const service of baseline.services.values()) this.#declare(service, services.get(service.name));
  }

  /** A service accepted a credential. */
  see(service: number, profile: CredentialProfile): void {
    this.#known.clear();
    addTo(ofKey(this.#byKind, kindKey(profile), this.#size), service);
    for (const key of this.audienceKeys(profile)) addTo(ofKey(this.#byAudience, key, this.#size), service);
  }

  /** The services that would accept a credential. Not to be written to. */
  of(profile: CredentialProfile): BitSet {
    const key = kindKey(profile);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const services = emptySet(this.#size);
    addAll(services, this.#byKind.get(key) ?? services);
    for (const audience of this.audienceKeys(profile)) addAll(services, this.ofAudience(profile, audience));
    this.#known.set(key, services);
    return services;
  }

  /** The services that would accept a credential for one of its audiences, by key. */
  ofAudience(profile: CredentialProfile, audienceKey: string): BitSet {
    const services = (this.#byAudience.get(audienceKey) ?? emptySet(this.#size)).slice();
    for (const service of this.#declarers(profile, audienceKey)) addTo(services, service);
    return services;
  }

  /** Whether a service declares that it accepts a credential. */
  isDeclared(service: number, profile: CredentialProfile): boolean {
    return this.audienceKeys(profile).some((key) => this.#declarers(profile, key).includes(service));
  }

  /** One key an audience; equal for spellings that the baseline says are one. */
  audienceKeys({ issuer, audiences }: CredentialProfile): readonly string[] {
    const declared = issuer === null ? undefined : this.#issuers.get(issuer);
    const names = (audiences ?? []).map((audience) => declared?.audienceAliases.get(audience) ?? audience);
    return names.map((name) => JSON.stringify([declared?.name ?? issuer, name]));
  }

  #declarers({ issuer }: CredentialProfile, audienceKey: string): readonly number[] {
    if (issuer === null) return [];
    const [, audience] = JSON.parse(audienceKey) as [string, string];
    const entries = this.#declared.get(this.#issuers.get(issuer)?.name ?? issuer) ?? [];
    return entries
      .filter(({ accept }) => accept.audiences.some((glob) => glob.matches(audience)))
      .map(({ service }) => service);
  }

  #declare({ accepts }: ServiceDeclaration, service: number | undefined): void {
    for (const accept of service === undefined ? [] : (accepts ?? [])) {
      const issuer = accept.issuer.replace(/\/+$/u, "");
      const name = this.#issuers.get(issuer)?.name ?? issuer;
      const entries = this.#declared.get(name) ?? [];
      this.#declared.set(name, entries);
      if (service !== undefined) entries.push({ service, accept });
    }
  }
}

function ofKey(sets: Map<string, BitSet>, key: string, size: number): BitSet {
  const set = sets.get(key) ?? emptySet(size);
  sets.set(key, set);
  return set;
}
