import type { CredentialProfile } from "../model/credential.ts";
import { BoundedCache } from "./bounded-cache.ts";

const PROFILES_MAX = 16_384;

/** Makes equal profiles, or other plain facts, the same object, so that others may tell them apart by identity. */
export class Interner<Facts> {
  readonly #facts = new BoundedCache<Facts>(PROFILES_MAX);

  /** Rises before anything is forgotten: who asked for facts in this generation would get the same ones again. */
  get generation(): number {
    return this.#facts.generation;
  }

  /** The one object for all facts of this key, which is equal exactly for equal facts. */
  intern(key: string, facts: Facts): Facts {
    const known = this.#facts.get(key);
    if (known !== undefined) return known;
    this.#facts.set(key, facts);
    return facts;
  }
}

/** Text that is equal exactly for equal profiles: whoever makes one writes the same members, in whatever order. */
export function profileKey(profile: CredentialProfile): string {
  return JSON.stringify(valuesOf(profile));
}

function valuesOf(profile: CredentialProfile): readonly unknown[] {
  const { companions, ...own } = profile;
  const names = Object.keys(own).sort() as (keyof typeof own)[];
  return [names.map((name) => own[name]), companions.map(valuesOf)];
}
