/**
 * Does one piece of work a turn of the event loop, in the order in which they came. Node hands a thread all messages that
 * wait for it in one go; worked off there and then, they would keep timers and the disk's answers from being looked at
 * for as long as there are any.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  add(work: () => void): void {
    this.#waiting.push(work);
    if (this.#waiting.length === 1) setImmediate(() => this.#take());
  }

  #take(): void {
    try {
      this.#waiting[0]?.();
    } finally {
      this.#waiting.shift();
      if (this.#waiting.length > 0) setImmediate(() => this.#take());
    }
  }
}
