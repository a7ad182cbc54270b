import { type AliasSighting, aliasKey } from "../model/alias.ts";
import type { FindingHit } from "../model/finding.ts";
import { type Answer, answerKey } from "./endpoint-identity-drift.ts";
import { judgeAnswer } from "./judge-answer.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { KnownShapes } from "./known-shapes.ts";
import { factsOf, KEPT_MAX } from "./told-facts.ts";

type Quiet = { count: number; readonly answer: Answer };

const NO_HITS: readonly FindingHit[] = [];

/** Who answered at which address, judged once each and again when the address's own service is heard of there. */
export class ToldAnswers {
  readonly #shapes: KnownShapes;
  /** An answer of which every hop was taken back was none. */
  readonly #told = factsOf<Answer>(answerKey, (answer, context) =>
    answer.count > 0 ? judgeAnswer(answer, context) : [],
  );
  /** Answers as they should be, by address and service: of those only the hops are counted. */
  readonly #quiet = new Map<string, Map<string, Quiet>>();

  /** Examples are taken from the shapes. */
  constructor(shapes: KnownShapes) {
    this.#shapes = shapes;
  }

  /** Takes in what an address book has learned already; the hits make of what was found before what is found now. */
  tell(sighting: AliasSighting, context: JudgeContext): readonly FindingHit[] {
    const { environment, address, service, count, lastSeenMs: seenMs } = sighting;
    const key = aliasKey(environment, address);
    const quiet = this.#quiet.get(key)?.get(service);
    if (quiet !== undefined && count > 0) {
      quiet.count += count;
      return NO_HITS;
    }
    const answer: Answer = { environment, address, service, count, seenMs, evidence: null };
    const answerers = context.learned.aliases.answerers(environment, address);
    // Who is heard there for the first time, or was not heard after all, puts the others in another light.
    const isNews = this.#told.find(answerKey(answer)) === undefined || !answerers.includes(service);
    const hits = this.#wake(key, context);
    hits.push(...this.#told.tell(this.#withExample(answer, context), context));
    if (isNews) hits.push(...this.#tellOthers(answer, answerers, context));
    const { count: all = 0 } = this.#told.find(answerKey(answer)) ?? {};
    if (all > 0 && this.#told.hitsOn(answer).length === 0) this.#silence(key, answer);
    return hits;
  }

  /** All that is found under another baseline. */
  rejudge(context: JudgeContext): readonly FindingHit[] {
    for (const key of [...this.#quiet.keys()]) this.#wake(key, context);
    return this.#told.all().flatMap((answer) => {
      this.#told.tellAgain(this.#withExample(answer, context), context);
      return this.#told.hitsOn(answer);
    });
  }

  #tellOthers(answer: Answer, answerers: readonly string[], context: JudgeContext): readonly FindingHit[] {
    return answerers.flatMap((service) => {
      const known = service === answer.service ? undefined : this.#told.find(answerKey({ ...answer, service }));
      return known === undefined ? [] : this.#told.tellAgain(this.#withExample(known, context), context);
    });
  }

  #silence(key: string, answer: Answer): void {
    const known = this.#quiet.get(key);
    if (known === undefined && this.#quiet.size >= KEPT_MAX) return;
    this.#quiet.set(key, (known ?? new Map<string, Quiet>()).set(answer.service, { count: 0, answer }));
  }

  /** Tells of the hops that were only counted, at an address where something may be found from now on. */
  #wake(key: string, context: JudgeContext): FindingHit[] {
    const woken = [...(this.#quiet.get(key)?.values() ?? [])];
    this.#quiet.delete(key);
    return woken.flatMap(({ answer, count }) =>
      this.#told.tell(this.#withExample({ ...answer, count }, context), context),
    );
  }

  /** Most answers are as they should be, and need none. */
  #withExample(answer: Answer, context: JudgeContext): Answer {
    if (judgeAnswer(answer, context).length === 0) return answer;
    const evidence = this.#shapes.exampleOf({ environment: answer.environment, name: answer.service });
    return { ...answer, evidence };
  }
}
