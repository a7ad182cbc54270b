import { connect, type Socket } from "node:net";
import type { Answer, Connection } from "./sender.ts";

const HEAD_END = "\r\n\r\n";
/** OTLP 1.x, "Failures": with these an exporter keeps a request and sends it again. */
const RETRYABLE = new Set([429, 502, 503, 504]);

/** Opens a connection over which OTLP/HTTP requests are sent, one after the other, each when the last is answered. */
export function connectHttp1(port: number, contentType: string): Connection {
  return new Http1Connection(connect({ port, host: "127.0.0.1", noDelay: true }), contentType);
}

type Waiting = { readonly body: Buffer; readonly answer: (answer: Answer) => void };

class Http1Connection implements Connection {
  readonly #socket: Socket;
  readonly #contentType: string;
  readonly #queue: Waiting[] = [];
  #received: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, contentType: string) {
    this.#socket = socket;
    this.#contentType = contentType;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#break());
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  send(body: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      if (this.#queue.push({ body, answer: resolve }) === 1) this.#write(body);
    });
  }

  close(): void {
    this.#socket.end();
  }

  #break(): void {
    for (const { answer } of this.#queue.splice(0)) answer("broken");
  }

  #write(body: Buffer): void {
    this.#socket.cork();
    this.#socket.write(
      `POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: ${this.#contentType}\r\ncontent-length: ${body.length}${HEAD_END}`,
    );
    this.#socket.write(body);
    this.#socket.uncork();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const end = headEnd + HEAD_END.length + Number(/^content-length: *(\d+)/imu.exec(head)?.[1] ?? 0);
    if (this.#received.length < end) return;
    this.#received = this.#received.subarray(end);
    this.#queue.shift()?.answer(answerOf(Number(head.slice(9, 12))));
    const [next] = this.#queue;
    if (next !== undefined) this.#write(next.body);
  }
}

function answerOf(status: number): Answer {
  if (status === 200) return "acknowledged";
  return RETRYABLE.has(status) ? "refused for now" : "refused for good";
}
