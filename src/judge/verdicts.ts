import { type AliasSighting, aliasKey } from "../model/alias.ts";
import type { Baseline } from "../model/baseline.ts";
import {
  type Exchange,
  exchangeKey,
  type Facts,
  type NewShape,
  type Presentation,
  type PresentationPair,
  pairKey,
  type Relay,
  type Reuse,
  relayKey,
  reuseKey,
  type ShapeCount,
  type TelemetrySighting,
  telemetryKey,
} from "../model/facts.ts";
import type { Finding, FindingHit } from "../model/finding.ts";
import type { Evidence, GraphNode } from "../model/graph.ts";
import type { CountedShape } from "../model/store.ts";
import { difference, identity } from "./hit-difference.ts";
import type { JudgeContext } from "./judge-context.ts";
import { judgeExchange } from "./judge-exchange.ts";
import { judgePresentation } from "./judge-presentation.ts";
import { judgeRelay } from "./judge-relay.ts";
import { judgeReuse } from "./judge-reuse.ts";
import { judgeShape } from "./judge-shape.ts";
import { judgeTelemetry } from "./judge-telemetry.ts";
import { hitsOf, holding, isSince, type Known, KnownShapes, type NodeIn, shapePath } from "./known-shapes.ts";
import type { Learned, Taught } from "./learned.ts";
import { LearnedReach } from "./learned-reach.ts";
import { RelayedPaths } from "./relayed-paths.ts";
import { restsOnFacts } from "./rules.ts";
import { TelemetryWatch } from "./telemetry-watch.ts";
import { ToldAnswers } from "./told-answers.ts";
import { factsOf, ToldFacts } from "./told-facts.ts";
import { underDeclarations } from "./under-declarations.ts";

