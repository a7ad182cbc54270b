// Hot path only for hops that show an id. A use that is like the earliest costs a comparison.

import type { Reuse } from "../model/facts.ts";
import type { RememberedUses } from "../model/memory.ts";
import { CREDENTIAL_ID } from "../model/span-batch.ts";
import { FactCounter } from "./fact-counter.ts";
import type { ForwardingParts } from "./forwarding.ts";
import { OUTCOMES } from "./meaning-reader.ts";
import type { PresentedCall } from "./presentation-table.ts";
import { NONE, type SpanRing } from "./span-ring.ts";
import { spellEvidence } from "./spell-evidence.ts";
import type { TraceJoins } from "./trace-joins.ts";
import { packUses, type UseNames, unpackUses } from "./use-memory.ts";
import { createUse, type Use, UseTable } from "./use-table.ts";

const KINDS: Readonly<Record<number, Reuse["kind"]>> = {
  [CREDENTIAL_ID.token]: "token-id",
  [CREDENTIAL_ID.proof]: "proof",
  [CREDENTIAL_ID.transaction]: "transaction",
};
/** Nothing is known of an id for longer, however few there are. */
const GENERATION_MS_MAX = 86_400_000;
const REUSES_MAX = 100_000;
const WAITS_MAX = 100_000;
/** Calls alike below one span that are so near are one call and its retries. */
const RETRY_MS = 30_000;

type Parts = Omit<ForwardingParts, "profile"> & {
  readonly ring: SpanRing;
  readonly joins: TraceJoins;
  readonly names: UseNames;
  readonly sizeMax: number;
  /** How long a link between two traces may be on its way. */
  readonly windowMs: number;
};

/** A use of a transaction in another trace, until it is clear that no link joins the two. */
type Wait = { readonly id: number; readonly use: Use; readonly dueMs: number };
type Second = { readonly kind: number; readonly use: Use };

/**
 * Ids that should be used once, each with its earliest use; every other use is told. Bounded: when it is full, and after
 * a day, it starts again, and what was used before then may be used once more unseen.
 */
