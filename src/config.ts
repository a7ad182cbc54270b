import { userInfo } from "node:os";
import { OperatingError } from "./model/operating-error.ts";

/** Half of what the journal keeps, which has to hold two windows. */
const SECONDS_MAX = 300;

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
    user: env.USER ?? userName(),
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

/** The file of `--attribute-map` where no flag names one; null for none. */
export function readAttributeMapFile(): string | null {
  return process.env.TRUSTDRIFT_ATTRIBUTE_MAP || null;
}

/** In a container a process may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

function readSeconds(name: string, text: string | undefined): number | null {
  if (text === undefined || text === "") return null;
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= SECONDS_MAX)) {
    throw new OperatingError("bad-argument", `expected ${name} to be seconds, more than 0 and at most ${SECONDS_MAX}`);
  }
  return seconds * 1000;
}
