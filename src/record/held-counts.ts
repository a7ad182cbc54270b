import type Database from "better-sqlite3";
import type { CommitBatch } from "../model/store.ts";
import { aliasWriter } from "./aliases.ts";
import { CountSums, type Sums, serviceSum, shapeSum } from "./count-sums.ts";
import { decodeSums, encodeSums } from "./held-blob.ts";
import { serviceSumWriter } from "./services.ts";
import { shapeSumWriter } from "./shape-counts.ts";

/** Counts are added up for so long, in collector time, before they begin to go into their rows. */
const HELD_MS = 1_000;
/** The part of what was held that one commit takes, and the least that is worth one. */
const PARTS = 32;
const PART_ROWS_MIN = 256;

/** Sums on their way into their rows; `generation` names the rows of `held_count` that they come from. */
type Drain = Sums & { readonly generation: number };
/** To be called once the transaction has succeeded: until then everything is still held. */
type Keep = () => void;

/**
 * Counts go into their rows about once a second, and not with every commit: one that adds to a thousand rows writes
 * nearly as many pages. What is held back lasts all the same: each commit appends its counts as one row of
 * `held_count`, and what a killed process had not added where it belongs is added when the database is opened again.
 *
 * A generation is filled while the one before it drains, a part with each commit. `held_drain` says how far that is, in
 * the same transaction, and the generation's rows go with its last part.
 */
export class HeldCounts {
  readonly #tables: Tables;
  #generation = 1;
  #filling = new CountSums();
  #startMs = Number.NEGATIVE_INFINITY;
  #drain: Drain | null = null;
  #drained = 0;

