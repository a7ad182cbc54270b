import type { Alert, AlertChanges, Decision } from "../model/alert.ts";
import type { Finding, FindingHit, Severity } from "../model/finding.ts";
import { OperatingError } from "../model/operating-error.ts";
import { alertKey } from "./alert-key.ts";
import { type DecisionContext, decideAlert } from "./decide-alert.ts";
import { isEvidenceOver } from "./forget-evidence.ts";
import { HeldBack } from "./held-back.ts";
import { type Crowd, crowdsOf, isRollUp } from "./roll-up.ts";
import {
  ACKNOWLEDGEMENT_OVER,
  exceptAlert,
  isAcknowledgementOver,
  RETRACTED,
  raiseAlert,
  type StepContext,
  seeAlert,
} from "./see-alert.ts";
import { gather, type Sighting, toSighting } from "./sighting.ts";
import { move, type Step, SYSTEM, toChanges } from "./transition.ts";

const DAY_MS = 86_400_000;
const RESOLVE_AFTER_MS = 7 * DAY_MS;
const PREFIX_CHARACTERS_MIN = 4;
/** One step of forgetting evidence, so that many alerts of one day do not hold up a commit. */
const BARED_AT_ONCE_MAX = 500;

/** What an alert book starts from. */
export type AlertBookOptions = {
  /** All that are stored, whatever their status. */
  readonly alerts: readonly Alert[];
  readonly newId: (nowMs: number) => string;
  /** An alert that was not seen for so long resolves by itself; 7 days unless said otherwise. */
  readonly resolveAfterMs?: number;
};

/**
 * All alerts, and what findings, decisions and time make of them.
 * `apply`, `reconsider`, `decide` and `expire` only compute changes; the book stays as it was until `keep`. So:
 * compute, commit to the store, keep; a commit that failed is forgotten by not keeping. Changes are computed from the
 * book as it is, so keep (or forget) one step's changes before asking for the next.
 */
export class AlertBook {
  readonly #byKey = new Map<string, Alert>();
  readonly #keyById = new Map<string, string>();
  /** Keys of the alerts that want a person, roll-ups aside, by each crowd they belong to. */
  readonly #openKeys = new Map<string, Set<string>>();
  readonly #heldBack = new HeldBack();
  readonly #newId: (nowMs: number) => string;
  readonly #resolveAfterMs: number;

  constructor(options: AlertBookOptions) {
    this.#newId = options.newId;
    this.#resolveAfterMs = options.resolveAfterMs ?? RESOLVE_AFTER_MS;
    this.keep({ alerts: options.alerts, audit: [] });
  }

  /** Makes changes that this book computed its new state. */
  keep(changes: AlertChanges): void {
    for (const alert of changes.alerts) {
      this.#keepCrowds(alert);
      this.#byKey.set(alert.key, alert);
      this.#keyById.set(alert.id, alert.key);
    }
  }

