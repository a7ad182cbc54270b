import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FloodKind } from "./flood-loads.ts";
import type { GeneratorCommand } from "./generator.ts";
import type { LoadPlan } from "./load.ts";
import type { Phase, PhaseResult } from "./send-phase.ts";
import type { Transport } from "./sender.ts";

const GENERATOR = fileURLToPath(new URL("generator.ts", import.meta.url));

/** The size of a load, and what its fleet declares. */
export type Created = { readonly requests: number; readonly bytesASpan: number; readonly baseline: string };

/** The generator, in a process of its own. */
export class GeneratorProcess {
  readonly #child: ChildProcess = fork(GENERATOR);

  /** Encodes the load. */
  async create(plan: LoadPlan): Promise<Created> {
    return (await this.#ask({ does: "create", plan })) as Created;
  }

  async createFlood(kind: FloodKind, seed: number): Promise<void> {
    await this.#ask({ does: "create flood", kind, seed });
  }

  async connect(transport: Transport, port: number): Promise<void> {
    await this.#ask({ does: "connect", transport, port });
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
