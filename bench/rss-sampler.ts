import type { Target } from "./target.ts";

const EVERY_MS = 1_000;

/** Looks once a second at how much memory a process has. */
export class RssSampler {
  readonly #mib: number[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor({ rssMib }: Target) {
    this.#mib.push(rssMib());
    this.#timer = setInterval(() => this.#mib.push(rssMib()), EVERY_MS);
  }

  /** Ends; returns the samples in MiB, oldest first. */
  stop(): readonly number[] {
    clearInterval(this.#timer);
    return this.#mib;
  }
}
