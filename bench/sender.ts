import { connectHttp1 } from "./http1-connection.ts";
import { connectHttp2 } from "./http2-connection.ts";

export const TRANSPORTS = ["grpc", "http-protobuf", "http-json"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** What became of a request; `broken` where the connection ended before the answer. */
export type Answer = "acknowledged" | "refused for now" | "refused for good" | "broken";

/** One connection to a receiver. */
export type Connection = {
  readonly isOpen: boolean;
  readonly send: (message: Buffer) => Promise<Answer>;
  readonly close: () => void;
};

/** A request as gRPC's framed message, and as the bare body that HTTP carries. */
type Sendable = { readonly frame: Buffer; readonly body: Buffer };

/** As many as make a fleet's connections share the work evenly. */
const GRPC_CONNECTIONS = 8;

/** Sends encoded requests over a few connections; no library, so that it costs next to nothing. */
export class Sender {
  readonly #transport: Transport;
  readonly #open: () => Connection;
  /** Those that may be given a request now: for gRPC all of them, in turn, for HTTP/1.1 those without one. */
  readonly #idle: Connection[] = [];

  constructor(transport: Transport, port: number) {
    this.#transport = transport;
    this.#open = opener(transport, port);
    if (transport === "grpc") for (let n = 0; n < GRPC_CONNECTIONS; n++) this.#idle.push(this.#open());
  }

  /** Resolves when the export request is answered. */
  async send({ frame, body }: Sendable): Promise<Answer> {
    const connection = this.#take();
    if (this.#transport === "grpc") {
      this.#idle.push(connection);
      return connection.send(frame);
    }
    const answer = await connection.send(body);
    this.#idle.push(connection);
    return answer;
  }

  close(): void {
    for (const connection of this.#idle) connection.close();
  }

  #take(): Connection {
    const connection = this.#idle.shift();
    return connection?.isOpen === true ? connection : this.#open();
  }
}

function opener(transport: Transport, port: number): () => Connection {
  if (transport === "grpc") return () => connectHttp2(port);
  const contentType = transport === "http-json" ? "application/json" : "application/x-protobuf";
  return () => connectHttp1(port, contentType);
}
