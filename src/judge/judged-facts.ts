import { aliasKey } from "../model/alias.ts";
import {
  type Exchange,
  exchangeKey,
  type Facts,
  type Presentation,
  type PresentationPair,
  pairKey,
  type Relay,
  type Reuse,
  relayKey,
  reuseKey,
  type TelemetrySighting,
  telemetryKey,
} from "../model/facts.ts";
import type { FindingHit } from "../model/finding.ts";
import type { Evidence, GraphNode, Shape } from "../model/graph.ts";
import { blastRadiusIncrease, growthUnder, type ReachGrowth } from "./blast-radius-increase.ts";
import { dormantIdentityReactivated } from "./dormant-identity-reactivated.ts";
import type { Reactivation } from "./identity-uses.ts";
import type { JudgeContext } from "./judge-context.ts";
import { judgeExchange } from "./judge-exchange.ts";
import { judgePresentation } from "./judge-presentation.ts";
import { judgeRelay } from "./judge-relay.ts";
import { judgeReuse } from "./judge-reuse.ts";
import { judgeTelemetry } from "./judge-telemetry.ts";
import { factsOf, ToldFacts } from "./told-facts.ts";
import { underDeclarations } from "./under-declarations.ts";

/** What stands on a fact after it was told, whatever of it is news. */
type Hold = (hits: readonly FindingHit[]) => void;

type Seen = { readonly count: number; readonly seenMs: number; readonly evidence: Evidence | null };
/** The reach of somebody that grew. */
export type SeenGrowth = ReachGrowth & Seen;
/** Somebody who came back, with the shape that showed it. */
export type SeenReactivation = Reactivation & Seen & { readonly shape: Shape };

/** Everything found on more than one hop: who passed tokens on, swapped, reused and shared them, and telemetry itself. */
export class JudgedFacts {
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
  readonly #growths = factsOf<SeenGrowth>(
    ({ environment, of, subject }) => JSON.stringify([environment, of, subject]),
    (growth, context) => blastRadiusIncrease(growthUnder(growth, context), context),
  );
  readonly #reactivations = factsOf<SeenReactivation>(
    ({ before, shape }) => JSON.stringify([shape.environment, before.identity]),
    ({ shape, ...again }, context) => dormantIdentityReactivated(again, shape, context),
  );
  /** Apart, so that names that somebody makes up take nobody else's place. */
  readonly #senders = factsOf<TelemetrySighting>(telemetryKey, judgeTelemetry);
  readonly #hold: Hold;

  /** `hold` is told what stands on each fact that is judged. */
  constructor(hold: Hold) {
    this.#hold = hold;
  }

  relays(): readonly Relay[] {
    return this.#relays.all();
  }

  /** Takes facts in; the hits make of what was found before what is found now. */
  tell(facts: Partial<Facts>, context: JudgeContext): readonly FindingHit[] {
    return [
      ...this.#tellAll(this.#relays, facts.relays, context),
      // A use that comes late and was earlier may show that what was found is innocent.
      ...this.#tellAll(this.#presentations, facts.presentations, context),
      ...this.#tellAll(this.#exchanges, facts.exchanges, context),
      ...this.#tellAll(this.#reuses, facts.reuses, context),
      ...this.#tellAll(this.#telemetry, facts.telemetry?.filter(isOdd), context),
      ...this.#tellAll(
        this.#senders,
        facts.telemetry?.filter((sighting) => !isOdd(sighting)),
        context,
      ),
    ];
  }

  /** Takes in whose reach grew; only what is worth telling. */
  tellGrowths(growths: readonly SeenGrowth[], context: JudgeContext): readonly FindingHit[] {
    return this.#tellAll(this.#growths, growths, context);
  }

  /** Takes in who came back; only what is worth telling. */
  tellReactivations(again: readonly SeenReactivation[], context: JudgeContext): readonly FindingHit[] {
    return this.#tellAll(this.#reactivations, again, context);
  }

  /** All that is found under another baseline. */
  rejudge(context: JudgeContext): readonly FindingHit[] {
    return [
      ...this.#rejudgeAll(this.#relays, context),
      ...this.#rejudgeAll(this.#presentations, context),
      ...this.#rejudgeAll(this.#exchanges, context),
      ...this.#rejudgeAll(this.#reuses, context),
      ...this.#rejudgeAll(this.#telemetry, context),
      ...this.#rejudgeAll(this.#growths, context),
      ...this.#rejudgeAll(this.#reactivations, context),
      ...this.#rejudgeAll(this.#senders, context),
    ];
  }

  /** Judges again what names an address, by its alias key, that means something else now. */
  readdress(changed: ReadonlySet<string>, context: JudgeContext): readonly FindingHit[] {
    const isChanged = (environment: string, node: GraphNode) => changed.has(aliasKey(environment, node.name));
    const isNext = ({ environment, next }: Relay | Exchange) => isChanged(environment, next);
    const isRecipient = ({ environment, recipient }: PresentationPair) => isChanged(environment, recipient);
    return [
      ...this.#again(this.#relays, isNext, context),
      ...this.#again(this.#exchanges, isNext, context),
      ...this.#again(this.#presentations, ({ pairs }) => pairs.some(isRecipient), context),
    ];
  }

  #again<Fact extends { readonly seenMs: number }>(
    facts: ToldFacts<Fact>,
    isConcerned: (fact: Fact) => boolean,
    context: JudgeContext,
  ): readonly FindingHit[] {
    return facts
      .all()
      .filter(isConcerned)
      .flatMap((fact) => this.#holding(facts, fact, facts.tellAgain(fact, context)));
  }

  #rejudgeAll<Fact extends { readonly seenMs: number }>(
    facts: ToldFacts<Fact>,
    context: JudgeContext,
  ): readonly FindingHit[] {
    this.#again(facts, () => true, context);
    return facts.all().flatMap((fact) => facts.hitsOn(fact));
  }

  #tellAll<Fact extends { readonly seenMs: number }>(
    facts: ToldFacts<Fact>,
    told: readonly Fact[] | undefined,
    context: JudgeContext,
  ): readonly FindingHit[] {
    return told?.flatMap((fact) => this.#holding(facts, fact, facts.tell(fact, context))) ?? [];
  }

  #holding<Fact extends { readonly seenMs: number }>(
    facts: ToldFacts<Fact>,
    fact: Fact,
    changes: readonly FindingHit[],
  ): readonly FindingHit[] {
    this.#hold(facts.hitsOn(fact));
    return changes;
  }
}

/** Who sent what is told of all telemetry, the rest of what is odd about it. */
function isOdd({ kind }: TelemetrySighting): boolean {
  return kind !== "sender";
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
