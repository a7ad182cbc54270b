import type { Facts, NewShape, Presentation, Relay } from "../model/facts.ts";
import type { Finding, FindingHit, RuleId } from "../model/finding.ts";
import type { Evidence, Shape } from "../model/graph.ts";
import type { CountedShape } from "../model/store.ts";
import type { JudgeContext } from "./judge-context.ts";
import { judgePresentation } from "./judge-presentation.ts";
import { judgeRelay } from "./judge-relay.ts";
import { judgeShape } from "./judge-shape.ts";

type Judged = { readonly finding: Finding; readonly evidence: Evidence };
/** `total` counts the hops, those of earlier runs among them, so that they can be taken back. */
type Known = NewShape & { findings: readonly Finding[]; total: number };

/** The rules on what one credential does on several hops. */
const ON_PAIRS: readonly RuleId[] = ["token-relayed", "token-relayed-past-audience", "token-multi-presenter"];

/** Pairs of credentials and relays that are kept to be judged again when the baseline changes. */
const KEPT_MAX = 10_000;

/** What was found on every shape, so that a shape is judged once per baseline and not once per hop. */
export class Verdicts {
  #context: JudgeContext;
  readonly #shapes = new Map<string, Known>();
  readonly #presentations = new Map<string, Presentation>();
  readonly #relays = new Map<string, Relay>();
  /** Paths and credentials on which `token-relayed-past-audience` was found: it says all that the mismatch would. */
  readonly #pastAudience = new Set<string>();
  /** Identities of the findings that hold under the current baseline. */
  #holding = new Set<string>();
  /** Identities of what this run ever found on pairs and relays. */
  readonly #foundOnPairs = new Set<string>();

  constructor(context: JudgeContext) {
    this.#context = context;
  }

  get revision(): string {
    return this.#context.baseline.revision;
  }

  /** Takes in shapes from earlier runs, without finding anything new. */
  recall(shapes: readonly CountedShape[]): void {
    for (const { count, ...shape } of shapes) this.#learn({ ...shape, findings: [], total: count });
  }

