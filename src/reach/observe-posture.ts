import type { Baseline } from "../model/baseline.ts";
import { allPresented, type CredentialProfile } from "../model/credential.ts";
import type { SeenShape } from "../model/store.ts";
import { type PostureRow, WEAKNESSES, type Weakness } from "../model/survey.ts";
import { isKnown } from "./credential-kind.ts";
import type { SurveyInput } from "./survey-input.ts";
import { weaknessesOf } from "./weaknesses.ts";

/** All that is known of the calls of one service with one issuer's credentials. */
export type Door = {
  readonly environment: string;
  readonly service: string;
  readonly issuer: string | null;
  readonly seen: { readonly shape: SeenShape["shape"]; readonly profile: CredentialProfile | null }[];
  count: number;
  refused: number;
  firstSeenMs: number;
  lastSeenMs: number;
};

/** Of so many services of one issuer at least, one can stand out. */
const DOORS_MIN = 3;

/** What is seen on the calls of each service, an issuer each; the doors that are laxer than most are marked. */
export function observePosture({ shapes, baseline }: SurveyInput): readonly PostureRow[] {
  const doors = doorsOf(shapes);
  const rows = doors.map((door) => rowOf(door, baseline));
  return markLax(rows).sort(byName);
}

function doorsOf(shapes: readonly SeenShape[]): readonly Door[] {
  const doors = new Map<string, Door>();
  for (const seen of shapes) {
    const { shape } = seen;
    if (shape.callee.kind !== "service" || shape.type === "destination") continue;
    const presented = allPresented(shape.credential).filter(({ role }) => role !== "proof");
    const issuers = new Set(presented.length === 0 ? [null] : presented.map(({ issuer }) => issuer));
    for (const issuer of issuers) {
      const profiles = presented.filter((profile) => profile.issuer === issuer);
      addTo(doors, { seen, issuer, profiles });
    }
  }
  return [...doors.values()];
}

type Shown = {
  readonly seen: SeenShape;
  readonly issuer: string | null;
  readonly profiles: readonly CredentialProfile[];
};

function addTo(doors: Map<string, Door>, { seen, issuer, profiles }: Shown): void {
  const { shape, count, firstSeenMs, lastSeenMs } = seen;
  const { environment, callee, outcome } = shape;
  const key = JSON.stringify([environment, callee.name, issuer]);
  const place = { environment, service: callee.name, issuer };
  const door = doors.get(key) ?? { ...place, seen: [], count: 0, refused: 0, firstSeenMs, lastSeenMs };
  doors.set(key, door);
  for (const profile of profiles.length === 0 ? [null] : profiles) door.seen.push({ shape, profile });
  door.count += count;
  if (outcome === "refused") door.refused += count;
  door.firstSeenMs = Math.min(door.firstSeenMs, firstSeenMs);
  door.lastSeenMs = Math.max(door.lastSeenMs, lastSeenMs);
}

function rowOf(door: Door, baseline: Baseline): PostureRow {
  const { environment, service, issuer, seen, count, refused } = door;
  const accepted = seen.filter(({ shape }) => shape.outcome === "ok");
  const audiences = audiencesOf(accepted);
  const known = accepted.flatMap(({ profile }) => (profile !== null && isKnown(profile) ? [profile] : []));
  const lifetimes = known.flatMap(({ lifetimeS }) => (lifetimeS === null ? [] : [lifetimeS]));
  const row = {
    ...{ environment, service, issuer, count, refused },
    methods: [...new Set(seen.flatMap(methodsOf))].sort(),
    audiences: [...audiences].sort(),
    hasRefusedAudience: seen.some((one) => refusesAudience(one, audiences)),
    scopes: [...new Set(known.flatMap(({ scopes }) => scopes ?? []))].sort(),
    mtls: mtlsOf(accepted),
    lifetimeMaxS: lifetimes.length === 0 ? null : Math.max(...lifetimes),
    firstSeen: new Date(door.firstSeenMs).toISOString(),
    lastSeen: new Date(door.lastSeenMs).toISOString(),
  };
  return { ...row, weaknesses: weaknessesOf(row, accepted, baseline), laxIn: [] };
}

type Seen = Door["seen"][number];

function audiencesOf(seen: readonly Seen[]): ReadonlySet<string> {
  return new Set(seen.flatMap(({ profile }) => profile?.audiences ?? []));
}

/** A refusal says something of audiences where nothing else about the token's issuer was wrong. */
function refusesAudience({ shape, profile }: Seen, accepted: ReadonlySet<string>): boolean {
  const audiences = profile?.audiences ?? [];
  if (shape.outcome !== "refused" || shape.isExpired || shape.isPremature || audiences.length === 0) return false;
  return !audiences.some((audience) => accepted.has(audience));
}

function methodsOf({ shape, profile }: Seen): readonly string[] {
  return [...(shape.peer === null ? [] : ["mtls"]), ...(profile === null ? ["not seen"] : [methodOf(profile)])];
}

function methodOf({ quality, slot, format, role }: CredentialProfile): string {
  if (quality === "absent") return "none";
  if (role === "transaction") return "transaction";
  if (slot === "session_cookie") return "session";
  if (format === "key") return "api-key";
  return format === "unknown" ? "unreadable" : format;
}

function mtlsOf(accepted: readonly Seen[]): PostureRow["mtls"] {
  const withPeer = accepted.filter(({ shape }) => shape.peer !== null).length;
  if (withPeer === 0) return "never seen";
  return withPeer === accepted.length ? "always" : "sometimes";
}

/** What most services of an issuer do right and one does wrong; where all do it, it is the issuer's way. */
function markLax(rows: readonly PostureRow[]): PostureRow[] {
  const groups = Map.groupBy(rows, ({ environment, issuer }) => JSON.stringify([environment, issuer]));
  return rows.map((row) => {
    const group = row.issuer === null ? [] : (groups.get(JSON.stringify([row.environment, row.issuer])) ?? []);
    if (group.length < DOORS_MIN) return { ...row, weaknesses: row.weaknesses.filter(isToldAlone) };
    const isRare = (weakness: Weakness) => 2 * countOf(group, weakness) < group.length;
    const laxIn = row.weaknesses.filter(isRare);
    return { ...row, laxIn, weaknesses: row.weaknesses.filter((one) => isToldAlone(one) || laxIn.includes(one)) };
  });
}

/** The others are only a weakness beside services that do better. */
function isToldAlone(weakness: Weakness): boolean {
  return WEAKNESSES.indexOf(weakness) < WEAKNESSES.indexOf("never refused");
}

function countOf(group: readonly PostureRow[], weakness: Weakness): number {
  return group.filter(({ weaknesses }) => weaknesses.includes(weakness)).length;
}

function byName(one: PostureRow, other: PostureRow): number {
  const [left, right] = [one, other].map(({ environment, service, issuer }) => `${environment}\n${service}\n${issuer}`);
  return (left ?? "") < (right ?? "") ? -1 : 1;
}
