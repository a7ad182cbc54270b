import type { Shape } from "../model/graph.ts";
import { machineIdentities } from "../model/identity.ts";
import { blastRadiusIncrease, type ReachedThrough, type ReachGrowth } from "./blast-radius-increase.ts";
import { declaredCall } from "./declared-edge.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { Party } from "./party.ts";

const DAY_MS = 86_400_000;
/** What a young collector has not seen yet is no news. */
const WINDOW_MS = 30 * DAY_MS;
const SUBJECTS_MAX = 50_000;
const REACHED_MAX = 10_000;

type Reached = ReachedThrough & { readonly sinceMs: number; readonly isNews: boolean };
type Subject = { readonly of: ReachGrowth["of"]; readonly name: string };

/** Which services accepted calls of each service and identity, and since when. */
export class LearnedReach {
  readonly #reached = new Map<string, Map<string, Reached>>();
  #sinceMs = Number.POSITIVE_INFINITY;

  /** Says since when there are observations; until a whole window has passed, nothing is news. */
  observedSince(ms: number): void {
    this.#sinceMs = Math.min(this.#sinceMs, ms);
  }

  /** Takes in a shape of an earlier run, as known for long. */
  recall(shape: Shape, context: JudgeContext): void {
    this.#add(shape, Number.NEGATIVE_INFINITY, context);
  }

  /** Takes in a new shape; the growths worth telling, where it brings something new within reach. */
  see(shape: Shape, seenMs: number, context: JudgeContext): readonly ReachGrowth[] {
    this.observedSince(seenMs);
    const grown = this.#add(shape, seenMs, context);
    if (seenMs < this.#sinceMs + WINDOW_MS) return [];
    const through = context.names.caller(shape.caller);
    const growths = grown.map(({ of, name }) => {
      const reached = [...(this.#reached.get(keyOf(shape, { of, name }))?.values() ?? [])];
      const isAdded = ({ sinceMs, isNews }: Reached) => isNews && sinceMs > seenMs - DAY_MS;
      const before = reached.filter((each) => !isAdded(each)).map(({ party }) => party);
      const added = reached.filter(isAdded).map(({ party, through: by }) => ({ party, through: by }));
      return { environment: shape.environment, of, subject: name, through, before, added };
    });
    return growths.filter((growth) => blastRadiusIncrease(growth, context).length > 0);
  }

  /** The subjects whose reach is wider for it. */
  #add(shape: Shape, sinceMs: number, { names }: JudgeContext): readonly Subject[] {
    if (shape.outcome !== "ok" || shape.type === "proxied") return [];
    // What only a caller says about whom it called may be a guess, and guesses are taken back.
    if (shape.caller.kind !== "service" || shape.callee.kind !== "service") return [];
    const caller = names.caller(shape.caller);
    const callee = names.callee(shape.callee, shape.environment);
    if (callee.kind !== "service" || callee.name === caller.name) return [];
    // A start recalls all shapes: of what is known for long, nobody asks what declares it.
    const isNews = sinceMs > Number.NEGATIVE_INFINITY && declaredCall(caller, callee) === null;
    const reached = { party: callee, through: caller, sinceMs, isNews };
    return subjectsOf(shape, caller).filter((subject) => this.#reach(keyOf(shape, subject), reached));
  }

  #reach(subject: string, reached: Reached): boolean {
    const known = this.#reached.get(subject);
    if (known === undefined && this.#reached.size >= SUBJECTS_MAX) return false;
    const all = known ?? new Map<string, Reached>();
    if (all.has(reached.party.name) || all.size >= REACHED_MAX) return false;
    this.#reached.set(subject, all.set(reached.party.name, reached));
    return true;
  }
}

function subjectsOf({ credential }: Shape, caller: Party): readonly Subject[] {
  const identities = machineIdentities(credential).map(({ name }) => ({ of: "identity" as const, name }));
  return [{ of: "service", name: caller.name }, ...identities];
}

function keyOf({ environment }: Shape, { of, name }: Subject): string {
  return JSON.stringify([environment, of, name]);
}
