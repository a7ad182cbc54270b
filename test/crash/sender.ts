import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { LoadRequest } from "./load.ts";

const ATTEMPT_MS = 5_000;
const AGAIN_AFTER_MS = 20;

/** `sent` counts requests whose bytes went out, `refused` the answers 503, `abandoned` those not waited for. */
export type SenderFigures = { sent: number; answered: number; refused: number; abandoned: number };

/**
 * An exporter that keeps each request until it is answered 200: it sends the same bytes again after a broken or refused
 * connection, a timeout, or 503. Several requests are under way at once.
 */
export class Sender {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  readonly figures: SenderFigures = { sent: 0, answered: 0, refused: 0, abandoned: 0 };
  /** Called when the bytes of a request are out, and when one was answered. */
  onSent = (): void => {};
  onAnswered = (): void => {};

  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves when the collector has answered OK; rejects at an answer that an exporter would take for final. */
  async deliver(load: LoadRequest, deadlineMs: number): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      if (performance.now() > deadlineMs) throw new Error(`request ${load.number} was not answered in time`);
      const timeoutMs = attempt === 0 ? (load.impatienceMs ?? ATTEMPT_MS) : ATTEMPT_MS;
      if (await this.#attempt(load, timeoutMs)) return;
      await pause(AGAIN_AFTER_MS);
    }
  }

  /** Sends it once more although it was answered; whatever becomes of it is as well. */
  async repeat(load: LoadRequest): Promise<void> {
    await this.#attempt(load, ATTEMPT_MS);
  }

  stop(): void {
    this.#agent.destroy();
  }

  async #attempt({ bytes, number }: LoadRequest, timeoutMs: number): Promise<boolean> {
    const answer = await this.#post(bytes, timeoutMs);
    if (answer === null) return false;
    if (answer.status === 503) {
      this.figures.refused++;
      return false;
    }
    if (answer.status !== 200 || answer.bodyBytes > 0) {
      throw new Error(`request ${number} was answered ${answer.status} with ${answer.bodyBytes} bytes`);
    }
    this.figures.answered++;
    this.onAnswered();
    return true;
  }

  #post(bytes: Buffer, timeoutMs: number): Promise<{ readonly status: number; readonly bodyBytes: number } | null> {
    return new Promise((resolve) => {
      const headers = { "content-type": "application/x-protobuf", "content-length": bytes.length };
      const path = "/v1/traces";
      const post = request({ host: "127.0.0.1", port: this.#port, path, method: "POST", headers, agent: this.#agent });
      const timer = setTimeout(() => {
        this.figures.abandoned++;
        post.destroy();
      }, timeoutMs);
      const end = (answer: { readonly status: number; readonly bodyBytes: number } | null) => {
        clearTimeout(timer);
        resolve(answer);
      };
      post.on("error", () => end(null));
      post.on("response", (response) => {
        let bodyBytes = 0;
        response.on("data", (chunk: Buffer) => {
          bodyBytes += chunk.length;
        });
        response.on("error", () => end(null));
        // An answer that broke off is none.
        response.on("close", () => end(response.complete ? { status: response.statusCode ?? 0, bodyBytes } : null));
      });
      const out = () => {
        this.figures.sent++;
        this.onSent();
      };
      post.on("socket", (socket) => (socket.connecting ? socket.once("connect", out) : out()));
      post.end(bytes);
    });
  }
}
