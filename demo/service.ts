import type { Attack } from "./attacks.ts";
import type { Door } from "./http-door.ts";
import type { Addresses, Report } from "./messages.ts";
import type { TokenSource } from "./token-source.ts";

/** What every service is given at its start. */
export type Surroundings = {
  readonly addresses: Addresses;
  readonly tokens: TokenSource;
  /** The OAuth client secrets this process may know. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The attack that runs, if any. */
  readonly attack: () => Attack | null;
  /** The token that was stolen last, if any. */
  readonly loot: () => string | null;
  readonly report: (report: Report) => void;
};

/** Starts a service; null where it does not listen. */
export type StartService = (surroundings: Surroundings) => Promise<Door | null>;
