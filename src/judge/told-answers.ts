import type { AliasSighting } from "../model/alias.ts";
import type { FindingHit } from "../model/finding.ts";
import { type Answer, answerKey } from "./endpoint-identity-drift.ts";
import { judgeAnswer } from "./judge-answer.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { KnownShapes } from "./known-shapes.ts";
import { factsOf } from "./told-facts.ts";

/** Who answered at which address, judged once each and again when the address's own service is heard of there. */
export class ToldAnswers {
  readonly #shapes: KnownShapes;
  readonly #told = factsOf<Answer>(answerKey, judgeAnswer);

  /** Examples are taken from the shapes. */
  constructor(shapes: KnownShapes) {
    this.#shapes = shapes;
  }

  /** Takes in what an address book has learned already; the hits make of what was found before what is found now. */
  tell(sighting: AliasSighting, context: JudgeContext): readonly FindingHit[] {
    const { environment, address, service, count, lastSeenMs: seenMs } = sighting;
    const at = { environment, address };
    const told = { ...at, service, count, seenMs, evidence: null };
    const isNew = this.#told.find(answerKey(told)) === undefined;
    const hits = [...this.#told.tell(this.#withExample(told, context), context)];
    for (const other of isNew ? context.learned.aliases.answerers(environment, address) : []) {
      const known = other === service ? undefined : this.#told.find(answerKey({ ...at, service: other }));
      if (known !== undefined) hits.push(...this.#told.tellAgain(this.#withExample(known, context), context));
    }
    return hits;
  }

  /** All that is found under another baseline. */
  rejudge(context: JudgeContext): readonly FindingHit[] {
    return this.#told.all().flatMap((answer) => {
      this.#told.tellAgain(this.#withExample(answer, context), context);
      return this.#told.hitsOn(answer);
    });
  }

  /** Most answers are as they should be, and need none. */
  #withExample(answer: Answer, context: JudgeContext): Answer {
    if (judgeAnswer(answer, context).length === 0) return answer;
    const evidence = this.#shapes.exampleOf({ environment: answer.environment, name: answer.service });
    return { ...answer, evidence };
  }
}
