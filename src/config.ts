import { userInfo } from "node:os";
import { OperatingError } from "./model/operating-error.ts";

/** What the process's environment may say; flags say the rest. */
export type Environment = {
  /** https://no-color.org: any non-empty value. */
  readonly hasNoColour: boolean;
  readonly user: string;
};

/** How long spans wait, for slow exporters; null where nothing is said. */
export type Patience = {
  /** Age at which one-sided guesses are made. */
  readonly settleMs: number | null;
  readonly windowMs: number | null;
};

/** Reads what concerns every command. */
export function readEnvironment(): Environment {
  const { env } = process;
  return Object.freeze({
    hasNoColour: (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb",
    user: env.USER ?? userInfo().username,
  });
}

/** Reads how patient the collector should be. Throws `bad-argument` where a variable cannot be understood. */
export function readPatience(): Patience {
  const { TRUSTDRIFT_SETTLE_SECONDS: settle, TRUSTDRIFT_WINDOW_SECONDS: window } = process.env;
  return Object.freeze({
    settleMs: readSeconds("TRUSTDRIFT_SETTLE_SECONDS", settle),
    windowMs: readSeconds("TRUSTDRIFT_WINDOW_SECONDS", window),
  });
}

function readSeconds(name: string, text: string | undefined): number | null {
  if (text === undefined || text === "") return null;
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 3600)) {
    throw new OperatingError("bad-argument", `expected ${name} to be seconds, more than 0 and at most 3600`);
  }
  return seconds * 1000;
}
