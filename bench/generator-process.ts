import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { GeneratorCommand } from "./generator.ts";
import type { Phase, PhaseResult } from "./send-phase.ts";

const GENERATOR = fileURLToPath(new URL("generator.ts", import.meta.url));

type Created = { readonly requests: number; readonly bytesASpan: number; readonly baseline: string };

/** The generator, in a process of its own. */
export class GeneratorProcess {
  readonly #child: ChildProcess = fork(GENERATOR);

  /** Encodes the load; returns its size and what its fleet declares. */
  async create(seed: number, spans: number): Promise<Created> {
    return (await this.#ask({ does: "create", seed, spans })) as Created;
  }

  async connect(port: number): Promise<void> {
    await this.#ask({ does: "connect", port });
  }

  async send(phase: Phase): Promise<PhaseResult> {
    return (await this.#ask({ does: "send", ...phase })) as PhaseResult;
  }

  stop(): void {
    this.#child.kill();
  }

  async #ask(command: GeneratorCommand): Promise<unknown> {
    const ended = new AbortController();
    const died = once(this.#child, "exit", { signal: ended.signal }).then(() => {
      throw new Error("the generator ended");
    });
    try {
      this.#child.send(command);
      const [answer] = await Promise.race([once(this.#child, "message"), died]);
      return answer;
    } finally {
      died.catch(() => undefined);
      ended.abort();
    }
  }
}
