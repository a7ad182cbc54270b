import { drawDeclarations, drawWorld } from "./draw-world.ts";
import type { Plan } from "./plan.ts";
import { makeUp, simulatePlan } from "./simulate.ts";
import { tellSpans } from "./tell-spans.ts";
import type { Call, Trace, Visit } from "./traces.ts";
import type { Manner, World } from "./world.ts";

/** Deliveries that are tried before a smaller world counts as sound. */
const DELIVERIES = 6;
const ATTEMPTS_MAX = 300;

/** The smallest world found that fails as a seed's world does: what is declared, its spans, what is wrong. */
export function shrink(seed: number, manner: Manner = "any"): string {
  const { world, plan } = makeUp(seed, manner);
  const [first] = simulatePlan(seed, world, plan).failures;
  if (first === undefined) return `seed ${seed}: nothing fails`;
  const shrinker = new Shrinker({ seed, world, plan, signature: signatureOf(first) });
  const smallest = shrinker.shrink();
  return [
    `seed ${seed}, shrunk; expiries are in seconds, start times in seconds of the day's last 100`,
    drawDeclarations(world),
    drawWorld(tellSpans(smallest.traces)),
    ...shrinker.failures,
  ].join("\n");
}

type Start = { readonly seed: number; readonly world: World; readonly plan: Plan; readonly signature: string };

class Shrinker {
  readonly #seed: number;
  readonly #world: World;
  readonly #signature: string;
  readonly #protected: ReadonlySet<unknown>;
  #plan: Plan;
  #attempts = 0;
  failures: readonly string[] = [];

  constructor({ seed, world, plan, signature }: Start) {
    this.#seed = seed;
    this.#world = world;
    this.#plan = plan;
    this.#signature = signature;
    // What an alert rests on must stay, or the alert would be missed for a reason of our making.
    this.#protected = new Set(plan.misdeeds.flatMap((call) => [call, ...(call.token === null ? [] : [call.token])]));
  }

  shrink(): Plan {
    let isSmaller = true;
    while (isSmaller) isSmaller = this.#dropTraces() || this.#dropCalls();
    this.#fails(this.#plan);
    return this.#plan;
  }

  #dropTraces(): boolean {
    let isSmaller = false;
    for (const trace of this.#plan.traces) {
      const rest = { ...this.#plan, traces: this.#plan.traces.filter((other) => other !== trace) };
      const isLinked = rest.traces.some(({ links }) => links.some((link) => link.trace === trace));
      if (isLinked || this.#isProtected(trace) || !this.#fails(rest)) continue;
      this.#plan = rest;
      isSmaller = true;
    }
    return isSmaller;
  }

  #dropCalls(): boolean {
    const linked = new Set(this.#plan.traces.flatMap(({ links }) => links.map(({ call }) => call)));
    return this.#plan.traces.some(({ root }) => this.#dropCallsOf(root, linked));
  }

  #dropCallsOf(visit: Visit, linked: ReadonlySet<Call>): boolean {
    for (const [index, call] of visit.calls.entries()) {
      const isNeeded = visit.entry === "bare" || subtree(call).some((each) => linked.has(each) || this.#holds(each));
      if (!isNeeded) {
        visit.calls.splice(index, 1);
        if (this.#fails(this.#plan)) return true;
        visit.calls.splice(index, 0, call);
      }
      if (call.callees.some((callee) => this.#dropCallsOf(callee, linked))) return true;
    }
    return false;
  }

  #isProtected({ root, token, origin }: Trace): boolean {
    if (origin === "public" || (token !== null && this.#protected.has(token))) return true;
    return root.calls.flatMap(subtree).some((call) => this.#holds(call));
  }

  #holds(call: Call): boolean {
    return this.#protected.has(call) || (call.token !== null && this.#protected.has(call.token));
  }

  #fails(plan: Plan): boolean {
    for (let delivery = 0; delivery < DELIVERIES && this.#attempts < ATTEMPTS_MAX * DELIVERIES; delivery++) {
      this.#attempts++;
      const { failures } = simulatePlan(this.#seed + delivery, this.#world, plan);
      if (!failures.some((line) => signatureOf(line) === this.#signature)) continue;
      this.failures = failures;
      return true;
    }
    return false;
  }
}

function subtree(call: Call): Call[] {
  return [call, ...call.callees.flatMap(({ calls }) => calls.flatMap(subtree))];
}

/** A failure without the pace at which it was met and without counts, which shrink as well. */
function signatureOf(failure: string): string {
  return failure.replace(/^(?:capture|prompt|late): /u, "").replace(/\d+/gu, "n");
}
