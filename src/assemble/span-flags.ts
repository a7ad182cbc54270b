/** The bits of a waiting span's `flags`: what it means, and what became of it. */
export const FLAG = {
  hasParent: 1 << 17,
  /** An OUT span whose other side has come. */
  answered: 1 << 18,
  /** An OUT span that only wraps a deeper one of its own service. */
  silenced: 1 << 19,
  /** A transparent span with an OUT span of its own service somewhere below. */
  outBelow: 1 << 20,
  /** An INTERNAL entry that waits until settle for a called span below it. */
  held: 1 << 21,
  /** An INTERNAL entry whose place a called span below it has taken. */
  replaced: 1 << 22,
  settled: 1 << 23,
  /** Counted in the gauge of unseen callers. */
  unseen: 1 << 24,
  /** Counted among the OUT spans that name nobody. */
  unresolved: 1 << 25,
  /** An entry whose credential is not yet known to be relayed or not. */
  pending: 1 << 26,
  /** Such an entry hangs somewhere below, in this service or right across its border. */
  pendingBelow: 1 << 27,
  /** A called span with span links: they, not an absent parent, say who caused it. */
  linked: 1 << 28,
  /** A called span that shares its id with the client span that called it (Zipkin's B3), which is its parent. */
  shared: 1 << 29,
  /** A proxy's span, or a sidecar's. */
  proxy: 1 << 30,
  /** A called span whose user agent is one that people use by hand. */
  interactive: 1 << 31,
} as const;

const PROTOCOL_SHIFT = 2;
const OUTCOME_SHIFT = 5;
const TRANSPORT_SHIFT = 7;
const ORIGIN_SHIFT = 9;
const KIND_SHIFT = 11;
const CONFIDENCE_SHIFT = 14;

// biome-ignore lint/complexity/useMaxParams: one call site, on the hot path, where an object would be garbage.
export function packFlags(
  role: number,
  protocol: number,
  outcome: number,
  transport: number,
  origin: number,
  kind: number,
): number {
  return (
    role |
    (protocol << PROTOCOL_SHIFT) |
    (outcome << OUTCOME_SHIFT) |
    (transport << TRANSPORT_SHIFT) |
    (origin << ORIGIN_SHIFT) |
    (kind << KIND_SHIFT)
  );
}

export const roleOf = (flags: number): number => flags & 3;
export const protocolOf = (flags: number): number => (flags >> PROTOCOL_SHIFT) & 7;
export const outcomeOf = (flags: number): number => (flags >> OUTCOME_SHIFT) & 3;
export const transportOf = (flags: number): number => (flags >> TRANSPORT_SHIFT) & 3;
export const originOf = (flags: number): number => (flags >> ORIGIN_SHIFT) & 3;
/** What an OUT span, which has no origin, holds in its place where it names its peer by an address. */
export const BY_ADDRESS = 1;
export const isByAddress = (flags: number): boolean => originOf(flags) === BY_ADDRESS;
export const kindOf = (flags: number): number => (flags >> KIND_SHIFT) & 7;

/** The confidence class of the hop that enters at this span. */
export const confidenceOf = (flags: number): number => (flags >> CONFIDENCE_SHIFT) & 7;
export const withConfidence = (flags: number, confidence: number): number =>
  (flags & ~(7 << CONFIDENCE_SHIFT)) | (confidence << CONFIDENCE_SHIFT);
