import type { FindingHit } from "../model/finding.ts";

/**
 * Services, as the baseline names them, for which somebody speaks who may not. In whatever environment: which one it is
 * is what the sender says.
 */
export class DisputedNames {
  readonly #names = new Set<string>();

  get size(): number {
    return this.#names.size;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Takes in what stands on facts; an exception makes it nobody's dispute until it ends. */
  note(hits: readonly FindingHit[]): void {
    for (const { finding } of hits) {
      const { rule, allowed = rule, verdict, callee } = finding;
      if (allowed !== "unattested-service-name" || verdict === "declared-exception" || callee === null) continue;
      this.#names.add(callee);
    }
  }

  /** Forgets all, for another baseline may say otherwise. */
  clear(): void {
    this.#names.clear();
  }
}
