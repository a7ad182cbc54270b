import type { RuleId } from "../../src/model/finding.ts";
import type { Received } from "./plan.ts";
import type { Random } from "./random.ts";
import type { Tokens } from "./tokens.ts";
import type { Call, Outcome, Visit } from "./traces.ts";
import { type Edge, edgeBetween, type Service, type World } from "./world.ts";

/** What somebody should hear about, by the names that its rule tells alerts apart with. */
export type ExpectedAlert = {
  readonly rule: RuleId;
  readonly environment: string;
  readonly caller: string | null;
  readonly callee: string | null;
};

/** A call that ought not to happen, to an instrumented service whose SERVER span is exported. */
export type Misdeed = {
  readonly callee: Service;
  readonly environment: string;
  readonly outcome?: Outcome;
  readonly call: Partial<Call>;
};

const KINDS = {
  none: 6,
  undeclared: 1,
  relay: 2,
  stranger: 2,
  later: 1,
  expired: 1,
  misaddressed: 1,
  environment: 1,
  shared: 2,
  further: 2,
  detour: 2,
  ingress: 1,
} as const;
type Kind = keyof typeof KINDS;
type Temptation = { readonly visit: Visit; readonly received: Received; readonly startMs: number };

/** Plants at most one kind of misbehaviour in a world, and remembers what it should lead to. */
export class Misdeeds {
  readonly committed: ExpectedAlert[] = [];
  readonly #random: Random;
  readonly #world: World;
  readonly #tokens: Tokens;
  readonly #kind: Kind;
  /** The number of the trace that is being made up. */
  trace = 0;
  #left = 1;

  constructor(random: Random, world: World, tokens: Tokens) {
    this.#random = random;
    this.#world = world;
    this.#tokens = tokens;
    this.#kind = world.manner === "honest" ? "none" : random.weigh(KINDS);
    this.#left = random.between(1, 2);
  }

  /** Whether public traffic may enter a service that declares none. */
  get wantsIngress(): boolean {
    return this.#kind === "ingress";
  }

  enterFromOutside({ service, environment }: Visit): void {
    this.committed.push({ rule: "undeclared-ingress", environment, caller: null, callee: service.name });
  }

  /** The misdeed that this visit commits now, or null. */
  tempt(visit: Visit, received: Received, startMs: number): Misdeed | null {
    if (this.#left === 0 || !this.#random.chance(0.7)) return null;
    const misdeed = this.#commit({ visit, received, startMs });
    if (misdeed !== null) this.#left--;
    return misdeed;
  }

  #commit(temptation: Temptation): Misdeed | null {
    switch (this.#kind) {
      case "undeclared":
        return this.#callUndeclared(temptation);
      case "relay":
        return this.#relay(temptation);
      case "stranger":
        return this.#steal(temptation);
      case "later":
        return this.#relayLater(temptation);
      case "expired":
        return this.#useExpired(temptation);
      case "misaddressed":
        return this.#misaddress(temptation);
      case "environment":
        return this.#crossEnvironments(temptation);
      case "shared":
        return this.#shareToken(temptation);
      case "further":
        return this.#relayFurther(temptation);
      case "detour":
        return this.#answerForAnother(temptation);
      default:
        return null;
    }
  }

