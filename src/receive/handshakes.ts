import type { Socket } from "node:net";
import type { Server } from "node:tls";

/** The connections of a TLS server that have not agreed on TLS yet. Closing the server leaves them to themselves. */
export class Handshakes {
  readonly #open = new Map<string, Socket>();

  constructor(server: Server) {
    server.prependListener("connection", (socket: Socket) => {
      const ends = endsOf(socket);
      this.#open.set(ends, socket);
      socket.once("close", () => {
        if (this.#open.get(ends) === socket) this.#open.delete(ends);
      });
    });
    server.prependListener("secureConnection", (socket) => this.#open.delete(endsOf(socket)));
  }

  /** Nobody has said anything on them yet, so nothing is lost. */
  end(): void {
    for (const socket of this.#open.values()) socket.destroy();
  }
}

/** The socket that TLS is made from and the one it makes are two, with the same ends. */
function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress}:${localPort}>${remoteAddress}:${remotePort}`;
}