  /** Over a database that nobody else writes; finishes what an earlier process left. */
  constructor(db: Database.Database) {
    this.#tables = prepareTables(db);
    const recover = db.transaction(() => recoverSums(this.#tables));
    recover.immediate();
  }

  /** Whether anything is held back. */
  get isHolding(): boolean {
    return this.#drain !== null || !this.#filling.isEmpty;
  }

  /** Within a transaction: takes a commit's counts, and puts a part of what is held where it belongs. */
  write(batch: CommitBatch): Keep {
    const atMs = batch.journal.at(-1)?.atMs ?? null;
    this.#turn(atMs);
    const { now, later } = split(batch);
    this.#tables.write(now, 0, sizeOf(now));
    const isHeld = sizeOf(later) > 0;
    if (isHeld) this.#tables.append(this.#generation, encodeSums(later));
    const drainedTo = this.#drainPart();
    return () => {
      if (this.#filling.isEmpty) this.#startMs = atMs ?? Number.NEGATIVE_INFINITY;
      this.#filling.add(later);
      this.#drained = drainedTo;
      if (this.#drain !== null && drainedTo === sizeOf(this.#drain)) this.#drain = null;
    };
  }

  /** Within a transaction: puts all that is held where it belongs. */
  writeAll(): Keep {
    const rest = this.#filling.ordered();
    if (this.#drain !== null) this.#tables.write(this.#drain, this.#drained, sizeOf(this.#drain));
    this.#tables.write(rest, 0, sizeOf(rest));
    this.#tables.clear();
    return () => {
      this.#drain = null;
      this.#filling = new CountSums();
    };
  }

  /** What was held for long enough begins to drain; so does all of it when time passes and nothing comes in. */
  #turn(atMs: number | null): void {
    if (this.#drain !== null || this.#filling.isEmpty) return;
    if (atMs !== null && atMs < this.#startMs + HELD_MS) return;
    this.#drain = { ...this.#filling.ordered(), generation: this.#generation };
    this.#drained = 0;
    this.#generation++;
    this.#filling = new CountSums();
  }

  #drainPart(): number {
    if (this.#drain === null) return 0;
    const size = sizeOf(this.#drain);
    const to = Math.min(size, this.#drained + Math.max(PART_ROWS_MIN, Math.ceil(size / PARTS)));
    this.#tables.write(this.#drain, this.#drained, to);
    if (to === size) this.#tables.forget(this.#drain.generation);
    else this.#tables.note(this.#drain.generation, to);
    return to;
  }
}

function sizeOf({ shapes, services, aliases }: Sums): number {
  return shapes.length + services.length + aliases.length;
}

/**
 * The counts of a new shape are written with it: who looks for what was never there before wants to see it. So are
 * those that came with nothing of the journal, for no traffic waits behind them.
 */
function split(batch: CommitBatch): { readonly now: Sums; readonly later: Sums } {
  const { journal, newShapes, counts, aliases } = batch;
  const shapes = counts.map(shapeSum);
  const services = batch.services.map(serviceSum);
  if (journal.length === 0) return { now: { shapes, services, aliases }, later: NO_SUMS };
  const fresh = new Set(newShapes.map(({ shape }) => shape.key));
  return {
    now: { ...NO_SUMS, shapes: shapes.filter(({ shapeKey }) => fresh.has(shapeKey)) },
    later: { shapes: shapes.filter(({ shapeKey }) => !fresh.has(shapeKey)), services, aliases },
  };
}

const NO_SUMS: Sums = { shapes: [], services: [], aliases: [] };

type Tables = {
  readonly append: (generation: number, sums: Buffer) => void;
  readonly read: () => readonly { readonly generation: number; readonly counts: Buffer }[];
  /** Writes sums into their rows, from one place up to another. */
  readonly write: (sums: Sums, from: number, to: number) => void;
  readonly note: (generation: number, drained: number) => void;
  readonly drained: (generation: number) => number;
  readonly forget: (generation: number) => void;
  readonly clear: () => void;
};

function prepareTables(db: Database.Database): Tables {
  const writeShape = shapeSumWriter(db);
  const writeService = serviceSumWriter(db);
  const writeAlias = aliasWriter(db);
  const append = db.prepare<[number, Buffer]>("INSERT INTO held_count (generation, counts) VALUES (?, ?)");
  const read = db.prepare<[], { readonly generation: number; readonly counts: Buffer }>(
    "SELECT generation, counts FROM held_count ORDER BY position",
  );
  const note = db.prepare<[number, number]>(
    "INSERT INTO held_drain (generation, drained) VALUES (?, ?) ON CONFLICT DO UPDATE SET drained = excluded.drained",
  );
  const drained = db.prepare<[number], number>("SELECT drained FROM held_drain WHERE generation = ?").pluck();
  const forgetCounts = db.prepare<[number]>("DELETE FROM held_count WHERE generation <= ?");
  const forgetDrain = db.prepare<[number]>("DELETE FROM held_drain WHERE generation <= ?");
  const forget = (generation: number): void => {
    forgetCounts.run(generation);
    forgetDrain.run(generation);
  };
  return {
    append: (generation, sums) => void append.run(generation, sums),
    read: () => read.all(),
    write: ({ shapes, services, aliases }, from, to) => {
      writeRange(shapes, [from, to], writeShape);
      writeRange(services, [from - shapes.length, to - shapes.length], writeService);
      const others = shapes.length + services.length;
      writeRange(aliases, [from - others, to - others], writeAlias);
    },
    note: (generation, count) => void note.run(generation, count),
    drained: (generation) => drained.get(generation) ?? 0,
    forget,
    clear: () => forget(Number.MAX_SAFE_INTEGER),
  };
}

function writeRange<Row>(rows: readonly Row[], [from, to]: readonly [number, number], write: (row: Row) => void): void {
  for (const row of rows.slice(Math.max(0, from), Math.max(0, to))) write(row);
}

/** The sums of a generation come out in the order that they had in the process that began to drain them. */
function recoverSums(tables: Tables): void {
  const byGeneration = new Map<number, CountSums>();
  for (const { generation, counts } of tables.read()) {
    const sums = byGeneration.get(generation) ?? new CountSums();
    byGeneration.set(generation, sums);
    sums.add(decodeSums(counts));
  }
  for (const [generation, sums] of byGeneration) {
    const ordered = sums.ordered();
    tables.write(ordered, tables.drained(generation), sizeOf(ordered));
  }
  tables.clear();
}
