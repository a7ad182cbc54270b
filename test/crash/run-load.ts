import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../simulation/random.ts";
import type { LoadRequest } from "./load.ts";
import { Sender, type SenderFigures } from "./sender.ts";
import { type Home, startVictim, type Victim } from "./victim.ts";

const UNDER_WAY_MAX = 6;
const PERMIT_EVERY_MS = 8;
const LIFE_MS_MAX = 350;
const TOTAL_MS_PER_REQUEST = 1_000;

/** The collector at the end of a load, still alive, and what it took to get there. */
export type LoadRun = {
  readonly victim: Victim;
  readonly kills: number;
  readonly figures: SenderFigures;
  /** From one kill to the collector's next readiness, ms. */
  readonly restartMs: readonly number[];
};

type Killing = {
  readonly kills: number;
  readonly random: Random;
  readonly progress: (kills: number, answered: number) => void;
};

/** Sends a whole load while nobody kills the collector. */
export async function runUndisturbed(home: Home, load: readonly LoadRequest[]): Promise<LoadRun> {
  const sender = new Sender(home.ports.http);
  const victim = await startVictim(home);
  const delivery = new Delivery(sender, load, false);
  delivery.permit(load.length);
  await delivery.done();
  sender.stop();
  return { victim, kills: 0, figures: sender.figures, restartMs: [] };
}

/** Sends a whole load while the collector is killed again and again; the last life sees the load's end. */
export async function runKilled(home: Home, load: readonly LoadRequest[], killing: Killing): Promise<LoadRun> {
  const { kills, random, progress } = killing;
  const sender = new Sender(home.ports.http);
  const delivery = new Delivery(sender, load, true);
  // What fails ends the kills as well.
  let failure: unknown = null;
  const done = delivery.done().catch((error: unknown) => {
    failure = error;
  });
  const restartMs: number[] = [];
  for (let kill = 0; kill < kills && failure === null; kill++) {
    const startedMs = performance.now();
    const isCutShort = random.chance(0.08);
    const victim = await startVictim(home, isCutShort ? pause(random.between(20, 700)) : null);
    if (!isCutShort) {
      restartMs.push(performance.now() - startedMs);
      const trickle = delivery.trickle(Math.ceil((load.length * (kill + 1)) / (kills + 1)));
      await killMoment(sender, random);
      trickle.stop();
      if (victim.hasEnded()) throw new Error(`the collector ended by itself: ${victim.log()}`);
    }
    await victim.kill();
    progress(kill + 1, sender.figures.answered);
  }
  const victim = await startVictim(home);
  delivery.permit(load.length);
  await done;
  sender.stop();
  if (failure !== null) throw new Error("the load was not delivered", { cause: failure });
  return { victim, kills, figures: sender.figures, restartMs };
}

/** Resolves when it is time to kill: at any time, soon after bytes went out, or right after an answer. */
async function killMoment(sender: Sender, random: Random): Promise<void> {
  const after = random.weigh({ time: 1, sent: 3, answered: 3 });
  let count = random.between(1, 10);
  const seen = new Promise<void>((resolve) => {
    const step = () => {
      count--;
      if (count === 0) resolve();
    };
    if (after === "sent") sender.onSent = step;
    if (after === "answered") sender.onAnswered = step;
  });
  await Promise.race([seen, pause(after === "time" ? random.between(0, LIFE_MS_MAX) : LIFE_MS_MAX)]);
  sender.onSent = () => {};
  sender.onAnswered = () => {};
  if (after === "sent") await pause(random.between(0, 30));
  if (after === "answered" && random.chance(0.5)) await pause(random.between(0, 12));
}

/** Delivers a load in order, some requests at once, as far as it is permitted to. */
class Delivery {
  readonly #sender: Sender;
  readonly #load: readonly LoadRequest[];
  readonly #repeats: boolean;
  readonly #deadlineMs: number;
  readonly #waiting: (() => void)[] = [];
  readonly #done: Promise<unknown>;
  readonly #repeated: Promise<void>[] = [];
  #next = 0;
  #permitted = 0;

  /** Only where it `repeats` are requests sent again that were answered already. */
  constructor(sender: Sender, load: readonly LoadRequest[], repeats: boolean) {
    this.#sender = sender;
    this.#load = load;
    this.#repeats = repeats;
    this.#deadlineMs = performance.now() + 60_000 + load.length * TOTAL_MS_PER_REQUEST;
    this.#done = Promise.all(Array.from({ length: UNDER_WAY_MAX }, () => this.#work()));
  }

  /** Permits to send up to this many requests of the load in all. */
  permit(count: number): void {
    this.#permitted = Math.max(this.#permitted, count);
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Permits one request after another, up to a count. */
  trickle(count: number): { stop(): void } {
    const timer = setInterval(() => this.permit(Math.min(count, this.#permitted + 1)), PERMIT_EVERY_MS);
    return { stop: () => clearInterval(timer) };
  }

  async done(): Promise<void> {
    await this.#done;
    await Promise.all(this.#repeated);
    // After a long load, most of these are known by their digests alone: their spans have left the window.
    const again = this.#repeats ? this.#load.filter(({ isSentTwice }) => isSentTwice) : [];
    for (const request of again) await this.#sender.repeat(request);
  }

  async #work(): Promise<void> {
    while (this.#next < this.#load.length) {
      if (this.#next >= this.#permitted) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        continue;
      }
      const request = this.#load[this.#next++];
      if (request === undefined) return;
      await this.#sender.deliver(request, this.#deadlineMs);
      if (this.#repeats && request.isSentTwice) this.#repeated.push(this.#repeat(request));
    }
  }

  /** A second time at once, in the next lives, or much later. */
  async #repeat(request: LoadRequest): Promise<void> {
    await pause([0, 5, 40, 500, 5_000][request.number % 5]);
    await this.#sender.repeat(request);
  }
}
