import type { Socket } from "node:net";
import { OperatingError } from "../../model/operating-error.ts";

const NEWLINE = 0x0a;

/**
 * The first line of what a peer sends, without its newline. Rejects with `malformed-request` when it is too long, too
 * slow or never ends; what comes after a line or a refusal is discarded.
 */
export function readLine(
  socket: Socket,
  limits: { readonly bytesMax: number; readonly waitMs: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = (got: string) => {
      const expected = `one line of at most ${limits.bytesMax} bytes within ${limits.waitMs / 1000} seconds`;
      reject(new OperatingError("malformed-request", `expected ${expected}, got ${got}`));
    };
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer) => {
      const end = chunk.indexOf(NEWLINE);
      const part = end < 0 ? chunk : chunk.subarray(0, end);
      bytes += part.length;
      if (bytes > limits.bytesMax) stopTaking(() => refuse("more"));
      else chunks.push(part);
      if (end >= 0) stopTaking(() => resolve(Buffer.concat(chunks).toString("utf8")));
    };
    const stopTaking = (settle: () => void) => {
      socket.off("data", take).resume();
      clearTimeout(timer);
      settle();
    };
    const timer = setTimeout(() => refuse("none in time"), limits.waitMs);
    socket.on("data", take);
    socket.on("error", () => refuse("a broken connection"));
    for (const event of ["end", "close"]) socket.on(event, () => stopTaking(() => refuse("the end of the connection")));
  });
}
