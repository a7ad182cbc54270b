// Hot path: once per hop that shows a fingerprint. A credential seen on one pair only is a row of integers.

import type { Presentation, PresentationPair } from "../model/facts.ts";
import type { RememberedPairs } from "../model/memory.ts";
import type { FingerprintTable } from "./fingerprint-table.ts";
import { type PairNames, type PairRow, packPairs, unpackPairs } from "./pair-memory.ts";
import { spellEvidence } from "./spell-evidence.ts";

/** One hop on which a fingerprint was presented. Reused from call to call: the table copies what it keeps. */
export type PresentedHop = {
  fingerprint: number;
  /** The presenting service's sender, or -1 where the caller was not seen. */
  presenter: number;
  /** The receiving node. */
  recipient: number;
  environment: number;
  startMs: number;
  /** Bits of {@link SEEN}. */
  bits: number;
  profile: number;
  expiresAtS: number;
};

/** Such a hop with what else is told of it where it means something. */
export type PresentedCall = PresentedHop & { operation: number; outcome: number };

export const SEEN = { accepted: 1, refused: 2, relayed: 4, automated: 8 } as const;
const PAIRS_MAX = 64;
const INTEGERS = 6;
/** Nothing is known of a fingerprint for longer, however few there are. */
const GENERATION_MS_MAX = 30 * 86_400_000;

/** The words of an example, as in {@link PairRow}. */
type Evidence = { readonly ids: Uint32Array };

type Parts = {
  readonly fingerprints: FingerprintTable;
  readonly sizeMax: number;
  /** Whether a profile is of a person's credential. */
  readonly isHuman: (profile: number) => boolean;
};

type Pair = {
  presenter: number;
  recipient: number;
  environment: number;
  bits: number;
  firstMs: number;
  count: number;
  ids: Uint32Array;
};

/**
 * Fingerprints and the (presenter, recipient) pairs they were seen on, bounded. When it is full, and after 30 days, it
 * starts again: a reuse that spans that moment is then seen at its next use.
 */