/** What was found on every shape and fact, so that each is judged once per baseline and not once per hop. */
export class Verdicts {
  #context: JudgeContext;
  readonly #shapes = new KnownShapes();
  readonly #presentations = new ToldFacts<Presentation>({
    key: ({ fingerprint }) => fingerprint,
    merge: mergePairs,
    again: (fact) => ({ ...fact, pairs: fact.pairs.map((pair) => ({ ...pair, count: 0 })) }),
    judge: (fact, context) =>
      judgePresentation(fact, context).flatMap(({ finding, evidence }) =>
        underDeclarations([finding], context).map((told) => ({
          finding: told,
          evidence,
          count: countOf(fact.pairs, evidence),
        })),
      ),
  });
  readonly #relays = factsOf<Relay>(relayKey, judgeRelay);
  readonly #exchanges = factsOf<Exchange>(exchangeKey, judgeExchange);
  readonly #reuses = factsOf<Reuse>(reuseKey, judgeReuse);
  readonly #telemetry = factsOf<TelemetrySighting>(telemetryKey, judgeTelemetry);
  readonly #answers = new ToldAnswers(this.#shapes);
  readonly #watch = new TelemetryWatch();
  readonly #reach = new LearnedReach();
  readonly #relayed = new RelayedPaths();
  /** Identities of the findings that hold under the current baseline. */
  #holding = new Set<string>();
  /** From the identities of those that it excepts to the exception's id. */
  #excepted = new Map<string, string>();
  /** Identities of what this run ever found on facts. */
  readonly #foundOnFacts = new Set<string>();

  constructor(context: JudgeContext) {
    this.#context = context;
  }

  /** The baseline that is judged by. */
  get baseline(): Baseline {
    return this.#context.baseline;
  }

  /** From when on the baseline means something else, and all has to be judged again. */
  get untilMs(): number {
    return this.#context.untilMs;
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
    const { relays = [], presentations = [], exchanges = [], reuses = [], telemetry = [], services = [] } = facts;
    for (const relay of relays) this.#relayed.add(relay, this.#context);
    this.#tellAll(this.#relays, relays);
    this.#tellAll(this.#presentations, presentations);
    this.#tellAll(this.#exchanges, exchanges);
    this.#tellAll(this.#reuses, reuses);
    this.#tellAll(this.#telemetry, telemetry);
    for (const service of services) {
      this.#watch.learn(service, this.#context);
      this.#books((book) => book.learn({ service }));
    }
    for (const { count, lastSeenMs = 0, ...shape } of shapes) {
      this.#shapes.add({ ...shape, findings: null, total: count, lastSeenMs });
      this.#books((book) => book.learn(shape));
      this.#reach.recall(shape.shape, this.#context);
    }
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
    const hits = this.#learnAliases(facts.aliases);
    for (const service of facts.services) {
      this.#watch.learn(service, this.#context);
      hits.push(...this.#learn({ service }, service.seenMs));
    }
    const times = new Map(facts.counts.map(({ shapeKey, lastSeenMs }) => [shapeKey, lastSeenMs]));
    for (const found of facts.newShapes) {
      if (this.#shapes.get(found.shape.key) !== undefined) continue;
      const seenMs = times.get(found.shape.key) ?? found.evidence.atMs;
      hits.push(...this.#learn(found, seenMs));
      this.#addShape(found);
      const { evidence, shape } = found;
      for (const finding of this.#reach.see(shape, seenMs, this.#context)) {
        hits.push({ finding, count: 1, firstSeenMs: seenMs, lastSeenMs: seenMs, evidence });
      }
    }
    for (const count of facts.counts) hits.push(...this.#countHops(count));
    for (const relay of facts.relays) hits.push(...this.#tell(this.#relays, relay), ...this.#subsume(relay));
    // A use that comes late and was earlier may show that what was found is innocent.
    hits.push(...this.#tellAll(this.#presentations, facts.presentations));
    hits.push(...this.#tellAll(this.#exchanges, facts.exchanges));
    hits.push(...this.#tellAll(this.#reuses, facts.reuses));
    hits.push(...this.#tellAll(this.#telemetry, facts.telemetry));
    const answers = facts.aliases.flatMap((sighting) => this.#answers.tell(sighting, this.#context));
    this.#hold(answers.filter(({ count }) => count > 0));
    return [...hits, ...answers];
  }

  /** Judges everything that is known again, under another baseline; the hits are all that holds, without new traffic. */
  rejudge(context: JudgeContext, nowMs: number): FindingHit[] {
    this.#context = context;
    this.#holding = new Set();
    this.#relayed.clear();
    this.#excepted = new Map();
    // Relays first: they decide which mismatches are part of something worse.
    for (const relay of this.#relays.all()) this.#relayed.add(relay, context);
    const hits = [
      ...this.#rejudgeFacts(this.#relays),
      ...this.#rejudgeFacts(this.#presentations),
      ...this.#rejudgeFacts(this.#exchanges),
      ...this.#rejudgeFacts(this.#reuses),
      ...this.#rejudgeFacts(this.#telemetry),
    ];
    const onTime = this.#watch.again(context).map((finding) => this.#hitNow(finding, nowMs));
    hits.push(...onTime, ...this.#answers.rejudge(context));
    this.#hold(hits);
    for (const known of this.#shapes.all()) {
      this.#judgeShape(known);
      hits.push(...hitsOf(known, nowMs));
    }
    return hits.map((hit) => ({ ...hit, count: 0 }));
  }

  /**
   * Whether a finding still stands after {@link rejudge}. What rests on facts of an earlier run that are not kept cannot
   * be judged again, so it stands until its traffic ends.
   */
  stands(finding: Finding): boolean {
    if (this.#holding.has(identity(finding))) return true;
    return restsOnFacts(finding.rule) && !this.#foundOnFacts.has(identity(finding));
  }

  /** The exception that allows all of a finding; null where none does. */
  exceptionOf(finding: Finding): string | null {
    return this.stands(finding) ? null : (this.#excepted.get(identity(finding)) ?? null);
  }

  #addShape(found: NewShape): void {
    const known: Known = { ...found, findings: [], total: 0, lastSeenMs: 0 };
    this.#shapes.add(known);
    this.#judgeShape(known);
  }

  #countHops(count: ShapeCount): FindingHit[] {
    const known = this.#shapes.get(count.shapeKey);
    if (known === undefined) throw new Error("expected a shape to be told before its hops are counted");
    // Without hops, only an estimate was put right.
    if (count.count === 0) return [];
    known.total += count.count;
    if (count.count > 0) known.lastSeenMs = Math.max(known.lastSeenMs, count.lastSeenMs);
    const findings = this.#findingsOn(known).filter((finding) => isSince(finding, count.lastSeenMs));
    return findings.map((finding) => ({ ...count, finding }));
  }

  #findingsOn(known: Known): readonly Finding[] {
    return known.findings ?? this.#judgeShape(known);
  }

  #judgeShape(known: Known): readonly Finding[] {
    const all = judgeShape(known.shape, known.evidence, this.#context).filter(isDrift);
    const findings = underDeclarations(this.#relayed.unhidden(known.shape, all), this.#context);
    known.findings = findings;
    this.#holdAll(holding(known));
    for (const finding of holding(known)) if (restsOnFacts(finding.rule)) this.#foundOnFacts.add(identity(finding));
    return findings;
  }

  #books(visit: (book: Learned["visibility"] | Learned["identities"]) => void): void {
    visit(this.learned.visibility);
    visit(this.learned.identities);
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
    const isChanged = (environment: string, node: GraphNode) => changed.has(aliasKey(environment, node.name));
    const relays = this.#relays.all().filter(({ environment, next }) => isChanged(environment, next));
    for (const relay of relays) this.#relayed.remove(relay);
    const hits = relays.flatMap((relay) => this.#rejudgeRelay(relay));
    for (const exchange of this.#exchanges.all()) {
      if (isChanged(exchange.environment, exchange.next)) hits.push(...this.#tellAgain(this.#exchanges, exchange));
    }
    for (const presentation of this.#presentations.all()) {
      if (!presentation.pairs.some(({ environment, recipient }) => isChanged(environment, recipient))) continue;
      hits.push(...this.#tellAgain(this.#presentations, presentation));
    }
    const seenMs = Math.max(...sightings.map(({ lastSeenMs }) => lastSeenMs));
    for (const known of this.#shapes.all()) {
      if (isChanged(known.shape.environment, known.shape.callee)) hits.push(...this.#judgeAgain(known, seenMs));
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

  #rejudgeRelay(relay: Relay): readonly FindingHit[] {
    this.#relayed.add(relay, this.#context);
    return this.#tellAgain(this.#relays, relay);
  }

  #rejudgeFacts<Fact extends { readonly seenMs: number }>(facts: ToldFacts<Fact>): readonly FindingHit[] {
    return facts.all().flatMap((fact) => {
      this.#tellAgain(facts, fact);
      return facts.hitsOn(fact);
    });
  }

  #tellAll<Fact extends { readonly seenMs: number }>(
    facts: ToldFacts<Fact>,
    told: readonly Fact[],
  ): readonly FindingHit[] {
    return told.flatMap((fact) => this.#tell(facts, fact));
  }

  #tell<Fact extends { readonly seenMs: number }>(facts: ToldFacts<Fact>, fact: Fact): readonly FindingHit[] {
    const changes = facts.tell(fact, this.#context);
    this.#hold(facts.hitsOn(fact));
    return changes;
  }

  #tellAgain<Fact extends { readonly seenMs: number }>(facts: ToldFacts<Fact>, fact: Fact): readonly FindingHit[] {
    const changes = facts.tellAgain(fact, this.#context);
    this.#hold(facts.hitsOn(fact));
    return changes;
  }

  #hold(hits: readonly FindingHit[]): void {
    this.#holdAll(hits.map(({ finding }) => finding));
    for (const { finding } of hits) this.#foundOnFacts.add(identity(finding));
  }

  #holdAll(findings: readonly Finding[]): void {
    for (const finding of findings) {
      if (finding.verdict !== "declared-exception") this.#holding.add(identity(finding));
      else this.#excepted.set(identity(finding), finding.exception ?? "");
    }
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

/** A fingerprint's pairs with the hops of all times they were told. */
function mergePairs(known: Presentation, presentation: Presentation): Presentation {
  const counts = new Map(known.pairs.map((pair) => [pairKey(pair), pair.count]));
  const pairs = presentation.pairs.map((pair) => ({ ...pair, count: pair.count + (counts.get(pairKey(pair)) ?? 0) }));
  return { ...presentation, pairs };
}

function countOf(pairs: readonly PresentationPair[], evidence: Evidence): number {
  return pairs.find((pair) => pair.evidence === evidence)?.count ?? 1;
}

/** What is a row of the posture report only is no reason to raise, count or keep an alert. */
function isDrift({ verdict }: Finding): boolean {
  return verdict !== "insufficient-evidence";
}
