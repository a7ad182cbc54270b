import { type AliasSighting, aliasKey } from "../model/alias.ts";
import {
  type Facts,
  type NewShape,
  type Presentation,
  type PresentationPair,
  pairKey,
  type Relay,
  relayKey,
  type ShapeCount,
} from "../model/facts.ts";
import type { Finding, FindingHit, RuleId } from "../model/finding.ts";
import type { Evidence, GraphNode, Shape } from "../model/graph.ts";
import type { CountedShape } from "../model/store.ts";
import type { JudgeContext } from "./judge-context.ts";
import { judgePresentation } from "./judge-presentation.ts";
import { judgeRelay } from "./judge-relay.ts";
import { judgeShape } from "./judge-shape.ts";
import type { LearnedAliases } from "./learned-aliases.ts";

type Judged = { readonly finding: Finding; readonly evidence: Evidence };
/**
 * `total` counts the hops, those of earlier runs among them, so that they can be taken back. `findings` are null until
 * somebody asks: at a start there are many shapes, and most are never seen again.
 */
type Known = NewShape & { findings: readonly Finding[] | null; total: number };
/** A fact about credentials, its counts those of all times it was told, and what it amounts to. */
type Told<Fact> = { readonly fact: Fact; readonly hits: readonly FindingHit[] };

/** The rules on what one credential does on several hops. */
const ON_PAIRS: readonly RuleId[] = ["token-relayed", "token-relayed-past-audience", "token-multi-presenter"];

/** Pairs of credentials and relays that are kept to be judged again when the baseline changes. */
export const KEPT_MAX = 10_000;

/** What was found on every shape, so that a shape is judged once per baseline and not once per hop. */
export class Verdicts {
  #context: JudgeContext;
  readonly #shapes = new Map<string, Known>();
  readonly #presentations = new Map<string, Told<Presentation>>();
  readonly #relays = new Map<string, Told<Relay>>();
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

  /** What spans taught of addresses, which goes over to the next baseline. */
  get aliases(): LearnedAliases {
    return this.#context.aliases;
  }

