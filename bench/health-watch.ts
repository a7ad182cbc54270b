import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const EVERY_MS = 50;
const GIVE_UP_MS = 30_000;

/** Asks `/healthz` some twenty times a second, as an orchestrator that decides about life and death would. */
export class HealthWatch {
  readonly #apiPort: number;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #done: Promise<void>;
  readonly #latencies: number[] = [];
  #isStopped = false;

  constructor(apiPort: number) {
    this.#apiPort = apiPort;
    this.#done = this.#watch();
  }

  /** Ends; returns how long the answers took, in ms, in rising order. */
  async stop(): Promise<readonly number[]> {
    this.#isStopped = true;
    await this.#done;
    this.#agent.destroy();
    return this.#latencies.sort((a, b) => a - b);
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped) {
      const startMs = performance.now();
      await this.#ask();
      this.#latencies.push(performance.now() - startMs);
      await sleep(EVERY_MS);
    }
  }

  #ask(): Promise<void> {
    const options = { host: "127.0.0.1", port: this.#apiPort, path: "/healthz", agent: this.#agent };
    return new Promise((resolve, reject) => {
      const request = get({ ...options, timeout: GIVE_UP_MS }, (response) => {
        response.resume().on("end", resolve).on("error", reject);
      });
      request.on("error", reject).on("timeout", () => request.destroy(new Error("no answer from /healthz")));
    });
  }
}
