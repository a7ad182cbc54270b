// Hot path: once per hop. Counters are typed arrays; objects are made only for new shapes and when facts are taken.

import type { CredentialProfile, PeerIdentity } from "../model/credential.ts";
import type { NewShape, ShapeCount } from "../model/facts.ts";
import { CONFIDENCES, type Evidence, type HopType, type Shape } from "../model/graph.ts";
import { stableHash } from "../model/stable-hash.ts";
import { ORIGINS } from "./classify-address.ts";
import { hex } from "./hex.ts";
import { type Interner, type NodeInterner, OVERFLOW_NAME } from "./interner.ts";
import { OUTCOMES, PROTOCOLS, TRANSPORTS } from "./meaning-reader.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { TupleTable } from "./tuple-table.ts";

export const HOP_TYPES: readonly HopType[] = ["direct", "destination", "logical", "unattributed", "proxied"];
export const HOP_TYPE = { direct: 0, destination: 1, logical: 2, unattributed: 3, proxied: 4 } as const;
export const CONFIDENCE = { paired: 0, parent: 1, link: 2, alias: 3, peer: 4, root: 5 } as const;
const CLASSES = CONFIDENCES.length;
const SEEN_BY = [null, "callee", "caller"] as const;

/** Where each part of a shape stands in its tuple of integers. */
export const PART = {
  environment: 0,
  callerEnvironment: 1,
  caller: 2,
  callee: 3,
  via: 4,
  operation: 5,
  profile: 6,
  kinds: 7,
  peer: 8,
} as const;
export const PARTS = 9;

/** What is wrong with the credential of a hop as the spans show it. */
export const MARK = { expired: 1, premature: 2, changed: 4 } as const;

/** The small parts of a shape, packed into one integer of its tuple. */
export type ShapeKinds = {
  readonly type: number;
  readonly protocol: number;
  readonly seenBy: number;
  readonly transport: number;
  readonly outcome: number;
  readonly origin: number;
  readonly interactive: number;
  /** Bits of {@link MARK}. */
  readonly marks: number;
};

/** Where evidence of a hop is taken from: columns that the table copies when it counts. */
export type HopEvidence = {
  /** Four words of the trace id, then two of the caller's span and two of the callee's; zero where not seen. */
  readonly ids: Uint32Array;
  atMs: number;
  /** The caller's sender, or -1. */
  sender: number;
  /** The fingerprint's number, 0 for none. */
  fingerprint: number;
  clientAddress: string | null;
  /** How many hops this one stands for. */
  weight: number;
};

type Names = {
  readonly nodes: NodeInterner;
  readonly operations: Interner;
  readonly resources: ResourceReader;
  readonly profile: (id: number) => CredentialProfile | null;
  readonly fingerprint: (number: number) => string | null;
  readonly peer: (id: number) => PeerIdentity | null;
};

/** All shapes seen, with what was counted on them since facts were last taken. */
export class ShapeTable {
  readonly #names: Names;
  readonly #sizeMax: number;
  readonly #operationsMax: number;
  readonly #tuples = new TupleTable(1024);
  readonly #edgeOperations = new TupleTable(1024);
  readonly #operationCounts = new Map<string, number>();
  readonly #shapes: Shape[] = [];
  readonly #fresh: { readonly shape: number; readonly confidence: number }[] = [];
  readonly #dirty: number[] = [];
  #counts = new Int32Array(1024 * CLASSES);
  #weights = new Float64Array(1024 * CLASSES);
  #touched = new Uint8Array(1024);
  #firstMs = new Float64Array(1024);
  #lastMs = new Float64Array(1024);
  #ids = new Uint32Array(1024 * 8);
  #atMs = new Float64Array(1024);
  #senders = new Int32Array(1024);
  #fingerprints = new Int32Array(1024);
  readonly #addresses: (string | null)[] = [];
  readonly #scratch = new Int32Array(8);
  overflows = 0;
  retractions = 0;

  constructor(options: { readonly names: Names; readonly sizeMax: number; readonly operationsMax: number }) {
    this.#names = options.names;
    this.#sizeMax = options.sizeMax;
    this.#operationsMax = options.operationsMax;
  }

  get size(): number {
    return this.#tuples.size;
  }

  shape(number: number): Shape {
    const shape = this.#shapes[number];
    if (shape === undefined) throw new RangeError(`no shape ${number}`);
    return shape;
  }

