import { buildRooms } from "../src/build-rooms.ts";
import { parseBaseline } from "../src/declare/parse-baseline.ts";
import type { Baseline } from "../src/model/baseline.ts";
import type { JournalRow, Store } from "../src/model/store.ts";
import { conclude, ingest, type Rooms } from "../src/pipeline.ts";
import { requestDigest } from "../src/request-digest.ts";
import { declareFleet, type Fleet } from "./fleet.ts";
import { type LoadRequest, SPANS_A_REQUEST } from "./load.ts";
import { LoadRing } from "./load-ring.ts";

/** Short, so that spans settle and leave within the warm-up already. */
const WINDOW = { settleMs: 500, windowMs: 1_000 };
/** Four requests in the 10 ms of one commit: 200,000 spans a second. */
const REQUESTS_A_COMMIT = 4;
const COMMIT_EVERY_MS = 10;

/** What is done with one request, and with the requests of one commit. */
export type Stage = {
  readonly name: string;
  readonly take: (rooms: Rooms, request: LoadRequest, nowMs: number) => JournalRow | null;
  readonly end: (rooms: Rooms, nowMs: number, journal: readonly JournalRow[]) => Promise<void> | void;
};

/** Each does what the one before it does, and more. */
export function createStages(commit: Store["commit"]): readonly Stage[] {
  return [
    { name: "load", take: () => null, end: () => undefined },
    { name: "decode", take: decode, end: () => undefined },
    { name: "assemble", take: assemble, end: ({ assembler }, nowMs) => assembler.advance(nowMs) },
    { name: "judge", take: assemble, end: (rooms, nowMs) => void conclude(rooms, nowMs) },
    {
      name: "record",
      take: assemble,
      end: (rooms, nowMs) =>
        commit({ ...conclude(rooms, nowMs), journal: [{ atMs: nowMs, batch: null, digest: null }] }),
    },
    {
      name: "journal",
      take: assembleForJournal,
      end: (rooms, nowMs, journal) => commit({ ...conclude(rooms, nowMs), journal }),
    },
  ];
}

function decode({ decoder }: Rooms, { body }: LoadRequest): null {
  decoder.decodeProtobuf(body);
  return null;
}

function assemble(rooms: Rooms, { body }: LoadRequest, nowMs: number): null {
  ingest({ bytes: body, encoding: "protobuf" }, rooms, nowMs);
  return null;
}

function assembleForJournal(rooms: Rooms, { body }: LoadRequest, atMs: number): JournalRow {
  const batch = ingest({ bytes: body, encoding: "protobuf" }, rooms, atMs);
  return { atMs, batch, digest: requestDigest(body, batch) };
}

/** What the fleet's owners declared, as the collector reads it. */
export function parseFleetBaseline(fleet: Fleet): Baseline {
  const { baseline } = parseBaseline([{ path: "bench.yaml", text: declareFleet(fleet) }]);
  if (baseline === null) throw new Error("expected the fleet's baseline to be valid");
  return baseline;
}

/** What a stage costs. */
export type StageCost = { readonly name: string; readonly cpuNs: number; readonly wallNs: number };

/** One stage with rooms of its own, and what it took so far. */
export class StageRun {
  readonly #stage: Stage;
  readonly #ring: LoadRing;
  readonly rooms: Rooms;
  /** The collector's time, which passes with the load and not with the machine's clock. */
  #nowMs = 0;
  #spans = 0;
  #cpuUs = 0;
  #wallMs = 0;

  constructor(stage: Stage, requests: readonly LoadRequest[], baseline: Baseline) {
    this.#stage = stage;
    this.#ring = new LoadRing(requests);
    const fingerprintKey = { id: "bench", bytes: new Uint8Array(32) };
    this.rooms = buildRooms({ baseline, fingerprintKey, alerts: [], shapes: [], assembler: WINDOW });
  }

  async work(ms: number): Promise<void> {
    const cpu = process.cpuUsage();
    const startMs = performance.now();
    while (performance.now() - startMs < ms) await this.#commit();
    const { user, system } = process.cpuUsage(cpu);
    this.#cpuUs += user + system;
    this.#wallMs += performance.now() - startMs;
  }

  /** Sends the load so many times. */
  async workRounds(rounds: number): Promise<void> {
    const spans = rounds * this.#ring.size * SPANS_A_REQUEST;
    while (this.#spans < spans) await this.#commit();
  }

  /** Forgets the measurements of the warm-up. */
  reset(): void {
    this.#spans = 0;
    this.#cpuUs = 0;
    this.#wallMs = 0;
  }

  cost(): StageCost {
    const { name } = this.#stage;
    return { name, cpuNs: (this.#cpuUs * 1e3) / this.#spans, wallNs: (this.#wallMs * 1e6) / this.#spans };
  }

  async #commit(): Promise<void> {
    const { take, end } = this.#stage;
    const journal: JournalRow[] = [];
    for (let n = 0; n < REQUESTS_A_COMMIT; n++) {
      const request = this.#ring.next();
      const row = take(this.rooms, request, this.#nowMs);
      this.#ring.release(request);
      if (row !== null) journal.push(row);
    }
    this.#nowMs += COMMIT_EVERY_MS;
    await end(this.rooms, this.#nowMs, journal);
    this.#spans += REQUESTS_A_COMMIT * SPANS_A_REQUEST;
  }
}
