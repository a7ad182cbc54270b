/** What the command line writes to and knows about its surroundings; nothing else of the process is touched. */
export type Terminal = {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether stdout is a terminal. */
  readonly isTty: boolean;
  readonly isErrorTty: boolean;
  readonly columns: number;
  /** Whether stdout takes colours: a terminal, and `NO_COLOR` is not set. */
  readonly hasColour: boolean;
  readonly nowMs: () => number;
  /** The operating system's user name, the actor of decisions. */
  readonly user: string;
};

/** The same terminal, silent from the moment its reader has gone (`| head`), so that the exit code still counts. */
export function quietOnceClosed(terminal: Terminal): Terminal {
  let isClosed = false;
  const stdout = (text: string) => {
    if (isClosed) return;
    try {
      terminal.stdout(text);
    } catch (error) {
      isClosed = (error as NodeJS.ErrnoException).code === "EPIPE";
      if (!isClosed) throw error;
    }
  };
  return { ...terminal, stdout };
}
