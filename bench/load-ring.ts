import { copyRequest, type LoadRequest } from "./load.ts";
import { stamp } from "./stamps.ts";

/** The load as a ring without end: each round goes out under trace ids of its own. */
export class LoadRing {
  readonly #requests: readonly LoadRequest[];
  readonly #inFlight = new Set<LoadRequest>();
  #sent = 0;

  constructor(requests: readonly LoadRequest[]) {
    this.#requests = requests;
  }

  /** Requests of one round. */
  get size(): number {
    return this.#requests.length;
  }

  /** Leaves the rest of the round out: a new receiver would see half of its traces. */
  startRound(): void {
    const count = Math.max(1, this.#requests.length);
    this.#sent = Math.ceil(this.#sent / count) * count;
  }

  /** The next request; bytes that are still being sent are left alone. Give it back with {@link release}. */
  next(): LoadRequest {
    const count = this.#requests.length;
    const request = this.#requests[this.#sent % count] as LoadRequest;
    const free = this.#inFlight.has(request) ? copyRequest(request) : request;
    stamp(free.frame, free.stamps, Math.floor(this.#sent / count));
    this.#inFlight.add(free);
    this.#sent++;
    return free;
  }

  /** The request was answered: its bytes may be used again. */
  release(request: LoadRequest): void {
    this.#inFlight.delete(request);
  }
}
