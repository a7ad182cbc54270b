// Once a resource, not once a span.

import type { ResourceFields } from "./attribute-names.ts";

const FIELDS = [
  ["clusterNamespace", "k8s.namespace.name"],
  ["cloudAccount", "cloud.account.id"],
  ["runtime", "telemetry.sdk.language"],
] as const;
const SERVICES_MAX = 50_000;
const VALUES_MAX = 8;
/** A service that moved is not one that is in two places: both have to be there at about the same time. */
const TOGETHER_MS = 600_000;
const NO_CONFLICT: readonly string[] = [];

/** Services whose name is reported from two places, or by two languages, at about the same time. */
export class NameConflicts {
  /** When each value of a field was last seen, by service and field. */
  readonly #seen = new Map<string, Map<string, number>>();
  #nowMs = 0;

  /** Lets time pass. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** The attributes in which a resource differs from others of the same service. */
  see(service: number, environment: number, fields: ResourceFields): readonly string[] {
    let conflicts = NO_CONFLICT;
    for (const [field, attribute] of FIELDS) {
      const value = fields[field];
      if (value !== undefined && this.#isAnother(`${service} ${environment} ${field}`, value)) {
        conflicts = [...conflicts, attribute];
      }
    }
    return conflicts;
  }

  #isAnother(key: string, value: string): boolean {
    const values = this.#seen.get(key) ?? new Map<string, number>();
    if (!this.#seen.has(key)) {
      if (this.#seen.size >= SERVICES_MAX) this.#seen.clear();
      this.#seen.set(key, values);
    }
    if (values.size < VALUES_MAX || values.has(value)) values.set(value, this.#nowMs);
    if (values.size === 1) return false;
    for (const [other, seenMs] of values) if (seenMs <= this.#nowMs - TOGETHER_MS) values.delete(other);
    return values.size > 1;
  }
}
