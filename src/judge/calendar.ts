import type { Baseline, IdentityDeclaration, ServiceDeclaration } from "../model/baseline.ts";

const DAY_MS = 86_400_000;
/** How long a token that was given out before its identity was retired may still live, where no issuer says. */
const TOKEN_LIFETIME_S = 3_600;

/** The first moment of a day (`YYYY-MM-DD`, UTC); ms since 1970. */
export function startOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** The first moment after a day. */
export function endOfDay(day: string): number {
  return startOfDay(day) + DAY_MS;
}

/** True once the last day of something has passed; what has no last day never ends. */
export function hasEnded(lastDay: string | null, atMs: number): boolean {
  return lastDay !== null && atMs >= endOfDay(lastDay);
}

/** From when on an exception is too old to be called temporary; null where nobody wrote down when it began. */
export function agesOutMs(created: string | null, { settings }: Pick<Baseline, "settings">): number | null {
  return created === null ? null : startOfDay(created) + settings.maxExceptionDays * DAY_MS;
}

/** When a retired identity's last permitted use ended, and when the last of its tokens must have expired. */
export function retirementOf(
  { retired, graceMs, issuer }: IdentityDeclaration,
  { issuers }: Pick<Baseline, "issuers">,
): { readonly sinceMs: number; readonly deadMs: number } | null {
  if (retired === null) return null;
  const { access, workload } = issuers.get(issuer ?? "")?.maxLifetimeS ?? {};
  const lifetimeS = Math.max(access ?? 0, workload ?? 0) || TOKEN_LIFETIME_S;
  const startMs = startOfDay(retired);
  return { sinceMs: startMs + graceMs, deadMs: startMs + Math.max(graceMs, lifetimeS * 1000) };
}

/** The next moment after `atMs` at which some declaration comes to mean something else; infinite where none will. */
export function nextChange(baseline: Baseline, atMs: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const moment of momentsOf(baseline)) if (moment > atMs && moment < next) next = moment;
  return next;
}

function* momentsOf(baseline: Baseline): Generator<number> {
  for (const { created, expires } of baseline.exceptions) {
    if (created !== null) yield startOfDay(created);
    yield agesOutMs(created, baseline) ?? 0;
    yield endOfDay(expires);
  }
  for (const service of baseline.services.values()) yield* momentsOfService(service);
  for (const { shared } of baseline.datastores.values()) yield endOrNever(shared?.expires);
  for (const identity of baseline.identities.values()) {
    const retirement = retirementOf(identity, baseline);
    if (retirement !== null) yield* [retirement.sinceMs, retirement.deadMs];
  }
}

function* momentsOfService({ lifecycle, calls }: ServiceDeclaration): Generator<number> {
  if (lifecycle?.since) yield startOfDay(lifecycle.since);
  yield endOrNever(lifecycle?.until);
  for (const { token } of calls) yield endOrNever(token?.expires);
}

function endOrNever(day: string | null | undefined): number {
  return day === null || day === undefined ? 0 : endOfDay(day);
}