export class PresentationTable {
  readonly #parts: Parts;
  /** Per fingerprint: presenter, recipient, environment, bits, profile, has pair (0 or 1). */
  #rows = new Int32Array(4096 * INTEGERS);
  #firstMs = new Float64Array(4096);
  #expiresAtS = new Float64Array(4096);
  #ids = new Uint32Array(4096 * 8);
  readonly #pairs = new Map<number, Pair[]>();
  readonly #changed = new Set<number>();
  /** Rows by the text they were last reported under, and those whose every use is to be reported. */
  readonly #reported = new Map<string, number>();
  readonly #watched = new Set<number>();
  /** Rows that show something that is not remembered beyond this run yet. */
  readonly #unkept = new Set<number>();
  #generationMs = Number.NaN;
  #nowMs = 0;
  /** While set, what is presented was noted before: a replay brings it back, and half of it out of its context. */
  isMuted = false;
  overflows = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Lets time pass. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
    if (Number.isNaN(this.#generationMs)) this.#generationMs = nowMs;
    if (nowMs - this.#generationMs >= GENERATION_MS_MAX) this.#restart();
  }

  /** The number of a fingerprint of four words; 0 for the all-zero one, which means none. */
  intern(words: Uint32Array, at: number): number {
    const { fingerprints, sizeMax } = this.#parts;
    if (fingerprints.size >= sizeMax) this.#overflow();
    const before = fingerprints.size;
    const number = fingerprints.intern(words, at);
    if (fingerprints.size > before) this.#clearRow(before);
    return number;
  }

  /** Notes one presentation. Costs a comparison when the pair is the one already known. */
  present(hop: PresentedHop, evidence: Evidence): void {
    const row = this.#parts.fingerprints.row(hop.fingerprint);
    if (row < 0 || this.isMuted) return;
    const at = row * INTEGERS;
    const isFirst = this.#rows[at + 5] === 0;
    // What a later hop tells of the credential counts, after a restart as well.
    const isLearned = this.#rows[at + 4] !== hop.profile && !isFirst;
    if (isLearned) this.#unkept.add(row);
    this.#rows[at + 4] = hop.profile;
    this.#expiresAtS[row] = hop.expiresAtS;
    if (isFirst) this.#setFirst(row, hop, evidence);
    else if (!this.#isFirst(at, hop) || this.#addToFirst(row, hop) || this.#pairs.has(row)) {
      this.#presentAgain(row, hop, evidence);
      return;
    }
    if ((isFirst || isLearned) && this.#tellsAlone(row)) this.#presentAgain(row, hop, evidence);
  }

  /** Fingerprints that gained a pair, or something new on one, since the last call. */
  take(names: PairNames, nowMs: number): Presentation[] {
    const presentations = [...this.#changed].map((row) => this.#spell(row, names, nowMs));
    this.#changed.clear();
    return presentations;
  }

  /** Reports a fingerprint from now on whenever it is presented: something was found on it. */
  watch(fingerprint: string): void {
    const row = this.#reported.get(fingerprint);
    if (row === undefined || this.#watched.has(row)) return;
    this.#watched.add(row);
    this.#unkept.add(row);
  }

  /** What has to be remembered beyond this run and was not told yet: one entry, or none. */
  takeMemory(names: PairNames): RememberedPairs[] {
    if (this.#unkept.size === 0) return [];
    const rows = [...this.#unkept].flatMap((row) => this.#pairRows(row));
    this.#unkept.clear();
    return [packPairs(rows, this.#generationMs, names)];
  }

  /** Knows again what an earlier run remembered; call in the order of the commits. */
  restore(remembered: RememberedPairs, names: PairNames): void {
    this.#generationMs = remembered.generationMs;
    for (const pair of unpackPairs(remembered, names)) this.#restoreOne(pair);
    this.#unkept.clear();
  }

  /** The fingerprints restored last that have several pairs, at most so many, as they were told then. */
  takeRestored(names: PairNames, countMax: number): Presentation[] {
    for (const row of this.#changed) this.#reported.set(this.#textOf(row), row);
    const newest = [...this.#changed].slice(-countMax);
    for (const pairs of this.#pairs.values()) for (const pair of pairs) pair.count = 0;
    this.#changed.clear();
    return newest.map((row) => this.#spell(row, names, Number.NaN));
  }

  #restoreOne(pair: PairRow): void {
    const fingerprint = this.intern(pair.fingerprint, 0);
    const row = this.#parts.fingerprints.row(fingerprint);
    this.present({ ...pair, fingerprint }, pair);
    if (pair.isWatched) this.#watched.add(row);
    // The order of the last changes decides which are the newest.
    if (this.#changed.delete(row)) this.#changed.add(row);
  }

  #pairRows(row: number): PairRow[] {
    const fingerprint = this.#parts.fingerprints.words(row);
    const profile = this.#rows[row * INTEGERS + 4] ?? 0;
    const expiresAtS = this.#expiresAtS[row] ?? Number.NaN;
    const isWatched = this.#watched.has(row);
    return (this.#pairs.get(row) ?? [this.#firstPair(row)]).map(({ firstMs, ...pair }) => {
      return { ...pair, fingerprint, profile, expiresAtS, isWatched, startMs: firstMs };
    });
  }

  #presentAgain(row: number, hop: PresentedHop, evidence: Evidence): void {
    const told = this.#pairs.get(row);
    const pairs = told ?? [this.#firstPair(row)];
    const pair = pairs.find((known) => isPair(known, hop));
    if (pair === undefined) {
      if (pairs.length >= PAIRS_MAX) return;
      pairs.push(newPair(hop, evidence));
      this.#unkept.add(row);
    } else if (!this.#isNews(pair, hop, row) && told !== undefined) return;
    if (pairs.length < 2 && !this.#tellsAlone(row)) return;
    this.#pairs.set(row, pairs);
    this.#changed.add(row);
  }

  /** A person's credential that nobody's call made a service present is told of also where that is all it did. */
  #tellsAlone(row: number): boolean {
    const at = row * INTEGERS;
    return ((this.#rows[at + 3] ?? 0) & SEEN.automated) !== 0 && this.#parts.isHuman(this.#rows[at + 4] ?? 0);
  }

  /**
   * Adds to a known pair. Hops are counted only where they are told in this commit: what was counted on the quiet would
   * be lost with this run.
   */
  #isNews(pair: Pair, hop: PresentedHop, row: number): boolean {
    // An earlier first use may make a relay of what was none, or a first presenter of a stranger.
    const isNew = (pair.bits | hop.bits) !== pair.bits || hop.startMs < pair.firstMs;
    if (isNew) this.#unkept.add(row);
    pair.firstMs = Math.min(pair.firstMs, hop.startMs);
    pair.bits |= hop.bits;
    const isTold = isNew || this.#watched.has(row) || this.#changed.has(row);
    if (isTold) pair.count++;
    return isTold;
  }

  #isFirst(at: number, hop: PresentedHop): boolean {
    const rows = this.#rows;
    return rows[at] === hop.presenter && rows[at + 1] === hop.recipient && rows[at + 2] === hop.environment;
  }

  /** Adds to the pair a fingerprint was first seen on; tells whether it shows something new. */
  #addToFirst(row: number, hop: PresentedHop): boolean {
    const bits = this.#rows[row * INTEGERS + 3] ?? 0;
    const isNew = (bits | hop.bits) !== bits;
    const isEarlier = hop.startMs < (this.#firstMs[row] ?? 0);
    if (isNew) this.#rows[row * INTEGERS + 3] = bits | hop.bits;
    if (isEarlier) this.#firstMs[row] = hop.startMs;
    if (isNew || isEarlier) this.#unkept.add(row);
    return isNew;
  }

  #setFirst(row: number, hop: PresentedHop, evidence: Evidence): void {
    const at = row * INTEGERS;
    this.#rows[at] = hop.presenter;
    this.#rows[at + 1] = hop.recipient;
    this.#rows[at + 2] = hop.environment;
    this.#rows[at + 3] = hop.bits;
    this.#rows[at + 5] = 1;
    this.#firstMs[row] = hop.startMs;
    this.#unkept.add(row);
    for (let word = 0; word < 8; word++) this.#ids[row * 8 + word] = evidence.ids[word] ?? 0;
  }

  #firstPair(row: number): Pair {
    const at = row * INTEGERS;
    return {
      presenter: this.#rows[at] ?? -1,
      recipient: this.#rows[at + 1] ?? 0,
      environment: this.#rows[at + 2] ?? 0,
      bits: this.#rows[at + 3] ?? 0,
      firstMs: this.#firstMs[row] ?? 0,
      count: 1,
      ids: this.#ids.slice(row * 8, row * 8 + 8),
    };
  }

  #textOf(row: number): string {
    const { fingerprints } = this.#parts;
    return fingerprints.text(fingerprints.number(row)) ?? "";
  }

  #spell(row: number, names: PairNames, nowMs: number): Presentation {
    const expiresAtS = this.#expiresAtS[row] ?? Number.NaN;
    const fingerprint = this.#textOf(row);
    const pairs = this.#pairs.get(row) ?? [];
    const spelled = pairs.map((pair) => spellPair(pair, fingerprint, names));
    for (const pair of pairs) pair.count = 0;
    this.#reported.set(fingerprint, row);
    return {
      fingerprint,
      credential: names.profile(this.#rows[row * INTEGERS + 4] ?? 0),
      expiresAtS: Number.isNaN(expiresAtS) ? null : expiresAtS,
      seenMs: Number.isNaN(nowMs) ? Math.max(...pairs.map(({ firstMs }) => firstMs)) : nowMs,
      pairs: spelled,
    };
  }

  #clearRow(row: number): void {
    if ((row + 1) * INTEGERS > this.#rows.length) this.#grow();
    this.#rows.fill(0, row * INTEGERS, (row + 1) * INTEGERS);
  }

  #overflow(): void {
    this.overflows++;
    this.#restart();
  }

  #restart(): void {
    this.#generationMs = Math.max(this.#nowMs, this.#generationMs + 1);
    this.#parts.fingerprints.restart();
    this.#pairs.clear();
    this.#changed.clear();
    this.#reported.clear();
    this.#watched.clear();
    this.#unkept.clear();
  }

  #grow(): void {
    const n = this.#firstMs.length * 2;
    const rows = new Int32Array(n * INTEGERS);
    const firstMs = new Float64Array(n);
    const expiresAtS = new Float64Array(n);
    const ids = new Uint32Array(n * 8);
    rows.set(this.#rows);
    firstMs.set(this.#firstMs);
    expiresAtS.set(this.#expiresAtS);
    ids.set(this.#ids);
    this.#rows = rows;
    this.#firstMs = firstMs;
    this.#expiresAtS = expiresAtS;
    this.#ids = ids;
  }
}

function isPair(pair: Pair, hop: PresentedHop): boolean {
  return pair.presenter === hop.presenter && pair.recipient === hop.recipient && pair.environment === hop.environment;
}

function newPair(hop: PresentedHop, evidence: Evidence): Pair {
  const { presenter, recipient, environment, bits, startMs } = hop;
  return { presenter, recipient, environment, bits, firstMs: startMs, count: 1, ids: evidence.ids.slice() };
}

function spellPair(pair: Pair, fingerprint: string, { nodes, resources }: PairNames): PresentationPair {
  const presenter = resources.senders[pair.presenter];
  return {
    presenter: presenter?.service ?? null,
    recipient: nodes.node(pair.recipient),
    environment: resources.environment(pair.environment),
    firstMs: pair.firstMs,
    isAccepted: (pair.bits & SEEN.accepted) !== 0,
    isRefused: (pair.bits & SEEN.refused) !== 0,
    isRelayed: (pair.bits & SEEN.relayed) !== 0,
    isAutomated: (pair.bits & SEEN.automated) !== 0,
    count: pair.count,
    presenterRuntime: presenter?.runtime ?? null,
    evidence: spellEvidence({
      ids: pair.ids,
      atMs: pair.firstMs,
      fingerprint,
      release: presenter?.release ?? null,
    }),
  };
}
