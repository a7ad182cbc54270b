import { type AliasSighting, aliasKey } from "../model/alias.ts";
import type { Baseline } from "../model/baseline.ts";
import type { Facts, NewShape, Relay, ShapeCount, TelemetrySighting } from "../model/facts.ts";
import type { Finding, FindingHit } from "../model/finding.ts";
import type { IdentityUse } from "../model/identity.ts";
import type { CountedShape } from "../model/store.ts";
import { dormantIdentityReactivated } from "./dormant-identity-reactivated.ts";
import { HeldFindings } from "./held-findings.ts";
import { difference, identity } from "./hit-difference.ts";
import { IdentityUses } from "./identity-uses.ts";
import type { JudgeContext } from "./judge-context.ts";
import { judgeShape } from "./judge-shape.ts";
import { JudgedFacts } from "./judged-facts.ts";
import {
  hitsOf,
  holding,
  isSince,
  type Known,
  KnownShapes,
  type NodeIn,
  noteTimes,
  shapePath,
} from "./known-shapes.ts";
import type { Learned, LearnedBook, Taught } from "./learned.ts";
import { LearnedReach } from "./learned-reach.ts";
import { RelayedPaths } from "./relayed-paths.ts";
import { reviewDeclarations } from "./review-declarations.ts";
import { restsOnFacts } from "./rules.ts";
import { sumUpEdges } from "./seen-edges.ts";
import { TelemetryWatch } from "./telemetry-watch.ts";
import { ToldAnswers } from "./told-answers.ts";
import { underDeclarations } from "./under-declarations.ts";

/** What was found on every shape and fact, so that each is judged once per baseline and not once per hop. */
export class Verdicts {
  #context: JudgeContext;
  /** Something was seen that puts known shapes in another light. */
  #isDue = false;
  readonly #shapes = new KnownShapes();
  readonly #facts = new JudgedFacts((hits) => this.#hold(hits));
  readonly #answers = new ToldAnswers(this.#shapes);
  readonly #watch = new TelemetryWatch();
  readonly #reach = new LearnedReach();
  readonly #relayed = new RelayedPaths();
  readonly #uses = new IdentityUses();
  /** The findings that hold under the current baseline. */
  #held = new HeldFindings();
  /** Identities of what this run ever found on facts. */
  readonly #foundOnFacts = new Set<string>();
  /** When an exception was used last, once declarations have been reviewed; before that, nothing is known of them. */
  #exceptionUsedMs: ((id: string) => number) | null = null;

  constructor(context: JudgeContext) {
    this.#context = context;
  }

  /** The baseline that is judged by. */
  get baseline(): Baseline {
    return this.#context.baseline;
  }

  /** From when on the baseline, or what traffic has shown of it, means something else, and all has to be judged again. */
  get untilMs(): number {
    return this.#isDue ? 0 : this.#context.untilMs;
  }

  get revision(): string {
    return this.#context.baseline.revision;
  }

  /** What traffic taught, which goes over to the next baseline. */
  get learned(): Learned {
    return this.#context.learned;
  }

  /** Takes in shapes and other facts from earlier runs, without finding anything new. */
  recall(shapes: readonly CountedShape[], facts: Partial<Facts> = {}): void {
    const { relays = [], services = [] } = facts;
    for (const relay of relays) this.#relayed.add(relay, this.#context);
    this.#facts.tell(facts, this.#context);
    for (const service of services) {
      this.#watch.learn(service, this.#context);
      this.#books((book) => book.learn({ service }));
    }
    for (const { count, lastSeenMs = 0, ...shape } of shapes) {
      this.#shapes.add({ ...shape, findings: null, total: count, firstSeenMs: lastSeenMs, lastSeenMs });
      this.#books((book) => book.learn(shape));
      this.#reach.recall(shape.shape, this.#context);
      this.#uses.recall(shape.shape, lastSeenMs);
      this.#context.successors.note(shape);
    }
  }