  /** What the facts amount to. */
  judge(facts: Facts): FindingHit[] {
    for (const shape of facts.newShapes) {
      if (!this.#shapes.has(shape.shape.key)) this.#learn({ ...shape, findings: [], total: 0 });
    }
    const hits: FindingHit[] = [];
    for (const count of facts.counts) {
      const known = this.#shapes.get(count.shapeKey);
      if (known === undefined) continue;
      known.total += count.count;
      for (const finding of known.findings) hits.push({ ...count, finding });
    }
    for (const relay of facts.relays) hits.push(...this.#judgeRelay(relay), ...this.#subsume(relay));
    for (const presentation of facts.presentations) hits.push(...this.#judgePresentation(presentation));
    return hits;
  }

  /** Judges everything that is known again, under another baseline; the hits are all that holds, without new traffic. */
  rejudge(context: JudgeContext, nowMs: number): FindingHit[] {
    this.#context = context;
    this.#holding = new Set();
    this.#pastAudience.clear();
    const hits: FindingHit[] = [];
    // Relays first: they decide which mismatches are part of something worse.
    for (const relay of [...this.#relays.values()]) {
      if (this.#isPastAudience(relay)) this.#pastAudience.add(relayPath(relay));
      hits.push(...this.#judgeRelay({ ...relay, count: 0 }));
    }
    for (const presentation of [...this.#presentations.values()]) hits.push(...this.#judgePresentation(presentation));
    for (const known of this.#shapes.values()) {
      this.#judgeShape(known);
      for (const finding of holding(known)) hits.push(withoutTraffic({ finding, evidence: known.evidence }, nowMs));
    }
    return hits.map((hit) => ({ ...hit, count: 0 }));
  }

  /**
   * Whether a finding still stands after {@link rejudge}. What rests on credential pairs of an earlier run cannot be
   * judged again, so it stands until its traffic ends.
   */
  stands(finding: Finding): boolean {
    if (this.#holding.has(identity(finding))) return true;
    return ON_PAIRS.includes(finding.rule) && !this.#foundOnPairs.has(identity(finding));
  }

  #learn(known: Known): void {
    this.#shapes.set(known.shape.key, known);
    this.#judgeShape(known);
  }

  #judgeShape(known: Known): void {
    const findings = judgeShape(known.shape, known.evidence, this.#context);
    known.findings = this.#pastAudience.has(shapePath(known.shape)) ? findings.filter(isNoMismatch) : findings;
    for (const finding of holding(known)) this.#holding.add(identity(finding));
  }

  #judgeRelay(relay: Relay): FindingHit[] {
    const { service, next, operation, credential, outcome, environment } = relay;
    keep(this.#relays, JSON.stringify([environment, service, next, operation, credential, outcome]), relay);
    const { count, seenMs, evidence } = relay;
    return judgeRelay(relay, this.#context).map((finding) =>
      this.#hold({ finding, count, firstSeenMs: seenMs, lastSeenMs: seenMs, evidence }),
    );
  }

  /** Takes back what was found of a mismatch on a path that turns out to be a relay past the audience. */
  #subsume(relay: Relay): FindingHit[] {
    const path = relayPath(relay);
    if (this.#pastAudience.has(path) || !this.#isPastAudience(relay)) return [];
    this.#pastAudience.add(path);
    const hits: FindingHit[] = [];
    for (const known of this.#shapes.values()) {
      if (shapePath(known.shape) !== path) continue;
      const mismatches = known.findings.filter((finding) => !isNoMismatch(finding));
      known.findings = known.findings.filter(isNoMismatch);
      const { seenMs, evidence } = relay;
      for (const finding of mismatches) {
        hits.push({ finding, count: -known.total, firstSeenMs: seenMs, lastSeenMs: seenMs, evidence });
      }
    }
    return hits;
  }

  #isPastAudience(relay: Relay): boolean {
    return judgeRelay(relay, this.#context).some(({ rule }) => rule === "token-relayed-past-audience");
  }

  #judgePresentation(presentation: Presentation): FindingHit[] {
    keep(this.#presentations, presentation.fingerprint, presentation);
    const { seenMs, pairs } = presentation;
    return judgePresentation(presentation, this.#context).map(({ finding, evidence }) => {
      const count = pairs.find((pair) => pair.evidence === evidence)?.count ?? 1;
      return this.#hold({ finding, evidence, count, firstSeenMs: seenMs, lastSeenMs: seenMs });
    });
  }

  #hold(hit: FindingHit): FindingHit {
    this.#holding.add(identity(hit.finding));
    this.#foundOnPairs.add(identity(hit.finding));
    return hit;
  }
}

/** What is found on a shape that has hops: those of a guess that was taken back never happened. */
function holding({ findings, total }: Known): readonly Finding[] {
  return total > 0 ? findings : [];
}

function isNoMismatch({ rule }: Finding): boolean {
  return rule !== "audience-mismatch-accepted";
}

function shapePath({ environment, caller, callee, credential }: Shape): string {
  return JSON.stringify([environment, caller.name, callee.name, credential]);
}

function relayPath({ environment, service, next, credential }: Relay): string {
  return JSON.stringify([environment, service, next.name, credential]);
}

function identity(finding: Finding): string {
  return JSON.stringify([finding.rule, finding.environment, ...finding.keyFields]);
}

function withoutTraffic({ finding, evidence }: Judged, nowMs: number): FindingHit {
  return { finding, evidence, count: 0, firstSeenMs: nowMs, lastSeenMs: nowMs };
}

/** Keeps the newest; the oldest gives way. */
function keep<T>(kept: Map<string, T>, key: string, value: T): void {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size <= KEPT_MAX) return;
  const oldest = kept.keys().next();
  if (oldest.done !== true) kept.delete(oldest.value);
}