  /** Takes in shapes and relays from earlier runs, without finding anything new. */
  recall(shapes: readonly CountedShape[], relays: readonly Relay[] = []): void {
    for (const relay of relays) {
      this.#judgeRelay(relay);
      if (this.#isPastAudience(relay)) this.#pastAudience.add(relayPath(relay));
    }
    for (const { count, ...shape } of shapes) {
      this.#shapes.set(shape.shape.key, { ...shape, findings: null, total: count });
    }
  }

  /** Takes in pairs of credentials from earlier runs, likewise. */
  recallPresentations(presentations: readonly Presentation[]): void {
    for (const presentation of presentations) this.#judgePresentation(presentation);
  }

  /** What the facts amount to. */
  judge(facts: Facts): FindingHit[] {
    const hits = this.#learnAliases(facts.aliases);
    for (const shape of facts.newShapes) {
      if (!this.#shapes.has(shape.shape.key)) this.#learn({ ...shape, findings: [], total: 0 });
    }
    for (const count of facts.counts) hits.push(...this.#countHops(count));
    for (const relay of facts.relays) hits.push(...this.#judgeRelay(relay), ...this.#subsume(relay));
    for (const presentation of facts.presentations) {
      // A use that comes late and was earlier may show that what was found is innocent.
      const before = this.#presentations.get(presentation.fingerprint)?.hits ?? [];
      hits.push(...difference(before, this.#judgePresentation(presentation)));
    }
    return hits;
  }

  #countHops(count: ShapeCount): FindingHit[] {
    const known = this.#shapes.get(count.shapeKey);
    if (known === undefined) throw new Error("expected a shape to be told before its hops are counted");
    // Without hops, only an estimate was put right.
    if (count.count === 0) return [];
    known.total += count.count;
    return this.#findingsOn(known).map((finding) => ({ ...count, finding }));
  }

  /** Judges everything that is known again, under another baseline; the hits are all that holds, without new traffic. */
  rejudge(context: JudgeContext, nowMs: number): FindingHit[] {
    this.#context = context;
    this.#holding = new Set();
    this.#pastAudience.clear();
    const hits: FindingHit[] = [];
    // Relays first: they decide which mismatches are part of something worse.
    for (const { fact } of [...this.#relays.values()]) hits.push(...this.#rejudgeRelay(fact));
    for (const { fact } of [...this.#presentations.values()]) hits.push(...this.#rejudgePresentation(fact));
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

  #findingsOn(known: Known): readonly Finding[] {
    return known.findings ?? this.#judgeShape(known);
  }

  #judgeShape(known: Known): readonly Finding[] {
    const all = judgeShape(known.shape, known.evidence, this.#context);
    const findings = this.#pastAudience.has(shapePath(known.shape)) ? all.filter(isNoMismatch) : all;
    known.findings = findings;
    for (const finding of holding(known)) this.#holding.add(identity(finding));
    return findings;
  }

  /** Judges again what names an address that means something else now; the hits take back what no longer holds. */
  #learnAliases(sightings: readonly AliasSighting[]): FindingHit[] {
    const changed = this.aliases.learn(sightings, (changing) => this.#judgeCalled(changing));
    if (changed.size === 0) return [];
    const isChanged = (environment: string, node: GraphNode) => changed.has(aliasKey(environment, node.name));
    const relays = [...this.#relays.values()].filter(({ fact }) => isChanged(fact.environment, fact.next));
    for (const { fact } of relays) this.#pastAudience.delete(relayPath(fact));
    const hits = relays.flatMap(({ fact, hits: before }) => {
      this.#rejudgeRelay(fact);
      return difference(before, this.#relays.get(relayKey(fact))?.hits ?? []);
    });
    for (const { fact, hits: before } of [...this.#presentations.values()]) {
      if (!fact.pairs.some(({ environment, recipient }) => isChanged(environment, recipient))) continue;
      this.#rejudgePresentation(fact);
      hits.push(...difference(before, this.#presentations.get(fact.fingerprint)?.hits ?? []));
    }
    const seenMs = Math.max(...sightings.map(({ lastSeenMs }) => lastSeenMs));
    for (const known of this.#shapes.values()) {
      if (!isChanged(known.shape.environment, known.shape.callee)) continue;
      const before = hitsOf(known, seenMs);
      this.#judgeShape(known);
      hits.push(...difference(before, hitsOf(known, seenMs)));
    }
    return hits;
  }

  /** What was not asked for yet is judged while the addresses still mean what they did. */
  #judgeCalled(addresses: ReadonlySet<string>): void {
    for (const known of this.#shapes.values()) {
      if (addresses.has(aliasKey(known.shape.environment, known.shape.callee.name))) this.#findingsOn(known);
    }
  }

  #rejudgeRelay(fact: Relay): FindingHit[] {
    if (this.#isPastAudience(fact)) this.#pastAudience.add(relayPath(fact));
    return this.#judgeRelay({ ...fact, count: 0 });
  }

  #rejudgePresentation(fact: Presentation): FindingHit[] {
    return this.#judgePresentation({ ...fact, pairs: fact.pairs.map((pair) => ({ ...pair, count: 0 })) });
  }

  #judgeRelay(relay: Relay): FindingHit[] {
    const key = relayKey(relay);
    const { count, seenMs, evidence } = relay;
    const fact = { ...relay, count: count + (this.#relays.get(key)?.fact.count ?? 0) };
    const hits = judgeRelay(fact, this.#context).map((finding) =>
      this.#hold({ finding, count: fact.count, firstSeenMs: seenMs, lastSeenMs: seenMs, evidence }),
    );
    keep(this.#relays, key, { fact, hits });
    return hits.map((hit) => ({ ...hit, count }));
  }

  /** Takes back what was found of a mismatch on a path that turns out to be a relay past the audience. */
  #subsume(relay: Relay): FindingHit[] {
    const path = relayPath(relay);
    if (this.#pastAudience.has(path) || !this.#isPastAudience(relay)) return [];
    const hits: FindingHit[] = [];
    for (const known of this.#shapes.values()) {
      if (shapePath(known.shape) !== path) continue;
      const { total } = known;
      const findings = this.#findingsOn(known);
      const mismatches = findings.filter((finding) => !isNoMismatch(finding));
      known.findings = findings.filter(isNoMismatch);
      const { seenMs, evidence } = relay;
      // Of hops that were all taken back, nothing was given out, and "found, no times" would raise it.
      for (const finding of total > 0 ? mismatches : []) {
        hits.push({ finding, count: -total, firstSeenMs: seenMs, lastSeenMs: seenMs, evidence });
      }
    }
    this.#pastAudience.add(path);
    return hits;
  }

  #isPastAudience(relay: Relay): boolean {
    return judgeRelay(relay, this.#context).some(({ rule }) => rule === "token-relayed-past-audience");
  }

  /** The hits count all hops that were ever told. */
  #judgePresentation(presentation: Presentation): FindingHit[] {
    const { fingerprint, seenMs } = presentation;
    const fact = addCounts(this.#presentations.get(fingerprint)?.fact, presentation);
    const hits = judgePresentation(fact, this.#context).map(({ finding, evidence }) => {
      const count = countOf(fact.pairs, evidence);
      return this.#hold({ finding, evidence, count, firstSeenMs: seenMs, lastSeenMs: seenMs });
    });
    keep(this.#presentations, fingerprint, { fact, hits });
    return hits;
  }

  #hold(hit: FindingHit): FindingHit {
    this.#holding.add(identity(hit.finding));
    this.#foundOnPairs.add(identity(hit.finding));
    return hit;
  }
}

/** What is found on a shape that has hops: those of a guess that was taken back never happened. */
function holding({ findings, total }: Known): readonly Finding[] {
  return total > 0 ? (findings ?? []) : [];
}

function hitsOf(known: Known, seenMs: number): FindingHit[] {
  const { evidence, total } = known;
  return holding(known).map((finding) => ({
    finding,
    evidence,
    count: total,
    firstSeenMs: seenMs,
    lastSeenMs: seenMs,
  }));
}

/** The hits that make of one state the other: what only the first has is taken back. */
function difference(before: readonly FindingHit[], after: readonly FindingHit[]): FindingHit[] {
  const changes = new Map<string, FindingHit>();
  for (const hit of after) addHit(changes, hit);
  for (const hit of before) addHit(changes, { ...hit, count: -hit.count });
  return [...changes.values()].filter(({ count }) => count !== 0);
}

function addHit(changes: Map<string, FindingHit>, hit: FindingHit): void {
  const known = changes.get(identity(hit.finding)) ?? { ...hit, count: 0 };
  changes.set(identity(hit.finding), { ...known, count: known.count + hit.count });
}

/** A fingerprint's pairs with the hops of all times they were told. */
function addCounts(known: Presentation | undefined, presentation: Presentation): Presentation {
  const counts = new Map((known?.pairs ?? []).map((pair) => [pairKey(pair), pair.count]));
  const pairs = presentation.pairs.map((pair) => ({ ...pair, count: pair.count + (counts.get(pairKey(pair)) ?? 0) }));
  return { ...presentation, pairs };
}

function countOf(pairs: readonly PresentationPair[], evidence: Evidence): number {
  return pairs.find((pair) => pair.evidence === evidence)?.count ?? 1;
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