  #callUndeclared({ visit }: Temptation): Misdeed | null {
    const others = this.#world.services.filter(
      (service) =>
        service.isInstrumented &&
        service !== visit.service &&
        edgeBetween(this.#world, visit.service, service) === null,
    );
    if (others.length === 0) return null;
    const callee = this.#random.pick(others);
    this.#expect("undeclared-call", visit.service, callee, visit.environment);
    return { callee, environment: visit.environment, call: {} };
  }

  /** Hands on what it just received. */
  #relay({ visit, received }: Temptation): Misdeed | null {
    if (received === null || !received.isSeen || this.#tokens.isBurnt(received.token)) return null;
    const { token } = received;
    const edge = this.#chooseEdge(visit, (each) => isSilentOnRelays(each) && token.client !== each.callee.name);
    if (edge === null) return null;
    const { callee } = edge;
    const isPast = callee.isRestricted && !token.audiences.includes(callee.audience);
    this.#expect(isPast ? "token-relayed-past-audience" : "token-relayed", visit.service, callee, visit.environment);
    this.#tokens.burn(token);
    return { callee, environment: visit.environment, call: { token, observers: this.#observers() } };
  }

  /** Presents what another service uses and this one never received. */
  #steal({ visit }: Temptation): Misdeed | null {
    const edge = this.#chooseEdge(visit, ({ callee }) => this.#tokens.ofOthers(visit, callee, this.trace).length > 0);
    if (edge === null) return null;
    const token = this.#random.pick(this.#tokens.ofOthers(visit, edge.callee, this.trace));
    this.#expect("token-multi-presenter", visit.service, edge.callee, visit.environment);
    this.#tokens.burn(token);
    return { callee: edge.callee, environment: visit.environment, call: { token, observers: this.#observers() } };
  }

  /** Presents what it received in an earlier trace. */
  #relayLater({ visit, received }: Temptation): Misdeed | null {
    const tokens = this.#tokens.receivedEarlier(visit, this.trace).filter((token) => token !== received?.token);
    if (tokens.length === 0) return null;
    const token = this.#random.pick(tokens);
    const edge = this.#chooseEdge(
      visit,
      (each) =>
        isSilentOnRelays(each) &&
        token.client !== each.callee.name &&
        (!each.callee.isRestricted || token.audiences.includes(each.callee.audience)),
    );
    if (edge === null) return null;
    this.#expect("token-relayed", visit.service, edge.callee, visit.environment);
    this.#tokens.burn(token);
    return { callee: edge.callee, environment: visit.environment, call: { token, observers: this.#observers() } };
  }

  #useExpired({ visit, startMs }: Temptation): Misdeed | null {
    const edge = this.#chooseEdge(visit, () => true);
    if (edge === null) return null;
    this.#expect("expired-token-accepted", visit.service, edge.callee, visit.environment);
    const token = this.#tokens.expired(edge, { ...visit, startMs });
    return {
      callee: edge.callee,
      environment: visit.environment,
      outcome: "ok",
      call: { token, observers: this.#observers() },
    };
  }

  #misaddress({ visit, startMs }: Temptation): Misdeed | null {
    const edge = this.#chooseEdge(visit, ({ callee, mode }) => callee.isRestricted && mode !== "exchange");
    if (edge === null) return null;
    this.#expect("audience-mismatch-accepted", visit.service, edge.callee, visit.environment);
    const token = this.#tokens.misaddressed(edge, { ...visit, startMs });
    const outcome = this.#random.chance(0.5) ? "ok" : "unsaid";
    return {
      callee: edge.callee,
      environment: visit.environment,
      outcome,
      call: { token, observers: this.#observers() },
    };
  }

  #crossEnvironments({ visit }: Temptation): Misdeed | null {
    const others = this.#world.environments.filter((name) => name !== visit.environment);
    const edge = this.#chooseEdge(visit, () => true);
    if (others.length === 0 || edge === null) return null;
    const environment = this.#random.pick(others);
    this.#expect("cross-environment-call", visit.service, edge.callee, environment);
    return { callee: edge.callee, environment, call: {} };
  }

  /** Presents the token that the same service has cached in another environment. */
  #shareToken({ visit }: Temptation): Misdeed | null {
    const { environment } = visit;
    const edge = this.#chooseEdge(visit, (each) => this.#tokens.ofElsewhere(each, environment, this.trace).length > 0);
    if (edge === null) return null;
    const token = this.#random.pick(this.#tokens.ofElsewhere(edge, environment, this.trace));
    this.#expect("token-cross-environment", visit.service, edge.callee, environment);
    this.#tokens.burn(token);
    return { callee: edge.callee, environment, call: { token, observers: this.#observers() } };
  }

  /** Passes on, by a call that may, what has come too far already. */
  #relayFurther({ visit, received }: Temptation): Misdeed | null {
    if (received === null || !received.isSeen || this.#tokens.isBurnt(received.token)) return null;
    const { token } = received;
    const forwards = this.#tokens.leastForwards(token, visit.service) ?? 0;
    const edge = this.#chooseEdge(
      visit,
      ({ mode, hopsMax, callee }) =>
        mode === "passthrough" &&
        forwards >= hopsMax &&
        token.client !== callee.name &&
        (!callee.isRestricted || token.audiences.includes(callee.audience)),
    );
    if (edge === null) return null;
    this.#expect("relay-depth-exceeded", visit.service, edge.callee, visit.environment);
    this.#tokens.burn(token);
    return { callee: edge.callee, environment: visit.environment, call: { token, observers: this.#observers() } };
  }

  /** A call to one service's address is answered by another, which may be called too. What that means, truth says. */
  #answerForAnother({ visit }: Temptation): Misdeed | null {
    const owner = this.#chooseEdge(visit, () => true)?.callee;
    const edge = this.#chooseEdge(visit, ({ callee }) => callee !== owner);
    if (owner === undefined || edge === null) return null;
    const naming = this.#random.pick(["host", "host-port", "http-host"] as const);
    const call = { target: { kind: "service", service: owner }, naming } as const;
    return { callee: edge.callee, environment: visit.environment, call };
  }

  #chooseEdge(visit: Visit, isFit: (edge: Edge) => boolean): Edge | null {
    const fit = this.#world.edges.filter(
      (edge) =>
        edge.caller === visit.service && edge.callee !== visit.service && edge.callee.isInstrumented && isFit(edge),
    );
    return fit.length === 0 ? null : this.#random.pick(fit);
  }

  #observers(): Call["observers"] {
    return this.#random.pick([
      { caller: true, callee: true },
      { caller: true, callee: false },
      { caller: false, callee: true },
    ]);
  }

  #expect(rule: RuleId, caller: Service, callee: Service, environment: string): void {
    this.committed.push({ rule, environment, caller: caller.name, callee: callee.name });
  }
}

/** A relay is neither declared on the call, nor would its token have to be an exchanged one. */
function isSilentOnRelays({ mode }: Edge): boolean {
  return mode === "unspoken" || mode === "own";
}
