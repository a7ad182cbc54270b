import { userInfo } from "node:os";

/** What the process's environment may say; flags say the rest. */
export type Environment = {
  /** https://no-color.org: any non-empty value. */
  readonly hasNoColour: boolean;
  readonly user: string;
  /** Age at which one-sided guesses are made, and how long spans wait; for slow exporters. */
  readonly settleMs: number | null;
  readonly windowMs: number | null;
};

/** Reads the environment, once. Throws where a variable cannot be understood. */
export function readEnvironment(): Environment {
  const { env } = process;
  return Object.freeze({
    hasNoColour: (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb",
    user: env.USER ?? userInfo().username,
    settleMs: readSeconds("TRUSTDRIFT_SETTLE_SECONDS", env.TRUSTDRIFT_SETTLE_SECONDS),
    windowMs: readSeconds("TRUSTDRIFT_WINDOW_SECONDS", env.TRUSTDRIFT_WINDOW_SECONDS),
  });
}

function readSeconds(name: string, text: string | undefined): number | null {
  if (text === undefined || text === "") return null;
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 3600))
    throw new Error(`expected ${name} to be seconds, more than 0 and at most 3600`);
  return seconds * 1000;
}
