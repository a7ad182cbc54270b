// Hot path: once per hop that shows a fingerprint. A credential seen on one pair only is a row of integers.

import type { CredentialProfile } from "../model/credential.ts";
import type { Presentation, PresentationPair } from "../model/facts.ts";
import type { NodeInterner } from "./interner.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { type HopEvidence, hex } from "./shape-table.ts";
import { TupleTable } from "./tuple-table.ts";

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

export const SEEN = { accepted: 1, refused: 2, relayed: 4 } as const;
const PAIRS_MAX = 64;
const INTEGERS = 6;

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
 * Fingerprints and the (presenter, recipient) pairs they were seen on, bounded. When it is full it starts again: a
 * reuse that spans that moment is then seen at its next use.
 */
export class PresentationTable {
  readonly #sizeMax: number;
  readonly #spellFingerprint: (words: Uint32Array) => string;
  #numbers = new TupleTable(4096);
  /** Numbers given out before the table last started again; they are no longer known. */
  #base = 0;
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
  readonly #words = new Int32Array(4);
  overflows = 0;

  constructor(options: { readonly sizeMax: number; readonly spellFingerprint: (words: Uint32Array) => string }) {
    this.#sizeMax = options.sizeMax;
    this.#spellFingerprint = options.spellFingerprint;
  }

  /** The number of a fingerprint of four words, counted from 1; 0 for the all-zero one, which means none. */
  intern(words: Uint32Array, at: number): number {
    for (let i = 0; i < 4; i++) this.#words[i] = words[at + i] ?? 0;
    if ((this.#words[0] ?? 0) === 0 && (this.#words[1] ?? 0) === 0) return 0;
    if (this.#numbers.size >= this.#sizeMax) this.#restart();
    const before = this.#numbers.size;
    const row = this.#numbers.add(this.#words, 4);
    if (row === before) this.#clearRow(row);
    return this.#base + row + 1;
  }

  /** The fingerprint as text, or null for none or one that is no longer known. */
  text(fingerprint: number): string | null {
    const row = fingerprint - 1 - this.#base;
    if (fingerprint === 0 || row < 0) return null;
    const words = new Uint32Array(4);
    for (let i = 0; i < 4; i++) words[i] = this.#numbers.at(row, i);
    return this.#spellFingerprint(words);
  }

  /** Notes one presentation. Costs a comparison when the pair is the one already known. */
  present(hop: PresentedHop, evidence: HopEvidence): void {
    const row = hop.fingerprint - 1 - this.#base;
    if (row < 0) return;
    const at = row * INTEGERS;
    this.#rows[at + 4] = hop.profile;
    this.#expiresAtS[row] = hop.expiresAtS;
    if (this.#rows[at + 5] === 0) {
      this.#setFirst(row, hop, evidence);
      return;
    }
    if (this.#isFirst(at, hop)) {
      const bits = this.#rows[at + 3] ?? 0;
      if (hop.startMs < (this.#firstMs[row] ?? 0)) this.#firstMs[row] = hop.startMs;
      if ((bits | hop.bits) === bits && !this.#pairs.has(row)) return;
      this.#rows[at + 3] = bits | hop.bits;
    }
    this.#presentAgain(row, hop, evidence);
  }

  /** Fingerprints that gained a pair, or something new on one, since the last call. */
  take(names: Names, nowMs: number): Presentation[] {
    const presentations = [...this.#changed].map((row) => this.#spell(row, names, nowMs));
    this.#changed.clear();
    return presentations;
  }

  /** Reports a fingerprint from now on whenever it is presented: something was found on it. */
  watch(fingerprint: string): void {
    const row = this.#reported.get(fingerprint);
    if (row !== undefined) this.#watched.add(row);
  }

  #presentAgain(row: number, hop: PresentedHop, evidence: HopEvidence): void {
    const pairs = this.#pairs.get(row) ?? [this.#firstPair(row)];
    const pair = pairs.find((known) => isPair(known, hop));
    if (pair === undefined) {
      if (pairs.length >= PAIRS_MAX) return;
      pairs.push(newPair(hop, evidence));
    } else {
      pair.count++;
      if (hop.startMs < pair.firstMs) pair.firstMs = hop.startMs;
      const isKnown = pairs.length > 1 && (pair.bits | hop.bits) === pair.bits;
      if (isKnown && !this.#watched.has(row)) return;
      pair.bits |= hop.bits;
    }
    if (pairs.length < 2) return;
    this.#pairs.set(row, pairs);
    this.#changed.add(row);
  }

  #isFirst(at: number, hop: PresentedHop): boolean {
    const rows = this.#rows;
    return rows[at] === hop.presenter && rows[at + 1] === hop.recipient && rows[at + 2] === hop.environment;
  }

  #setFirst(row: number, hop: PresentedHop, evidence: HopEvidence): void {
    const at = row * INTEGERS;
    this.#rows[at] = hop.presenter;
    this.#rows[at + 1] = hop.recipient;
    this.#rows[at + 2] = hop.environment;
    this.#rows[at + 3] = hop.bits;
    this.#rows[at + 5] = 1;
    this.#firstMs[row] = hop.startMs;
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

  #spell(row: number, names: Names, nowMs: number): Presentation {
    const expiresAtS = this.#expiresAtS[row] ?? Number.NaN;
    const fingerprint = this.text(this.#base + row + 1) ?? "";
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

  #restart(): void {
    this.overflows++;
    this.#base += this.#numbers.size;
    this.#numbers = new TupleTable(4096);
    this.#pairs.clear();
    this.#changed.clear();
    this.#reported.clear();
    this.#watched.clear();
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

type Names = {
  readonly nodes: NodeInterner;
  readonly resources: ResourceReader;
  readonly profile: (id: number) => CredentialProfile;
};

function isPair(pair: Pair, hop: PresentedHop): boolean {
  return pair.presenter === hop.presenter && pair.recipient === hop.recipient && pair.environment === hop.environment;
}

function newPair(hop: PresentedHop, evidence: HopEvidence): Pair {
  const { presenter, recipient, environment, bits, startMs } = hop;
  return { presenter, recipient, environment, bits, firstMs: startMs, count: 1, ids: evidence.ids.slice() };
}

function spellPair(pair: Pair, fingerprint: string, { nodes, resources }: Names): PresentationPair {
  const presenter = resources.senders[pair.presenter];
  return {
    presenter: presenter?.service ?? null,
    recipient: nodes.node(pair.recipient),
    environment: resources.environment(pair.environment),
    firstMs: pair.firstMs,
    isAccepted: (pair.bits & SEEN.accepted) !== 0,
    isRefused: (pair.bits & SEEN.refused) !== 0,
    isRelayed: (pair.bits & SEEN.relayed) !== 0,
    count: pair.count,
    presenterRuntime: presenter?.runtime ?? null,
    evidence: {
      traceId: hex(pair.ids, 0, 4),
      callerSpanId: pair.ids[4] === 0 && pair.ids[5] === 0 ? null : hex(pair.ids, 4, 6),
      calleeSpanId: pair.ids[6] === 0 && pair.ids[7] === 0 ? null : hex(pair.ids, 6, 8),
      atMs: pair.firstMs,
      clientAddress: null,
      fingerprint,
      release: presenter?.release ?? null,
    },
  };
}
