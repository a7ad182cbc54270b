/**
 * Abilities that a world may ask of the product. One that the product does not have yet stays off, and no world needs
 * it; it is turned on here when the product has it.
 */
export type Features = {
  /** Consumers that name the producer's span by link, from another trace. */
  readonly links: boolean;
  /** Several consumed messages on one span, by links. */
  readonly batches: boolean;
  /** Relays whose spans come further apart than the settle time. */
  readonly lateRelays: boolean;
  /** Pulls that do not name their topic, below a producer's span. */
  readonly barePulls: boolean;
};

export const FEATURES: Features = { links: true, batches: true, lateRelays: true, barePulls: true };
