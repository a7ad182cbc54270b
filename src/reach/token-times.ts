import type { CredentialProfile } from "../model/credential.ts";
import type { BlastRadius } from "../model/survey.ts";
import type { TokenUse } from "./survey-input.ts";

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** Of tokens that open more than one service, how many came by in an hour, and how many people's in a day. */
export function harvestOf(
  tokens: readonly TokenUse[],
  reachOf: (profile: CredentialProfile) => number,
): BlastRadius["harvest"] {
  if (tokens.length === 0) return null;
  const [firstMs, lastMs] = rangeOf(tokens.map((token) => token.firstMs));
  const hours = Math.max(1, (lastMs - firstMs) / HOUR_MS);
  const useful = tokens.filter(({ credential }) => reachOf(credential) > 1);
  const users = useful.filter(({ credential }) => credential.subjectKind === "user");
  const distinct = (some: readonly TokenUse[]) => new Set(some.map(({ fingerprint }) => fingerprint)).size;
  return {
    tokensPerHour: round(distinct(useful) / hours),
    userTokensPerDay: round((distinct(users) / Math.max(hours, DAY_HOURS)) * DAY_HOURS),
  };
}

/** How long tokens still lived when they were first presented, and for how many services and hours in all. */
export function exposureOf(
  tokens: readonly TokenUse[],
  reachOf: (profile: CredentialProfile) => number,
): BlastRadius["exposure"] {
  const firstUses = new Map<string, TokenUse>();
  for (const token of tokens) {
    const known = firstUses.get(token.fingerprint);
    if (known === undefined || token.firstMs < known.firstMs) firstUses.set(token.fingerprint, token);
  }
  const lives = [...firstUses.values()].flatMap(({ expiresAtS, firstMs, credential }) => {
    return expiresAtS === null ? [] : [{ leftS: Math.max(0, expiresAtS - firstMs / 1000), credential }];
  });
  if (lives.length === 0) return null;
  const left = lives.map(({ leftS }) => leftS).sort((one, other) => one - other);
  const hours = lives.reduce((sum, { leftS, credential }) => {
    return sum + ((credential.lifetimeS ?? leftS) / 3_600) * reachOf(credential);
  }, 0);
  return { p50S: percentile(left, 0.5), p95S: percentile(left, 0.95), tokenHours: round(hours) };
}

function percentile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
}

function rangeOf(times: readonly number[]): readonly [number, number] {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) [first, last] = [Math.min(first, time), Math.max(last, time)];
  return [first, last];
}

function round(number: number): number {
  return Math.round(10 * number) / 10;
}