export class ReuseTable {
  readonly #parts: Parts;
  readonly #uses = new UseTable();
  readonly #counter = new FactCounter({
    width: 7,
    sizeMax: REUSES_MAX,
    spell: (second: Second) => this.#spell(second),
  });
  readonly #waits: Wait[] = [];
  /** Rows whose earliest use is not remembered beyond this run yet. */
  readonly #unkept = new Set<number>();
  readonly #use = createUse();
  readonly #earliest = createUse();
  #generationMs = Number.NaN;
  #nowMs = 0;
  #lost = 0;
  /** While set, what is presented was noted before: a replay brings it back. */
  isMuted = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get overflows(): number {
    return this.#lost + this.#counter.overflows;
  }

  /** Lets time pass: transactions that have waited for a link long enough are told. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
    if (Number.isNaN(this.#generationMs)) this.#generationMs = nowMs;
    if (nowMs - this.#generationMs >= GENERATION_MS_MAX) this.#restart();
    if (this.#waits.length === 0) return;
    const due = this.#waits.findIndex(({ dueMs }) => dueMs > nowMs);
    for (const wait of this.#waits.splice(0, due < 0 ? this.#waits.length : due)) this.#decide(wait);
  }

  /** Ends all waiting at once. */
  settleAll(): void {
    for (const wait of this.#waits.splice(0)) this.#decide(wait);
  }

  /** The number of an id of a kind, see `CREDENTIAL_ID`, by the four words of its hash. */
  intern(kind: number, hash: Uint32Array, at: number): number {
    if (kind === CREDENTIAL_ID.transaction) this.#parts.joins.isRemembered = true;
    if (this.#uses.size >= this.#parts.sizeMax) {
      this.#lost++;
      this.#restart();
    }
    return this.#uses.intern(kind, hash, at);
  }

  /** Whether a number still means something. */
  isKnown(id: number): boolean {
    return this.#uses.row(id) >= 0;
  }

  /** Notes the use of an id on a hop, whose example is the hop counter's; NONE for an end that was not seen. */
  present(id: number, hop: PresentedCall, ends: { readonly caller: number; readonly entry: number }): void {
    const row = this.#uses.row(id);
    if (row < 0) return;
    const kind = this.#uses.part(row, 0);
    if (kind === CREDENTIAL_ID.token && this.#isKnownToken(row, hop)) return;
    const use = this.#fill(hop, ends);
    if (this.isMuted) {
      if (kind === CREDENTIAL_ID.transaction && use.startMs >= this.#uses.startMs(row)) this.#wait(id, use);
    } else if (Number.isNaN(this.#uses.startMs(row))) this.#keep(row, use);
    else if (kind === CREDENTIAL_ID.token) this.#presentToken(row, use);
    else if (kind === CREDENTIAL_ID.proof) this.#presentProof(row, use);
    else this.#presentTransaction(id, use);
  }

  /** What was used again since the last call. */
  take(): Reuse[] {
    return this.#counter
      .take()
      .map(({ fact, count, seenMs, largest }) => ({ ...fact, apartMs: largest, count, seenMs }));
  }

  /** What has to be remembered beyond this run and was not told yet: one entry, or none. */
  takeMemory(): RememberedUses[] {
    const joins = this.#parts.joins.take();
    if (this.#unkept.size === 0 && joins.length === 0) return [];
    const rows = [...this.#unkept].map((row) => ({
      kind: this.#uses.part(row, 0),
      hash: Uint32Array.from({ length: 4 }, (_, word) => this.#uses.part(row, 1 + word)),
      use: this.#uses.read(row, createUse()),
    }));
    this.#unkept.clear();
    return [packUses(rows, { generationMs: this.#generationMs, joins }, this.#parts.names)];
  }

  /** Knows again what an earlier run remembered; call in the order of the commits. */
  restore(remembered: RememberedUses): void {
    this.#generationMs = remembered.generationMs;
    for (const { kind, hash, use } of unpackUses(remembered, this.#parts.names)) {
      this.#uses.write(this.#uses.row(this.intern(kind, hash, 0)), use);
    }
    this.#parts.joins.restore(remembered.joins);
    this.#parts.joins.take();
  }

  /** As nearly every hop finds it: the token whose id this is, no earlier than it was seen before. */
  #isKnownToken(row: number, hop: PresentedCall): boolean {
    const { fingerprints } = this.#parts;
    const known = fingerprints.row(hop.fingerprint);
    return hop.startMs >= this.#uses.startMs(row) && known >= 0 && this.#uses.isOf(row, fingerprints, known);
  }

  /** Two credentials with one id; one and the same may be presented as often as its owner likes. */
  #presentToken(row: number, use: Use): void {
    if (!this.#isOf(row, use)) this.#again(row, use);
    else if (use.startMs < this.#uses.startMs(row)) this.#keep(row, use);
  }

  #isOf(row: number, { fingerprint }: Use): boolean {
    return this.#uses.read(row, this.#earliest).fingerprint.every((word, at) => word === fingerprint[at]);
  }

  #presentProof(row: number, use: Use): void {
    const earliest = this.#uses.read(row, this.#earliest);
    if (!isSameHop(earliest, use) && !this.#isRetry(earliest, use)) this.#again(row, use);
  }

  #presentTransaction(id: number, use: Use): void {
    const row = this.#uses.row(id);
    const isEarlier = use.startMs < this.#uses.startMs(row);
    const earliest = this.#uses.read(row, this.#earliest);
    this.#wait(id, isEarlier ? earliest : use, isEarlier ? use : earliest);
    if (isEarlier) this.#keep(row, use);
  }

  /** Of two uses the later one is told. */
  #again(row: number, use: Use): void {
    const kind = this.#uses.part(row, 0);
    const apartMs = use.startMs - this.#uses.startMs(row);
    if (apartMs >= 0) this.#tell(kind, use, apartMs);
    else {
      this.#tell(kind, this.#uses.read(row, this.#earliest), -apartMs);
      this.#keep(row, use);
    }
  }

  /** A use in another trace waits, for a link that joins the two may come last. */
  #wait(id: number, use: Use, earliest = this.#uses.read(this.#uses.row(id), this.#earliest)): void {
    if (isSameTrace(earliest, use)) return;
    if (this.#waits.length >= WAITS_MAX) {
      this.#lost++;
      return;
    }
    const kept = { ...use, fingerprint: use.fingerprint.slice(), ids: use.ids.slice() };
    this.#waits.push({ id, use: kept, dueMs: this.#nowMs + this.#parts.windowMs });
  }

  #decide({ id, use }: Wait): void {
    const row = this.#uses.row(id);
    if (row < 0) return;
    const earliest = this.#uses.read(row, this.#earliest);
    if (isSameTrace(earliest, use) || this.#parts.joins.areJoined(earliest.ids, use.ids)) return;
    this.#tell(CREDENTIAL_ID.transaction, use, Math.max(0, use.startMs - earliest.startMs));
  }

  #keep(row: number, use: Use): void {
    this.#uses.write(row, use);
    this.#unkept.add(row);
  }

  #tell(kind: number, use: Use, apartMs: number): void {
    const { resources, hops } = this.#parts;
    const { tuple } = this.#counter;
    tuple[0] = kind;
    tuple[1] = use.environment;
    tuple[2] = resources.senders[use.presenter]?.node ?? -1;
    tuple[3] = use.recipient;
    tuple[4] = use.operation;
    tuple[5] = use.profile;
    tuple[6] = use.outcome;
    this.#counter.count({ kind, use }, Number.isNaN(hops.nowMs) ? use.startMs : hops.nowMs, apartMs);
  }

  #isRetry(one: Use, other: Use): boolean {
    const { senders } = this.#parts.resources;
    const isAlike =
      senders[one.presenter]?.node === senders[other.presenter]?.node &&
      one.recipient === other.recipient &&
      one.operation === other.operation;
    const isNear = Math.abs(one.startMs - other.startMs) <= RETRY_MS;
    return isAlike && isNear && isSameTrace(one, other) && (hasSameId(one, other, 8) || hasSameId(one, other, 10));
  }

  #fill(hop: PresentedCall, { caller, entry }: { readonly caller: number; readonly entry: number }): Use {
    const { ring, hops, fingerprints } = this.#parts;
    const use = this.#use;
    use.presenter = hop.presenter;
    use.recipient = hop.recipient;
    use.environment = hop.environment;
    use.operation = hop.operation;
    use.profile = hop.profile;
    use.outcome = hop.outcome;
    use.startMs = hop.startMs;
    const row = fingerprints.row(hop.fingerprint);
    for (let word = 0; word < 4; word++) use.fingerprint[word] = row < 0 ? 0 : fingerprints.word(row, word);
    use.ids.set(hops.evidence.ids);
    for (let word = 0; word < 2; word++) {
      const above = caller === NONE ? 0 : (ring.parent[(caller & ring.mask) * 2 + word] ?? 0);
      const calling = caller === NONE ? ring.parent[(entry & ring.mask) * 2 + word] : hops.evidence.ids[4 + word];
      use.ids[8 + word] = above;
      use.ids[10 + word] = calling ?? 0;
    }
    return use;
  }

  #spell({ kind, use }: Second): Omit<Reuse, "count" | "seenMs" | "apartMs"> {
    const { resources, nodes, operations, fingerprints, names } = this.#parts;
    const presenter = resources.senders[use.presenter];
    return {
      kind: KINDS[kind] ?? "proof",
      environment: resources.environment(use.environment),
      presenter: presenter?.service ?? null,
      recipient: nodes.node(use.recipient),
      operation: operations.name(use.operation),
      credential: names.profile(use.profile),
      outcome: OUTCOMES[use.outcome] ?? "unknown",
      evidence: spellEvidence({
        ids: use.ids,
        atMs: use.startMs,
        fingerprint: fingerprints.spell(use.fingerprint),
        release: presenter?.release ?? null,
      }),
    };
  }

  #restart(): void {
    this.#generationMs = Math.max(this.#nowMs, this.#generationMs + 1);
    this.#uses.restart();
    this.#unkept.clear();
    this.#waits.length = 0;
  }
}

/** By the low half of the trace id, which is all that 64-bit systems send. */
function isSameTrace(one: Use, other: Use): boolean {
  return one.ids[2] === other.ids[2] && one.ids[3] === other.ids[3];
}

/** The two ends of a hop tell of one use, also where they never met. */
function isSameHop(one: Use, other: Use): boolean {
  if (!isSameTrace(one, other)) return false;
  const isHalf = isNone(one, 6) || isNone(other, 6);
  return hasSameId(one, other, 6) || (isHalf && hasSameId(one, other, 10));
}

function hasSameId(one: Use, other: Use, at: number): boolean {
  return !isNone(one, at) && one.ids[at] === other.ids[at] && one.ids[at + 1] === other.ids[at + 1];
}

function isNone({ ids }: Use, at: number): boolean {
  return ids[at] === 0 && ids[at + 1] === 0;
}
