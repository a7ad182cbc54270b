import type { Baseline } from "../model/baseline.ts";
import type { CredentialProfile } from "../model/credential.ts";
import type { Relay } from "../model/facts.ts";
import type { SeenShape } from "../model/store.ts";

/** The first presentation of one token by one service to another. */
export type TokenUse = {
  readonly environment: string;
  readonly fingerprint: string;
  readonly credential: CredentialProfile;
  /** Null where the presenter was not seen. */
  readonly presenter: string | null;
  readonly recipient: string;
  readonly firstMs: number;
  /** Null where the token does not say. */
  readonly expiresAtS: number | null;
};

/** What was seen, with services and datastores by the names that the baseline gives them. */
export type SurveyInput = {
  readonly baseline: Baseline;
  readonly shapes: readonly SeenShape[];
  readonly relays: readonly Relay[];
  readonly tokens: readonly TokenUse[];
  /** Services, as {@link sentName} has them, whose senders all proved that they may send for them. */
  readonly attested: ReadonlySet<string>;
  /** The wall's time, ms since 1970. */
  readonly nowMs: number;
};

/** A service that sent spans, in its environment. */
export function sentName(environment: string, service: string): string {
  return `${environment}\n${service}`;
}