  /** What hits make of the alerts, whatever order they come in; only those that change are returned. */
  apply(hits: readonly FindingHit[], context: StepContext): AlertChanges {
    const steps: Step[] = [];
    for (const [key, sighting] of this.#sightings(hits)) {
      const alert = this.#byKey.get(key);
      if (alert !== undefined) steps.push(seeAlert(alert, sighting, context));
      else if (isWorthRaising(sighting)) steps.push(raiseAlert(key, this.#newId(context.nowMs), sighting, context));
    }
    return toChanges(steps);
  }

  /**
   * After a baseline was loaded: accepts the alerts that want a person and whose finding no longer comes back.
   * A roll-up has no finding of its own to come back; it resolves when nothing adds to it any more.
   */
  reconsider(isStillDrift: (alert: Alert) => boolean, context: StepContext): AlertChanges {
    const reason = "the loaded baseline covers it";
    const covered = [...this.#byKey.values()].filter(
      (alert) => isPending(alert) && !isRollUp(alert) && !isStillDrift(alert),
    );
    return toChanges(
      covered.map((alert) =>
        move(
          { ...alert, baselineRevision: context.baselineRevision, isRegression: false },
          { to: "accepted", atMs: context.nowMs, actor: SYSTEM, action: "accept", reason },
        ),
      ),
    );
  }

  /** After a baseline was loaded, and before {@link reconsider}: takes from people what an exception allows. */
  except(exceptionOf: (alert: Alert) => string | null, { nowMs }: StepContext): AlertChanges {
    const waiting = [...this.#byKey.values()].filter((alert) => isPending(alert) && !isRollUp(alert));
    const steps = waiting.flatMap((alert) => {
      const exception = exceptionOf(alert);
      return exception === null ? [] : [exceptAlert(alert, exception, nowMs)];
    });
    return toChanges(steps);
  }

  /** What a person's decision makes of one alert. Throws `not-found`, `conflict` or `bad-argument`, with the way out. */
  decide(idOrKey: string, decision: Decision, context: DecisionContext): AlertChanges {
    const alert = this.get(idOrKey);
    if (alert === null) {
      const expected = "expected the id of an alert, a unique prefix of it (4 or more characters) or its key";
      throw new OperatingError(
        "not-found",
        `cannot find alert ${idOrKey}: ${expected}; \`trustdrift alerts list\` shows them`,
      );
    }
    return toChanges([decideAlert(alert, decision, context)]);
  }

  /** What the passing of time makes of the alerts that want a person, and of the evidence of some that do not. */
  expire(nowMs: number): AlertChanges {
    const waiting = [...this.#byKey.values()].filter(wantsPerson);
    const steps = waiting.flatMap((alert) => this.#expireOne(alert, nowMs) ?? []);
    return toChanges([...steps, ...this.#bareSome(nowMs)]);
  }

  /** The alert with this id, key, or unique prefix of an id (4 or more characters, in either case); null for none. */
  get(idOrKey: string): Alert | null {
    const key = this.#keyById.get(idOrKey) ?? idOrKey;
    return this.#byKey.get(key) ?? this.#getByPrefix(idOrKey.toUpperCase());
  }

  /** When an exception held something back last, by its id; 0 for never. */
  exceptionUsedMs(id: string): number {
    return this.#heldBack.usedMs(id);
  }

  /** How many alerts are open, by severity. */
  openCounts(): Record<Severity, number> {
    const counts = { info: 0, low: 0, medium: 0, high: 0, critical: 0 };
    for (const alert of this.#byKey.values()) {
      if (alert.status === "open") counts[alert.finding.severity]++;
    }
    return counts;
  }

  #getByPrefix(prefix: string): Alert | null {
    if (prefix.length < PREFIX_CHARACTERS_MIN) return null;
    const [found, another] = [...this.#byKey.values()].filter(({ id }) => id.toUpperCase().startsWith(prefix));
    return found === undefined || another !== undefined ? null : found;
  }

  /** An alert may change its crowds: caller and callee are not part of every rule's key. */
  #keepCrowds(alert: Alert): void {
    const before = this.#byKey.get(alert.key);
    this.#heldBack.keep(before, alert);
    if (before !== undefined && isCounted(before)) {
      for (const { group } of crowdsOf(before.finding)) this.#openKeys.get(group)?.delete(alert.key);
    }
    if (!isCounted(alert)) return;
    for (const { group } of crowdsOf(alert.finding)) {
      const keys = this.#openKeys.get(group) ?? new Set();
      this.#openKeys.set(group, keys.add(alert.key));
    }
  }

  /** The hits by the alert that takes them; new alerts find their places by time and key, not by order. */
  #sightings(hits: readonly FindingHit[]): ReadonlyMap<string, Sighting> {
    const byKey = new Map<string, Sighting>();
    for (const hit of hits) {
      if (!isRecorded(hit.finding)) continue;
      const finding = this.#heldBack.tell(hit.finding);
      gather(byKey, alertKey(finding), toSighting({ ...hit, finding }));
    }
    const routed = new Map<string, Sighting>();
    const places = new Map<string, number>();
    for (const [key, sighting] of [...byKey].sort(byTimeAndKey)) {
      const full = this.#byKey.has(key) ? null : this.#takePlace(sighting, places);
      if (full === null) gather(routed, key, sighting);
      else gatherRolledUp(routed, sighting, full);
    }
    return routed;
  }

  /** The crowd that has no place for another alert; null where it gets one. `places` counts those given in this step. */
  #takePlace(sighting: Sighting, places: Map<string, number>): Crowd | null {
    const crowds = crowdsOf(sighting.finding);
    const taken = (group: string): number => (this.#openKeys.get(group)?.size ?? 0) + (places.get(group) ?? 0);
    const full = crowds.find(({ group, openMax }) => taken(group) >= openMax);
    if (full !== undefined) return full;
    // What is taken back was counted by a roll-up, if by any.
    if (!isWorthRaising(sighting))
      return crowds.find(({ rollUp }) => this.#byKey.has(alertKey(rollUp))) ?? crowds[0] ?? null;
    for (const { group } of crowds) places.set(group, (places.get(group) ?? 0) + 1);
    return null;
  }

  /** Looks no further than it bares: the evidence of each may have to be read first. */
  #bareSome(nowMs: number): readonly Step[] {
    const steps: Step[] = [];
    for (const alert of this.#byKey.values()) {
      if (steps.length === BARED_AT_ONCE_MAX) break;
      if (isEvidenceOver(alert, nowMs)) steps.push({ alert: { ...alert, evidence: [] }, audit: [] });
    }
    return steps;
  }

  #expireOne(alert: Alert, nowMs: number): Step | null {
    const by = { atMs: nowMs, actor: SYSTEM } as const;
    if (isAcknowledgementOver(alert, nowMs) && alert.lastSeenMs >= (alert.acknowledgedUntilMs ?? nowMs)) {
      return move(alert, { ...by, to: "open", action: "reopen", reason: ACKNOWLEDGEMENT_OVER });
    }
    // What a person reopened is given the whole time again.
    const quietMs = nowMs - Math.max(alert.lastSeenMs, alert.statusSinceMs ?? 0);
    if (quietMs < this.#resolveAfterMs) return null;
    const reason = alert.count === 0 ? RETRACTED : `not seen for ${Math.floor(quietMs / DAY_MS)} days`;
    return move(alert, { ...by, to: "resolved", action: alert.count === 0 ? "retract" : "resolve", reason });
  }
}

function isRecorded(finding: Finding): boolean {
  return finding.verdict !== "insufficient-evidence";
}

/** What a baseline may settle: it wants a person, or would. */
function isPending(alert: Alert): boolean {
  return wantsPerson(alert) || alert.status === "proposed";
}

function wantsPerson(alert: Alert): boolean {
  return alert.status === "open" || alert.status === "acknowledged";
}

/** A roll-up stands in no crowd. Proposals and what is excepted have crowds of their own. */
function isCounted(alert: Alert): boolean {
  return (isPending(alert) || alert.status === "excepted") && !isRollUp(alert);
}

/** What was found and, in the same step, retracted again never was. */
function isWorthRaising(sighting: Sighting): boolean {
  return sighting.isFound && !(sighting.isRetracting && sighting.count <= 0);
}

function byTimeAndKey([key, one]: [string, Sighting], [otherKey, other]: [string, Sighting]): number {
  if (one.firstSeenMs !== other.firstSeenMs) return one.firstSeenMs - other.firstSeenMs;
  return key < otherKey ? -1 : 1;
}

function gatherRolledUp(sightings: Map<string, Sighting>, sighting: Sighting, { rollUp }: Crowd): void {
  gather(sightings, alertKey(rollUp), { ...sighting, finding: rollUp, credentials: new Set() });
}
