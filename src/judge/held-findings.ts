import type { Finding } from "../model/finding.ts";
import { identity } from "./hit-difference.ts";

/** Which findings hold under one baseline, and which of them it excepts. */
export class HeldFindings {
  readonly #drift = new Set<string>();
  /** To the exception's id. */
  readonly #excepted = new Map<string, string>();

  add(findings: readonly Finding[]): void {
    for (const finding of findings) {
      if (finding.verdict !== "declared-exception") this.#drift.add(identity(finding));
      else this.#excepted.set(identity(finding), finding.exception ?? "");
    }
  }

  /** Whether a finding, or another that is the same alert, holds and nothing excepts it. */
  isDrift(finding: Finding): boolean {
    return this.#drift.has(identity(finding));
  }

  /** The exception that a finding is under; null for none. */
  exceptionOf(finding: Finding): string | null {
    return this.#excepted.get(identity(finding)) ?? null;
  }
}
