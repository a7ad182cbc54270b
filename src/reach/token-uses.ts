import type { RememberedPairs } from "../model/memory.ts";
import type { TokenUse } from "./survey-input.ts";

/** The first use of each token by each service towards each other, of the pairs that the collector remembers. */
export function tokenUses(remembered: Iterable<RememberedPairs>): readonly TokenUse[] {
  const uses = new Map<string, TokenUse>();
  for (const pairs of remembered) {
    for (let row = 0; row < pairs.bits.length; row++) {
      const use = useAt(pairs, row);
      if (use !== null) uses.set(`${use.fingerprint} ${use.environment}\n${use.presenter}\n${use.recipient}`, use);
    }
  }
  return [...uses.values()];
}

function useAt(pairs: RememberedPairs, row: number): TokenUse | null {
  const recipient = pairs.recipients[pairs.recipientIndexes[row] ?? -1];
  const credential = pairs.profiles[pairs.profileIndexes[row] ?? -1];
  if (recipient === undefined || credential === undefined) return null;
  const expiresAtS = pairs.expiresAtS[row] ?? Number.NaN;
  return {
    environment: pairs.environments[pairs.environmentIndexes[row] ?? -1] ?? "default",
    fingerprint: pairs.fingerprints.subarray(4 * row, 4 * row + 4).join(" "),
    credential,
    presenter: pairs.senders[pairs.presenterIndexes[row] ?? -1]?.service ?? null,
    recipient: recipient.name,
    firstMs: pairs.firstMs[row] ?? 0,
    expiresAtS: Number.isNaN(expiresAtS) ? null : expiresAtS,
  };
}
