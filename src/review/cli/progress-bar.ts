import { Writable } from "node:stream";
import { Presets, SingleBar } from "cli-progress";
import type { Terminal } from "./terminal.ts";

/** Shows how far a command is, where somebody watches: on stderr, and only if that is a terminal. */
export function startProgressBar(terminal: Terminal): {
  readonly show: (fraction: number) => void;
  readonly stop: () => void;
} {
  if (!terminal.isErrorTty) return { show: () => {}, stop: () => {} };
  const options = {
    format: "checking {bar} {percentage}%",
    stream: errorStream(terminal),
    clearOnComplete: true,
    gracefulExit: false,
  };
  const bar = new SingleBar(options, Presets.shades_classic);
  bar.start(100, 0);
  return { show: (fraction) => bar.update(Math.floor(fraction * 100)), stop: () => bar.stop() };
}

/** The library wants a terminal's stream; ours is a function. */
function errorStream(terminal: Terminal): NodeJS.WritableStream {
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      terminal.stderr(text);
      done();
    },
  });
  return Object.assign(stream, { isTTY: true, columns: terminal.columns });
}
