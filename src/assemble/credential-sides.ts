// Hot path: once or twice a hop. Integers in, integers out.

import type { FingerprintTable } from "./fingerprint-table.ts";
import { ROLE } from "./meaning-reader.ts";
import type { ProfileTable } from "./profile-table.ts";
import { MARK } from "./shape-table.ts";
import type { SpanExtras } from "./span-extras.ts";
import { roleOf } from "./span-flags.ts";
import { NONE, type SpanRing } from "./span-ring.ts";

type Parts = {
  readonly ring: SpanRing;
  readonly extras: SpanExtras;
  readonly profiles: ProfileTable;
  readonly fingerprints: FingerprintTable;
  readonly skewMs: number;
};

/** Which of a hop's two ends tells of its credential, and what the two together show of it; NONE for an end not seen. */
export class CredentialSides {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The credential of a hop: the callee's observation where it is usable, else the caller's. */
  find(caller: number, entry: number): number {
    const { profiles } = this.#parts;
    const calleeProfile = entry === NONE ? 0 : this.#profileOf(entry, ROLE.in);
    if (calleeProfile !== 0 && profiles.isUsable(calleeProfile)) return entry;
    const callerProfile = caller === NONE ? 0 : this.#profileOf(caller, ROLE.out);
    if (callerProfile !== 0 && (calleeProfile === 0 || profiles.isUsable(callerProfile))) return caller;
    return calleeProfile === 0 ? NONE : entry;
  }

  /** What the spans show of that credential: bits of {@link MARK}. */
  marks(caller: number, entry: number, side: number): number {
    return (
      (this.#isExpired(caller, entry, side) ? MARK.expired : 0) |
      (this.#isPremature(caller, entry, side) ? MARK.premature : 0) |
      (this.#isChanged(caller, entry) ? MARK.changed : 0)
    );
  }

  /** RFC 7519 `exp` against the start on the callee's clock, plus what that clock seems to run ahead of its caller's. */
  #isExpired(caller: number, entry: number, side: number): boolean {
    const { ring, skewMs } = this.#parts;
    const expiresAtS = ring.expiresAtS[side & ring.mask] ?? Number.NaN;
    if (Number.isNaN(expiresAtS)) return false;
    const calledMs = ring.startMs[(entry === NONE ? caller : entry) & ring.mask] ?? 0;
    const callingMs = caller === NONE ? calledMs : (ring.startMs[caller & ring.mask] ?? 0);
    return calledMs > expiresAtS * 1000 + skewMs + Math.max(0, callingMs - calledMs);
  }

  /** RFC 7519 `nbf` and `iat` against the later of the two starts: the callee's clock may lag behind its caller's. */
  #isPremature(caller: number, entry: number, side: number): boolean {
    const { ring, skewMs, extras } = this.#parts;
    const row = extras.rowOf(side);
    if (row === 0) return false;
    const calledMs = ring.startMs[(entry === NONE ? caller : entry) & ring.mask] ?? 0;
    const callingMs = caller === NONE ? calledMs : (ring.startMs[caller & ring.mask] ?? 0);
    return Math.max(calledMs, callingMs) + skewMs < (extras.validFromS[row] ?? Number.NaN) * 1000;
  }

  /** Both ends saw a whole credential in one place of the request, and the callee not the one that its caller sent. */
  #isChanged(caller: number, entry: number): boolean {
    if (caller === NONE || entry === NONE) return false;
    const { ring, profiles, fingerprints } = this.#parts;
    const sent = ring.fingerprint[caller & ring.mask] ?? 0;
    const received = ring.fingerprint[entry & ring.mask] ?? 0;
    if (sent === received || sent === 0 || received === 0) return false;
    // A number of before the table of fingerprints began again cannot be compared.
    if (fingerprints.row(sent) < 0 || fingerprints.row(received) < 0) return false;
    return profiles.isComparable(this.#profileOf(caller, ROLE.out), this.#profileOf(entry, ROLE.in));
  }

  #profileOf(span: number, role: number): number {
    const { ring } = this.#parts;
    const i = span & ring.mask;
    return roleOf(ring.flags[i] ?? 0) === role ? (ring.profile[i] ?? 0) : 0;
  }
}