  /** Takes in how identities were used in earlier runs; before the shapes. */
  recallUses(uses: readonly IdentityUse[]): void {
    this.#uses.restore(uses);
  }

  /** How identities have been used since, as far as that has to be written. */
  takeUses(): readonly IdentityUse[] {
    return this.#uses.take();
  }

  /** Says since when the store holds observations: a young one makes no news of what it has not seen yet. */
  observedSince(ms: number): void {
    this.#reach.observedSince(ms);
  }

  /** What the passing of time makes of the services that were heard; something new at most once an hour. */
  pass(nowMs: number): readonly FindingHit[] {
    const hits = this.#watch.pass(nowMs, this.#context).map((finding) => this.#hitNow(finding, nowMs));
    this.#hold(hits);
    return hits;
  }

  /** What the facts amount to. */
  judge(facts: Facts): FindingHit[] {
    // Who sent comes first: what somebody sends in another's name teaches nothing.
    const hits = [...this.#tellTelemetry(facts.telemetry)];
    hits.push(...this.#learnAliases(facts.aliases));
    for (const service of facts.services) {
      this.#watch.learn(service, this.#context);
      hits.push(...this.#learn({ service }, service.seenMs));
    }
    const times = facts.newShapes.length === 0 ? NO_TIMES : timesOf(facts.counts);
    for (const found of facts.newShapes) {
      if (this.#shapes.get(found.shape.key) !== undefined) continue;
      const seenMs = times.get(found.shape.key) ?? found.evidence.atMs;
      hits.push(...this.#learn(found, seenMs));
      if (this.#context.successors.note(found)) this.#isDue = true;
      this.#addShape(found);
      hits.push(...this.#seeReach(found, times.get(found.shape.key)));
    }
    for (const count of facts.counts) hits.push(...this.#countHops(count));
    hits.push(
      ...this.#facts.tell({ ...facts, telemetry: [] }, this.#context),
      ...facts.relays.flatMap((relay) => this.#subsume(relay)),
    );
    const answers = facts.aliases.flatMap((sighting) => this.#answers.tell(sighting, this.#context));
    this.#hold(answers.filter(({ count }) => count > 0));
    return [...hits, ...answers];
  }

  /** Judges everything that is known again, under another baseline; the hits are all that holds, without new traffic. */
  rejudge(context: JudgeContext, nowMs: number): FindingHit[] {
    this.#context = context;
    this.#isDue = false;
    for (const known of this.#shapes.all()) context.successors.note(known);
    this.#held = new HeldFindings();
    context.learned.disputed.clear();
    this.#relayed.clear();
    // Relays first: they decide which mismatches are part of something worse.
    for (const relay of this.#facts.relays()) this.#relayed.add(relay, context);
    const hits = [...this.#facts.rejudge(context)];
    const onTime = this.#watch.again(context).map((finding) => this.#hitNow(finding, nowMs));
    hits.push(...onTime, ...this.#answers.rejudge(context));
    this.#hold(hits);
    for (const known of this.#shapes.all()) {
      this.#judgeShape(known);
      hits.push(...hitsOf(known, nowMs));
    }
    if (this.#exceptionUsedMs !== null) hits.push(...this.review(this.#exceptionUsedMs, nowMs));
    return hits.map((hit) => ({ ...hit, count: 0 }));
  }

  /** What of the baseline nothing shows any more, and who shows nothing; for once a day. */
  review(exceptionUsedMs: (id: string) => number, nowMs: number): readonly FindingHit[] {
    this.#exceptionUsedMs = exceptionUsedMs;
    const context = { ...this.#context, atMs: nowMs };
    const findings = reviewDeclarations(sumUpEdges(this.#shapes.all()), exceptionUsedMs, context);
    const seen = { count: 0, firstSeenMs: nowMs, lastSeenMs: nowMs, evidence: null };
    const hits = findings.map((finding) => ({ ...seen, finding }));
    this.#hold(hits);
    return hits;
  }

  /**
   * Whether a finding still stands after {@link rejudge}. What rests on facts of an earlier run that are not kept cannot
   * be judged again, so it stands until its traffic ends.
   */
  stands(finding: Finding): boolean {
    if (this.#held.isDrift(finding)) return true;
    return restsOnFacts(finding.rule) && !this.#foundOnFacts.has(identity(finding));
  }

  /** The exception that allows all of a finding; null where none does. */
  exceptionOf(finding: Finding): string | null {
    return this.#held.isDrift(finding) ? null : this.#held.exceptionOf(finding);
  }

  #addShape(found: NewShape): void {
    const known: Known = { ...found, findings: [], total: 0, firstSeenMs: Number.POSITIVE_INFINITY, lastSeenMs: 0 };
    this.#shapes.add(known);
    this.#judgeShape(known);
  }

  #countHops(count: ShapeCount): FindingHit[] {
    const known = this.#shapes.get(count.shapeKey);
    if (known === undefined) throw new Error("expected a shape to be told before its hops are counted");
    // Without hops, only an estimate was put right.
    if (count.count === 0) return [];
    known.total += count.count;
    if (count.count > 0) noteTimes(known, count);
    const findings = this.#findingsOn(known).filter((finding) => isSince(finding, count.lastSeenMs));
    return [...findings.map((finding) => ({ ...count, finding })), ...this.#seeUse(known, count)];
  }

  /** A shape without a hop was seen at no time of ours: what its spans say of theirs may be months away. */
  #seeReach({ shape, evidence }: NewShape, seenMs: number | undefined): readonly FindingHit[] {
    if (seenMs === undefined) {
      this.#reach.recall(shape, this.#context);
      return [];
    }
    const growths = this.#reach.see(shape, seenMs, this.#context);
    const seen = growths.map((growth) => ({ ...growth, count: 1, seenMs, evidence }));
    return this.#facts.tellGrowths(seen, this.#context);
  }

  #seeUse({ shape }: Known, { count, lastSeenMs, evidence }: ShapeCount): readonly FindingHit[] {
    if (count <= 0 || shape.type === "proxied") return [];
    const again = this.#uses
      .see(shape, lastSeenMs)
      .filter((each) => dormantIdentityReactivated(each, shape, this.#context).length > 0)
      .map((each) => ({ ...each, shape, count, seenMs: lastSeenMs, evidence }));
    return this.#facts.tellReactivations(again, this.#context);
  }

  #findingsOn(known: Known): readonly Finding[] {
    return known.findings ?? this.#judgeShape(known);
  }

  #judgeShape(known: Known): readonly Finding[] {
    const all = judgeShape(known.shape, known.evidence, this.#context).filter(isDrift);
    const findings = underDeclarations(this.#relayed.unhidden(known.shape, all), this.#context);
    known.findings = findings;
    this.#held.add(holding(known));
    for (const finding of holding(known)) if (restsOnFacts(finding.rule)) this.#foundOnFacts.add(identity(finding));
    return findings;
  }

  #books(visit: (book: LearnedBook) => void): void {
    visit(this.learned.visibility);
    visit(this.learned.identities);
    visit(this.learned.datastores);
  }

  /** Judges again the shapes that are seen in another light; the hits take back what no longer holds. */
  #learn(taught: Taught, seenMs: number): FindingHit[] {
    const nodes: NodeIn[] = [];
    this.#books((book) => nodes.push(...book.concernedBy(taught)));
    const concerned = this.#shapes.touching(nodes);
    // What was not asked for yet is judged while everything still means what it did.
    for (const known of concerned) this.#findingsOn(known);
    this.#books((book) => book.learn(taught));
    return concerned.flatMap((known) => this.#judgeAgain(known, seenMs));
  }

  #judgeAgain(known: Known, seenMs: number): FindingHit[] {
    const before = hitsOf(known, seenMs);
    this.#judgeShape(known);
    return difference(before, hitsOf(known, seenMs));
  }

  /** Judges again what names an address that means something else now; the hits take back what no longer holds. */
  #learnAliases(sightings: readonly AliasSighting[]): FindingHit[] {
    const changed = this.learned.aliases.learn(sightings, (changing) => this.#judgeCalled(changing));
    if (changed.size === 0) return [];
    const isChanged = (environment: string, name: string) => changed.has(aliasKey(environment, name));
    const relays = this.#facts.relays().filter(({ environment, next }) => isChanged(environment, next.name));
    for (const relay of relays) this.#relayed.remove(relay);
    for (const relay of relays) this.#relayed.add(relay, this.#context);
    const hits = [...this.#facts.readdress(changed, this.#context)];
    const seenMs = Math.max(...sightings.map(({ lastSeenMs }) => lastSeenMs));
    for (const known of this.#shapes.all()) {
      if (isChanged(known.shape.environment, known.shape.callee.name)) hits.push(...this.#judgeAgain(known, seenMs));
    }
    return hits;
  }

  /** What was not asked for yet is judged while the addresses still mean what they did. */
  #judgeCalled(addresses: ReadonlySet<string>): void {
    for (const known of this.#shapes.all()) {
      if (addresses.has(aliasKey(known.shape.environment, known.shape.callee.name))) this.#findingsOn(known);
    }
  }

  /** Something about a service that no span of now shows: the example is the latest known of it. */
  #hitNow(finding: Finding, nowMs: number): FindingHit {
    const evidence = this.#shapes.exampleOf({ environment: finding.environment, name: finding.callee ?? "" });
    return { finding, count: 1, firstSeenMs: nowMs, lastSeenMs: nowMs, evidence };
  }

  #hold(hits: readonly FindingHit[]): void {
    this.#held.add(hits.map(({ finding }) => finding));
    for (const { finding } of hits) this.#foundOnFacts.add(identity(finding));
    this.learned.disputed.note(hits);
  }

  #tellTelemetry(telemetry: readonly TelemetrySighting[]): readonly FindingHit[] {
    const { disputed } = this.learned;
    const before = disputed.size;
    const hits = this.#facts.tell({ telemetry }, this.#context);
    const seenMs = Math.max(...telemetry.map((sighting) => sighting.seenMs));
    return disputed.size === before ? hits : [...hits, ...this.#openProposals(seenMs)];
  }

  /** What was proposed of a service that turns out to be disputed is for people to look at. */
  #openProposals(seenMs: number): readonly FindingHit[] {
    const { disputed } = this.learned;
    const isDisputed = ({ isProposal, caller }: Finding) =>
      isProposal === true && caller !== null && disputed.has(caller);
    const proposed = [...this.#shapes.all()].filter(({ findings }) => findings?.some(isDisputed));
    return proposed.flatMap((known) => {
      this.#judgeShape(known);
      return hitsOf(known, seenMs).map((hit) => ({ ...hit, count: 0 }));
    });
  }

  /** Takes back what was found on the shapes of a path that turns out to be a relay's. */
  #subsume(relay: Relay): FindingHit[] {
    const path = this.#relayed.news(relay, this.#context);
    if (path === null) return [];
    const { environment, next, seenMs } = relay;
    const concerned = this.#shapes
      .touching([{ environment, name: next.name }])
      .filter(({ shape }) => shapePath(shape) === path);
    for (const known of concerned) this.#findingsOn(known);
    this.#relayed.add(relay, this.#context);
    return concerned.flatMap((known) => this.#judgeAgain(known, seenMs));
  }
}

/** Most commits bring no new shape, and hundreds of counts. */
const NO_TIMES: ReadonlyMap<string, number> = new Map();

/** When the hops of each shape were seen. */
function timesOf(counts: readonly ShapeCount[]): ReadonlyMap<string, number> {
  return new Map(counts.map(({ shapeKey, lastSeenMs }) => [shapeKey, lastSeenMs]));
}

/** What is a row of the posture report only is no reason to raise, count or keep an alert. */
function isDrift({ verdict }: Finding): boolean {
  return verdict !== "insufficient-evidence";
}
