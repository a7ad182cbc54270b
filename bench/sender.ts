import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";

const HEADERS = {
  [constants.HTTP2_HEADER_METHOD]: "POST",
  [constants.HTTP2_HEADER_PATH]: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
  [constants.HTTP2_HEADER_TE]: "trailers",
};

/** The gRPC status OK, as it stands in the trailers. */
const OK = "0";

/** Sends encoded gRPC messages over a few connections, in turn; no gRPC library, so that it costs next to nothing. */
export class Sender {
  readonly #sessions: readonly ClientHttp2Session[];
  #next = 0;

  constructor(port: number, connections: number) {
    this.#sessions = Array.from({ length: connections }, () => connect(`http://127.0.0.1:${port}`));
  }

  /** Resolves when the export request is answered: true where it was acknowledged, false where it was refused. */
  send(frame: Buffer): Promise<boolean> {
    const session = this.#sessions[this.#next++ % this.#sessions.length] as ClientHttp2Session;
    const stream = session.request(HEADERS);
    const answer = readStatus(stream);
    stream.end(frame);
    return answer;
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }
}

/** The status comes in the trailers, or, where there is no message, with the headers. */
function readStatus(stream: ClientHttp2Stream): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let status: unknown;
    const take = (headers: Readonly<Record<string, unknown>>): void => {
      status = headers["grpc-status"] ?? status;
    };
    stream.on("response", take).on("trailers", take).on("error", reject).resume();
    stream.on("close", () => resolve(status === OK));
  });
}
