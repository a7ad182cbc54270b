import { type CredentialProfile, UNKNOWN_CREDENTIAL } from "../model/credential.ts";
import type { SpanBatch } from "../model/span-batch.ts";

const PROFILES_MAX = 100_000;
/** Stands for all credentials past the bound: something was presented, and no more is said of it. */
const OVERFLOW_PROFILE = UNKNOWN_CREDENTIAL;

/** Distinct credential profiles as small integers, counted from 1; 0 is "none". */
export class ProfileTable {
  readonly #numbers = new Map<string, number>();
  readonly #profiles: CredentialProfile[] = [OVERFLOW_PROFILE];
  #batchNumbers: number[] = [];

  /** Makes a batch's profiles ours; call before {@link number}. */
  begin(batch: SpanBatch): void {
    this.#batchNumbers = batch.credentials.profiles.map((profile) => this.intern(profile));
  }

  /** The number of the profile of one credential row of the batch that was begun last. */
  number(batch: SpanBatch, row: number): number {
    return this.#batchNumbers[batch.credentials.profileIndexes[row] ?? 0] ?? 0;
  }

  profile(number: number): CredentialProfile {
    return this.#profiles[number] ?? OVERFLOW_PROFILE;
  }

  /** Whether a profile tells more than that something, or nothing, was presented. */
  isUsable(number: number): boolean {
    return this.profile(number).quality === "full";
  }

  /** Whether a profile is of a person's credential. */
  isHuman(number: number): boolean {
    return this.profile(number).subjectKind === "user";
  }

  /** Whether two profiles are of one place on a request, both telling more than that something was there. */
  isComparable(one: number, other: number): boolean {
    return this.isUsable(one) && this.isUsable(other) && this.profile(one).slot === this.profile(other).slot;
  }

  /** The number of a profile. */
  intern(profile: CredentialProfile): number {
    const key = JSON.stringify(Object.values(profile));
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#profiles.length > PROFILES_MAX) return this.intern(OVERFLOW_PROFILE);
    this.#profiles.push(profile);
    this.#numbers.set(key, this.#profiles.length - 1);
    return this.#profiles.length - 1;
  }
}
