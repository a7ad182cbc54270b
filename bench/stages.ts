import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildRooms } from "../src/build-rooms.ts";
import { parseBaseline } from "../src/declare/parse-baseline.ts";
import type { JournalRow, Store } from "../src/model/store.ts";
import { conclude, ingest, type Rooms } from "../src/pipeline.ts";
import { openStore } from "../src/record/sqlite-store.ts";
import { requestDigest } from "../src/request-digest.ts";
import { declareFleet } from "./fleet.ts";
import { createLoad, type Load, type LoadRequest, SPANS_A_REQUEST } from "./load.ts";
import type { Options } from "./options.ts";
import { LoadRing } from "./send-phase.ts";
import { printTable, whole } from "./table.ts";

const WARM_UP_SLICES = 4;
const SLICE_MS = 1_000;
/** Short, so that spans settle and leave within the warm-up already. */
const WINDOW = { settleMs: 500, windowMs: 1_000 };
/** Four requests in the 10 ms of one commit: 200,000 spans a second. */
const REQUESTS_A_COMMIT = 4;
const COMMIT_EVERY_MS = 10;

/** What is done with one request, and with the requests of one commit. */
type Stage = {
  readonly name: string;
  readonly take: (rooms: Rooms, request: LoadRequest, nowMs: number) => JournalRow | null;
  readonly end: (rooms: Rooms, nowMs: number, journal: readonly JournalRow[]) => Promise<void> | void;
};
type Row = { readonly name: string; readonly cpuNs: number; readonly wallNs: number };

/** What each stage of the pipeline costs a span, without sockets and in one process; returns what to print. */
export async function benchStages(options: Options): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "trustdrift-bench-"));
  const store = openStore(join(folder, "bench.db"));
  try {
    const load = createLoad(options.seed, options.spans);
    const runs = stages((batch) => store.commit(batch)).map((stage) => new Run(stage, load));
    for (let slice = 0; slice < WARM_UP_SLICES; slice++) for (const run of runs) await run.work(SLICE_MS);
    for (const run of runs) run.reset();
    // In turn, so that whatever else the machine does slows all of them alike.
    for (let slice = 0; slice < options.seconds; slice++) for (const run of runs) await run.work(SLICE_MS);
    const rows = runs.map((run) => run.row());
    return options.isJson ? JSON.stringify(rows, null, 2) : describe(rows);
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

/** Each does what the one before it does, and more. */
function stages(commit: Store["commit"]): readonly Stage[] {
  return [
    { name: "load", take: () => null, end: () => undefined },
    { name: "decode", take: decode, end: () => undefined },
    { name: "assemble", take: assemble, end: ({ assembler }, nowMs) => assembler.advance(nowMs) },
    { name: "judge", take: assemble, end: (rooms, nowMs) => void conclude(rooms, nowMs) },
    { name: "record", take: assemble, end: (rooms, nowMs) => commit(conclude(rooms, nowMs)) },
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

/** One stage with rooms of its own, and what it took so far. */
class Run {
  readonly #stage: Stage;
  readonly #rooms: Rooms;
  readonly #ring: LoadRing;
  /** The collector's time, which passes with the load and not with the machine's clock. */
  #nowMs = 0;
  #spans = 0;
  #cpuUs = 0;
  #wallMs = 0;

  constructor(stage: Stage, load: Load) {
    this.#stage = stage;
    this.#rooms = createRooms(load);
    this.#ring = new LoadRing(load.requests);
  }

  async work(ms: number): Promise<void> {
    const cpu = process.cpuUsage();
    const startMs = performance.now();
    while (performance.now() - startMs < ms) await this.#commit();
    const { user, system } = process.cpuUsage(cpu);
    this.#cpuUs += user + system;
    this.#wallMs += performance.now() - startMs;
  }

  /** Forgets the measurements of the warm-up. */
  reset(): void {
    this.#spans = 0;
    this.#cpuUs = 0;
    this.#wallMs = 0;
  }

  row(): Row {
    const { name } = this.#stage;
    return { name, cpuNs: (this.#cpuUs * 1e3) / this.#spans, wallNs: (this.#wallMs * 1e6) / this.#spans };
  }

  async #commit(): Promise<void> {
    const { take, end } = this.#stage;
    const journal: JournalRow[] = [];
    for (let n = 0; n < REQUESTS_A_COMMIT; n++) {
      const row = take(this.#rooms, this.#ring.next(), this.#nowMs);
      if (row !== null) journal.push(row);
    }
    this.#nowMs += COMMIT_EVERY_MS;
    await end(this.#rooms, this.#nowMs, journal);
    this.#spans += REQUESTS_A_COMMIT * SPANS_A_REQUEST;
  }
}

function createRooms({ fleet }: Load): Rooms {
  const { baseline } = parseBaseline([{ path: "bench.yaml", text: declareFleet(fleet) }]);
  if (baseline === null) throw new Error("expected the fleet's baseline to be valid");
  const fingerprintKey = { id: "bench", bytes: new Uint8Array(32) };
  return buildRooms({ baseline, fingerprintKey, alerts: [], shapes: [], assembler: WINDOW });
}

function describe(rows: readonly Row[]): string {
  return printTable(
    ["up to stage", "CPU ns/span", "this stage", "wall ns/span"],
    rows.map(({ name, cpuNs, wallNs }, index) => [
      name,
      whole(cpuNs),
      whole(cpuNs - (rows[index - 1]?.cpuNs ?? 0)),
      whole(wallNs),
    ]),
  );
}
