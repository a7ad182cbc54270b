import type { Commands } from "./options.ts";
import type { Terminal } from "./terminal.ts";

/** What a process says when it ends: 0 clean, 1 error, 2 drift at or above `--fail-on`, 3 baseline invalid. */
export const EXIT = { clean: 0, error: 1, drift: 2, baselineInvalid: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What one run of the command line has at hand. */
export type Session = {
  readonly commands: Commands;
  readonly terminal: Terminal;
  /** Takes the exit code; a command that says nothing ends with 0. */
  readonly end: (code: ExitCode) => void;
};