  /** Counts one hop of the shape that `tuple` spells (see {@link PART}); returns the shape's number. */
  count(tuple: Int32Array, confidence: number, seenMs: number, evidence: HopEvidence): number {
    let shape = this.#tuples.find(tuple, PARTS);
    if (shape < 0) shape = this.#add(tuple, confidence);
    this.#touch(shape, confidence, evidence.weight, seenMs);
    for (let word = 0; word < 8; word++) this.#ids[shape * 8 + word] = evidence.ids[word] ?? 0;
    this.#atMs[shape] = evidence.atMs;
    this.#senders[shape] = evidence.sender;
    this.#fingerprints[shape] = evidence.fingerprint;
    if (evidence.clientAddress !== null || this.#addresses[shape] === undefined) {
      this.#addresses[shape] = evidence.clientAddress;
    }
    return shape;
  }

  /** Takes one hop back, with the weight it was counted with: a guess that turned out wrong. */
  retract(shape: number, confidence: number, weight: number, seenMs: number): void {
    this.retractions++;
    this.#touch(shape, confidence, -weight, seenMs);
  }

  /** What is new since the last call; counters start again from zero. */
  take(): { readonly newShapes: NewShape[]; readonly counts: ShapeCount[] } {
    const newShapes = this.#fresh.map(({ shape, confidence }) => ({
      shape: this.shape(shape),
      confidence: CONFIDENCES[confidence] ?? "peer",
      evidence: this.#evidence(shape),
    }));
    const counts: ShapeCount[] = [];
    for (const shape of this.#dirty) this.#takeCounts(shape, counts);
    this.#fresh.length = 0;
    this.#dirty.length = 0;
    return { newShapes, counts };
  }

  #takeCounts(shape: number, counts: ShapeCount[]): void {
    const evidence = this.#evidence(shape);
    for (let confidence = 0; confidence < CLASSES; confidence++) {
      const at = shape * CLASSES + confidence;
      const count = this.#counts[at] ?? 0;
      const estimated = this.#weights[at] ?? 0;
      // A hop and another one's retraction leave nothing but the difference of their weights.
      if (count === 0 && estimated === 0) continue;
      counts.push({
        shapeKey: this.shape(shape).key,
        confidence: CONFIDENCES[confidence] ?? "peer",
        count,
        estimated,
        firstSeenMs: this.#firstMs[shape] ?? 0,
        lastSeenMs: this.#lastMs[shape] ?? 0,
        evidence,
      });
      this.#counts[at] = 0;
      this.#weights[at] = 0;
    }
    this.#touched[shape] = 0;
  }

  /** Counts a hop of this weight, or takes one of its negative back. */
  #touch(shape: number, confidence: number, weight: number, seenMs: number): void {
    if (this.#touched[shape] === 0) {
      this.#touched[shape] = 1;
      this.#dirty.push(shape);
      this.#firstMs[shape] = seenMs;
      this.#lastMs[shape] = seenMs;
    }
    const at = shape * CLASSES + confidence;
    this.#counts[at] = (this.#counts[at] ?? 0) + (weight < 0 ? -1 : 1);
    this.#weights[at] = (this.#weights[at] ?? 0) + weight;
    if (seenMs < (this.#firstMs[shape] ?? 0)) this.#firstMs[shape] = seenMs;
    if (seenMs > (this.#lastMs[shape] ?? 0)) this.#lastMs[shape] = seenMs;
  }

  #add(tuple: Int32Array, confidence: number): number {
    this.#bound(tuple);
    const before = this.#tuples.size;
    const shape = this.#tuples.add(tuple, PARTS);
    if (shape < before) return shape;
    this.#growTo(shape + 1);
    this.#shapes.push(this.#spell(tuple));
    this.#fresh.push({ shape, confidence });
    return shape;
  }

  /** Past a bound, operations of one edge, and then everything that makes shapes many, fold into `(other)`. */
  #bound(tuple: Int32Array): void {
    const scratch = this.#scratch;
    const edge = [tuple[PART.environment], tuple[PART.caller], tuple[PART.callee]];
    scratch.set(tuple.subarray(0, 4));
    scratch[4] = tuple[PART.operation] ?? 0;
    if (this.#edgeOperations.find(scratch, 5) < 0) {
      const count = (this.#operationCounts.get(edge.join()) ?? 0) + 1;
      if (count > this.#operationsMax) this.#fold(tuple);
      else {
        this.#operationCounts.set(edge.join(), count);
        this.#edgeOperations.add(scratch, 5);
      }
    }
    if (this.#tuples.size < this.#sizeMax) return;
    this.#fold(tuple);
    tuple[PART.profile] = 0;
    tuple[PART.via] = 0;
    tuple[PART.peer] = 0;
  }

  #fold(tuple: Int32Array): void {
    this.overflows++;
    tuple[PART.operation] = this.#names.operations.intern(OVERFLOW_NAME);
  }

  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: hot path; one pass over typed arrays, and every `??` only satisfies the index checks.
  #spell(tuple: Int32Array): Shape {
    const { nodes, operations, resources, profile, peer } = this.#names;
    const kinds = unpackKinds(tuple[PART.kinds] ?? 0);
    const via = tuple[PART.via] ?? 0;
    const callerEnvironment = tuple[PART.callerEnvironment] ?? 0;
    const parts = {
      environment: resources.environment(tuple[PART.environment] ?? 0),
      callerEnvironment: callerEnvironment === 0 ? null : resources.environment(callerEnvironment),
      caller: nodes.node(tuple[PART.caller] ?? 0),
      callee: nodes.node(tuple[PART.callee] ?? 0),
      type: HOP_TYPES[kinds.type] ?? "direct",
      via: via === 0 ? null : nodes.node(via).name,
      operation: operations.name(tuple[PART.operation] ?? 0),
      protocol: PROTOCOLS[kinds.protocol] ?? "unknown",
      credential: profile(tuple[PART.profile] ?? 0),
      credentialSeenBy: SEEN_BY[kinds.seenBy] ?? null,
      transport: TRANSPORTS[kinds.transport] ?? "unknown",
      outcome: OUTCOMES[kinds.outcome] ?? "unknown",
      isExpired: (kinds.marks & MARK.expired) !== 0,
      isPremature: (kinds.marks & MARK.premature) !== 0,
      isCredentialChanged: (kinds.marks & MARK.changed) !== 0,
      peer: peer(tuple[PART.peer] ?? 0),
      isInteractive: kinds.interactive === 1,
      origin: ORIGINS[kinds.origin] ?? "unknown",
    } satisfies Omit<Shape, "key">;
    return { key: stableHash(Object.values(parts)), ...parts };
  }

  #evidence(shape: number): Evidence {
    const ids = this.#ids.subarray(shape * 8, shape * 8 + 8);
    return {
      traceId: hex(ids, 0, 4),
      callerSpanId: ids[4] === 0 && ids[5] === 0 ? null : hex(ids, 4, 6),
      calleeSpanId: ids[6] === 0 && ids[7] === 0 ? null : hex(ids, 6, 8),
      atMs: this.#atMs[shape] ?? 0,
      clientAddress: this.#addresses[shape] ?? null,
      fingerprint: this.#names.fingerprint(this.#fingerprints[shape] ?? 0),
      release: this.#names.resources.senders[this.#senders[shape] ?? -1]?.release ?? null,
    };
  }

  #growTo(size: number): void {
    if (size <= this.#touched.length) return;
    const n = this.#touched.length * 2;
    this.#counts = copyInto(new Int32Array(n * CLASSES), this.#counts);
    this.#weights = copyInto(new Float64Array(n * CLASSES), this.#weights);
    this.#touched = copyInto(new Uint8Array(n), this.#touched);
    this.#firstMs = copyInto(new Float64Array(n), this.#firstMs);
    this.#lastMs = copyInto(new Float64Array(n), this.#lastMs);
    this.#ids = copyInto(new Uint32Array(n * 8), this.#ids);
    this.#atMs = copyInto(new Float64Array(n), this.#atMs);
    this.#senders = copyInto(new Int32Array(n), this.#senders);
    this.#fingerprints = copyInto(new Int32Array(n), this.#fingerprints);
  }
}

export function packKinds(kinds: ShapeKinds): number {
  return (
    kinds.type |
    (kinds.protocol << 3) |
    (kinds.seenBy << 6) |
    (kinds.transport << 8) |
    (kinds.outcome << 10) |
    (kinds.origin << 12) |
    (kinds.interactive << 14) |
    (kinds.marks << 15)
  );
}

/** The bits of {@link packKinds} that say where a call from outside came from. */
export const OUTSIDE_BITS = 7 << 12;

function unpackKinds(packed: number): ShapeKinds {
  return {
    type: packed & 7,
    protocol: (packed >> 3) & 7,
    seenBy: (packed >> 6) & 3,
    transport: (packed >> 8) & 3,
    outcome: (packed >> 10) & 3,
    origin: (packed >> 12) & 3,
    interactive: (packed >> 14) & 1,
    marks: packed >> 15,
  };
}

function copyInto<T extends Int32Array | Uint32Array | Uint8Array | Float64Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
