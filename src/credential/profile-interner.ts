import type { CredentialProfile } from "../model/credential.ts";
import { BoundedCache } from "./bounded-cache.ts";

const PROFILES_MAX = 16_384;

/** Makes equal profiles the same object, so that others may tell them apart by identity. */
export class ProfileInterner {
  readonly #profiles = new BoundedCache<CredentialProfile>(PROFILES_MAX);

  /** The one object for all profiles of this key; the key is {@link profileKey} of the profile. */
  intern(key: string, profile: CredentialProfile): CredentialProfile {
    const known = this.#profiles.get(key);
    if (known !== undefined) return known;
    this.#profiles.set(key, profile);
    return profile;
  }
}

/** Text that is equal exactly for equal profiles. */
export function profileKey(profile: CredentialProfile): string {
  return JSON.stringify([
    profile.slot,
    profile.scheme,
    profile.format,
    profile.role,
    profile.quality,
    profile.issuer,
    profile.audiences,
    profile.client,
    profile.isVerified,
  ]);
}
