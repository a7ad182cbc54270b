import type { Features } from "./features.ts";
import { type ExpectedAlert, Misdeeds } from "./misdeeds.ts";
import { isCallerSpanSeen, isReceiptSeen, isRootReceiptSeen } from "./observers.ts";
import type { Random } from "./random.ts";
import { Tokens } from "./tokens.ts";
import type {
  Call,
  Carrier,
  Entry,
  LinkedCall,
  Naming,
  Observers,
  Origin,
  Outcome,
  Target,
  Token,
  Trace,
  Visit,
} from "./traces.ts";
import { type Edge, edgeBetween, type Service, type World } from "./world.ts";

/** What happens in a world, and what somebody should hear about it. */
export type Plan = {
  readonly traces: readonly Trace[];
  readonly alerts: readonly ExpectedAlert[];
  /** The calls that ought not to happen. */
  readonly misdeeds: readonly Call[];
};

/** When the first trace starts. */
export const EPOCH_MS = Date.UTC(2026, 5, 1);

const TRACE_EVERY_MS = 3_000;
const DEPTH_MAX = 4;
const CALLS_MAX = 16;
const OBSERVERS: Readonly<Record<string, Observers>> = {
  both: { caller: true, callee: true },
  caller: { caller: true, callee: false },
  callee: { caller: false, callee: true },
  nobody: { caller: false, callee: false },
};

/** What a visit has received, where it may pass it on, and how often it had been passed on before. */
export type Received = {
  readonly token: Token;
  readonly isSeen: boolean;
  readonly forwards: number;
  /** True where spans show all those forwards. */
  readonly isTraced: boolean;
} | null;

/** Makes up what happens: two to eight traces, honest but for one misdeed in about every other world. */
export function planTraces(random: Random, world: World, features: Features): Plan {
  return new Planner(random, world, features).plan();
}

class Planner {
  readonly #random: Random;
  readonly #world: World;
  readonly #features: Features;
  readonly #tokens: Tokens;
  readonly #misdeeds: Misdeeds;
  readonly #misdeedCalls: Call[] = [];
  readonly #published: LinkedCall[] = [];
  /** How likely it is that something stays in the dark: a span that is never exported, a callee that is not named. */
  readonly #dark: 0 | 1;
  #callsLeft = CALLS_MAX;
  #traceNumber = 0;

  constructor(random: Random, world: World, features: Features) {
    this.#random = random;
    this.#world = world;
    this.#dark = world.manner === "honest" ? 0 : 1;
    this.#features = features;
    this.#tokens = new Tokens(random, world.manner);
    this.#misdeeds = new Misdeeds(random, world, this.#tokens);
  }

  plan(): Plan {
    const traces: Trace[] = [];
    const count = this.#random.between(2, 8);
    while (traces.length < count) {
      this.#traceNumber = traces.length + 1;
      this.#misdeeds.trace = this.#traceNumber;
      const trace = this.#trace();
      traces.push(trace);
      for (const { visit, call } of producers(trace.root)) this.#published.push({ trace, visit, call });
    }
    return { traces, alerts: this.#misdeeds.committed, misdeeds: this.#misdeedCalls };
  }

  #trace(): Trace {
    const random = this.#random;
    const startMs = EPOCH_MS + this.#traceNumber * TRACE_EVERY_MS;
    const environment = random.pick(this.#world.environments);
    const origin = random.weigh<Origin>({ outside: 5, public: 1, named: 1, orphan: this.#dark, topic: 1, linked: 1 });
    const links = origin === "linked" ? this.#chooseLinks() : [];
    if (origin === "linked" && links.length === 0) return this.#entered("topic", startMs, environment);
    if (origin === "linked") return this.#linked(links, startMs, environment);
    return this.#entered(origin, startMs, environment);
  }

  #entered(origin: Origin, startMs: number, environment: string): Trace {
    const trace =
      origin === "topic" ? this.#consumed(startMs, environment) : this.#called(origin, startMs, environment);
    const { root, token } = trace;
    const isSeen = isRootReceiptSeen(trace);
    // Without a root hop there is no presentation, though a relay in the same trace shows.
    const isTraced = isSeen && root.entry === "server";
    const received = token && { token, isSeen, forwards: 0, isTraced };
    if (received !== null && isTraced) this.#receive(received, root.service, false);
    if (origin === "public" && !root.service.isGateway) this.#misdeeds.enterFromOutside(root);
    this.#continue(root, DEPTH_MAX, received);
    return trace;
  }

  #called(origin: Origin, startMs: number, environment: string): Trace {
    const random = this.#random;
    const service = this.#chooseRoot(origin);
    const entry = this.#rootEntry(origin, service);
    const canReceive = entry === "server" || entry === "internal-server";
    // Who is honest does not let in whom the baseline asks for a token.
    const mustPresent = this.#dark === 0 && service.isRestricted && !service.isGateway;
    const isPresenting = canReceive && (random.chance(0.6) || mustPresent);
    const token = isPresenting ? this.#tokens.ofUser(service, this.#world, { environment, startMs }) : null;
    const root = this.#newVisit({ service, environment, entry, startMs, protocol: "http" });
    const shared = { number: this.#traceNumber, origin, root, token, topic: null, links: [] };
    return { ...shared, rootProtocol: "http", rootRoute: random.between(1, 3) };
  }

  #consumed(startMs: number, environment: string): Trace {
    const service = this.#random.pick(this.#world.services);
    const root = this.#newVisit({ service, environment, entry: "consumer", startMs, protocol: "none" });
    const topic = this.#random.pick(this.#world.topics);
    const shared = { number: this.#traceNumber, origin: "topic", root, token: null, topic, links: [] } as const;
    return { ...shared, rootProtocol: "none", rootRoute: 1 };
  }

  /** Who is called from outside has declared it, unless that is the misdeed. */
  #chooseRoot(origin: Origin): Service {
    const { services } = this.#world;
    if (origin !== "public") return this.#random.pick(services);
    const wantsGateway = !this.#misdeeds.wantsIngress;
    return this.#random.pick(
      services.filter((service) => service.isGateway === wantsGateway && service.isInstrumented),
    );
  }

  #rootEntry(origin: Origin, service: Service): Entry {
    if (!service.isInstrumented) return "ghost";
    if (origin === "public" || origin === "named") return "server";
    return this.#random.weigh<Entry>({ server: 6, internal: 1, "internal-server": 1, bare: 1, ghost: this.#dark });
  }

  #linked(links: readonly LinkedCall[], startMs: number, environment: string): Trace {
    const random = this.#random;
    const [first] = links;
    const service = first === undefined ? null : this.#consumerOf(links);
    if (first === undefined || service === null) return this.#entered("topic", startMs, environment);
    const entry = random.chance(0.2) ? "receive" : "consumer";
    const root = this.#newVisit({ service, environment: first.visit.environment, entry, startMs, protocol: "none" });
    const topic = first.call.target.kind === "topic" ? first.call.target.topic : null;
    const shared = { number: this.#traceNumber, root, token: null, rootProtocol: "none", rootRoute: 1 } as const;
    this.#continue(root, DEPTH_MAX, null);
    return { ...shared, origin: "linked", topic, links };
  }

  #chooseLinks(): readonly LinkedCall[] {
    if (!this.#features.links) return [];
    const [first, ...others] = this.#random.shuffle(this.#published);
    if (first === undefined) return [];
    // Producers of a batch may be far apart: one that names no topic would count as unresolved in between.
    if (!this.#features.batches || !first.call.isRouteTold || this.#random.chance(0.6)) return [first];
    const like = others.filter(
      ({ visit, call }) =>
        call.isRouteTold &&
        visit.environment === first.visit.environment &&
        topicOf(call.target) === topicOf(first.call.target),
    );
    return [first, ...like.slice(0, 2)];
  }

  /** A service that all the producers declare to call. */
  #consumerOf(links: readonly LinkedCall[]): Service | null {
    const fit = this.#world.services.filter(
      (service) =>
        service.isInstrumented && links.every(({ visit }) => edgeBetween(this.#world, visit.service, service) !== null),
    );
    return fit.length === 0 ? null : this.#random.pick(fit);
  }

  #newVisit(parts: VisitParts): Visit {
    const random = this.#random;
    const { service, environment, entry, startMs, protocol } = parts;
    // A consumer that neither names its topic nor has a parent that is seen was called by nobody known.
    const mustTell = (this.#dark === 0 && protocol === "none") || (entry === "receive" && !this.#features.barePulls);
    return {
      service,
      environment,
      replica: random.pick(service.replicas),
      entry: service.isInstrumented ? entry : "ghost",
      outcome: parts.outcome ?? this.#outcome(protocol),
      startMs,
      isRouteTold: random.chance(0.7) || mustTell,
      calls: [],
    };
  }

  #outcome(protocol: Call["protocol"]): Outcome {
    if (protocol === "none") return this.#random.weigh<Outcome>({ ok: 3, error: 1, unsaid: 3 });
    return this.#random.weigh<Outcome>({ ok: 6, refused: 1, error: 1, unsaid: 2 });
  }

  /** Lets a visit call on. */
  #continue(visit: Visit, depth: number, received: Received): void {
    const random = this.#random;
    if (visit.entry === "bare") {
      this.#callsLeft--;
      this.#addCall(visit, depth, received, false);
      return;
    }
    const count = depth <= 0 ? 0 : random.weigh({ "0": 2, "1": 4, "2": 3, "3": 1 });
    for (let i = 0; i < Number(count) && this.#callsLeft > 0; i++) {
      this.#callsLeft--;
      this.#addCall(visit, depth, received, true);
    }
  }

  #addCall(visit: Visit, depth: number, received: Received, isFree: boolean): void {
    const random = this.#random;
    const startMs = visit.startMs + random.between(1, 20);
    const misdeed = isFree && visit.service.isInstrumented ? this.#misdeeds.tempt(visit, received, startMs) : null;
    if (misdeed !== null) {
      const call = { ...this.#plainCall(misdeed.callee, startMs), ...misdeed.call };
      this.#attachMisdeed(visit, call, misdeed);
      return;
    }
    const edges = this.#world.edges.filter(({ caller }) => caller === visit.service);
    const kind = random.weigh({
      service: edges.length > 0 && depth > 0 ? 6 : 0,
      datastore: 1,
      external: 1,
      topic: isFree ? 1 : 0,
    });
    if (kind === "topic") this.#publish(visit, depth, startMs, edges);
    else if (kind === "service") this.#callService(visit, random.pick(edges), { depth, received, startMs, isFree });
    else visit.calls.push(this.#callPeer(visit, kind, startMs, isFree));
  }

  #attachMisdeed(visit: Visit, call: Call, misdeed: NonNullable<ReturnType<Misdeeds["tempt"]>>): void {
    visit.calls.push(call);
    this.#misdeedCalls.push(call);
    call.callees.push(
      this.#newVisit({
        service: misdeed.callee,
        environment: misdeed.environment,
        entry: "server",
        startMs: call.startMs + 2,
        protocol: "http",
        ...(misdeed.outcome === undefined ? {} : { outcome: misdeed.outcome }),
      }),
    );
  }

  #plainCall(service: Service, startMs: number): Call {
    return {
      carrier: "client",
      target: { kind: "service", service },
      naming: this.#naming("client", "service"),
      wrappers: this.#random.chance(0.25) ? 1 : 0,
      protocol: "http",
      route: this.#random.between(1, 3),
      isRouteTold: this.#random.chance(0.7),
      isRetry: false,
      outcome: "unsaid",
      startMs,
      token: null,
      swapped: null,
      observers: { caller: false, callee: false },
      callees: [],
    };
  }

  #callService(visit: Visit, edge: Edge, at: CallContext): void {
    const random = this.#random;
    const isToItself = edge.caller === edge.callee;
    const carrier = this.#carrier(at.isFree, isToItself);
    const protocol = random.weigh<Call["protocol"]>({ http: 4, rpc: 2, none: 1 });
    const naming = this.#naming(carrier, "service");
    const base = {
      carrier,
      target: { kind: "service", service: edge.callee } as const,
      // Without a host, an RPC call would be named by its interface.
      naming: protocol === "rpc" && naming === "nameless" ? "host" : naming,
      wrappers: this.#wrappers(visit, carrier, at.isFree),
      protocol,
      route: random.between(1, 3),
      isRouteTold: random.chance(0.7),
      isRetry: false,
      outcome: this.#outcome(protocol),
      startMs: at.startMs,
    };
    const { token, observers } = isToItself ? NO_TOKEN : this.#present(edge, visit.environment, at);
    // What is passed on to a bare address is passed on to nobody who was declared.
    const isPassedToAddress = token !== null && token === at.received?.token && base.naming === "address";
    const isBetween = edge.caller.trait !== null || edge.callee.trait !== null;
    const isSwappable = token !== null && (edge.mode === "exchange" || isBetween);
    const call: Call = {
      ...base,
      ...(isPassedToAddress ? { naming: "host" } : {}),
      token,
      swapped: isSwappable ? this.#tokens.swapped(token) : null,
      observers,
      callees: [],
    };
    this.#make(visit, call, edge, at);
    if (!at.isFree || carrier === "bare" || !random.chance(0.1)) return;
    const startMs = at.startMs + random.between(5, 50);
    const retried = { ...call, isRetry: true, outcome: this.#outcome(protocol), startMs, callees: [] };
    this.#make(visit, retried, edge, { ...at, startMs });
  }

  #make(visit: Visit, call: Call, edge: Edge, at: CallContext): void {
    visit.calls.push(call);
    const count = this.#random.chance(0.2) ? 2 : 1;
    for (let i = 0; i < count; i++) this.#addCallee(visit, call, edge, at);
  }

  #addCallee(visit: Visit, call: Call, edge: Edge, { depth, received }: CallContext): void {
    const random = this.#random;
    const isHedged = call.callees.length > 0 && isHedgeable(call, edge) && random.chance(0.5);
    const others = this.#world.edges.filter(({ caller, callee }) => caller === edge.caller && callee !== caller);
    const service = isHedged && others.length > 0 ? random.pick(others).callee : edge.callee;
    const entry =
      service === visit.service
        ? "server"
        : random.weigh<Entry>({ server: 8, internal: 1, "internal-server": 1, bare: 1, ghost: this.#dark });
    const { environment } = visit;
    const { protocol } = call;
    const callee = this.#newVisit({
      service,
      environment,
      entry,
      startMs: call.startMs + random.between(1, 5),
      protocol,
    });
    call.callees.push(callee);
    const { token } = call;
    const isSeen = isReceiptSeen(visit, call, callee);
    const isPresenterSeen = isCallerSpanSeen(visit, call);
    const isHopSeen = isPresenterSeen || callee.entry === "server";
    // Which of the two tokens was received depends on who looks, so nobody makes anything of either.
    if (call.swapped !== null || token === null) {
      this.#continue(callee, depth - 1, null);
      return;
    }
    const isPassed = token === received?.token;
    const isTraced = isSeen && isHopSeen && (!isPassed || received.isTraced);
    const passed = { token, isSeen, forwards: isPassed ? received.forwards + 1 : 0, isTraced };
    if (isSeen && isHopSeen) this.#receive(passed, callee.service, isPresenterSeen);
    this.#continue(callee, depth - 1, passed);
  }

  #receive({ token, forwards, isTraced }: NonNullable<Received>, service: Service, isPresenterSeen: boolean): void {
    const seen = { isPresenterSeen, forwards: isTraced ? forwards : 0 };
    this.#tokens.receive({ token, service, trace: this.#traceNumber, ...seen });
  }

  /** The token of an honest call, and who sees it. */
  #present(
    edge: Edge,
    environment: string,
    { received, startMs }: CallContext,
  ): { readonly token: Token | null; readonly observers: Observers } {
    const random = this.#random;
    const observers = OBSERVERS[random.weigh({ both: 4, caller: 2, callee: 2, nobody: 1 })] ?? NO_TOKEN.observers;
    const isPassable =
      received?.isSeen === true &&
      mayPassOn(edge, received.forwards) &&
      // Who is handed back a token that it still uses would seem to relay it.
      received.token.client !== edge.callee.name &&
      !this.#tokens.isBurnt(received.token) &&
      (!edge.callee.isRestricted || received.token.audiences.includes(edge.callee.audience));
    if (isPassable && random.chance(0.7)) {
      this.#tokens.pass(received.token);
      return {
        token: received.token,
        observers: observers === OBSERVERS.nobody ? { caller: true, callee: true } : observers,
      };
    }
    if (random.chance(0.4)) return NO_TOKEN;
    const at = { environment, startMs };
    const isSwapping = edge.mode === "exchange" || (edge.mode === "unspoken" && edge.caller.trait === "exchanger");
    if (isSwapping) return { token: this.#tokens.exchanged(edge, received?.token ?? null, at), observers };
    return { token: this.#tokens.own(edge, this.#world, at), observers };
  }

  #callPeer(visit: Visit, kind: "datastore" | "external", startMs: number, isFree: boolean): Call {
    const random = this.#random;
    const target: Target =
      kind === "datastore"
        ? { kind, datastore: random.pick(this.#world.datastores) }
        : { kind, external: random.pick(this.#world.externals) };
    const carrier = random.weigh<Carrier>({ client: 5, wrapped: 2, silent: 1, lookup: 1 });
    const protocol = kind === "datastore" ? "none" : "http";
    return {
      carrier,
      target,
      naming: this.#naming(carrier, kind),
      wrappers: this.#wrappers(visit, carrier, isFree),
      protocol,
      route: random.between(1, 3),
      isRouteTold: random.chance(0.6),
      isRetry: false,
      outcome: this.#outcome(protocol),
      startMs,
      token: null,
      swapped: null,
      observers: NO_TOKEN.observers,
      callees: [],
    };
  }

  /** A message, with up to three consumers below the producer's span. */
  #publish(visit: Visit, depth: number, startMs: number, edges: readonly Edge[]): void {
    const random = this.#random;
    const call: Call = {
      carrier: "producer",
      target: { kind: "topic", topic: random.pick(this.#world.topics) },
      naming: "nameless",
      wrappers: this.#wrappers(visit, "producer", true),
      protocol: "none",
      route: 1,
      isRouteTold: random.chance(0.8),
      isRetry: false,
      outcome: this.#outcome("none"),
      startMs,
      token: null,
      swapped: null,
      observers: NO_TOKEN.observers,
      callees: [],
    };
    visit.calls.push(call);
    const subscribers = random.shuffle(edges.filter(({ callee }) => callee !== visit.service));
    for (const { callee: service } of subscribers.slice(0, random.between(0, 2))) {
      const entry = random.weigh<Entry>({ consumer: 6, receive: 1, server: 1, internal: 1, ghost: this.#dark });
      const { environment } = visit;
      const consumer = this.#newVisit({
        service,
        environment,
        entry,
        startMs: startMs + random.between(1, 500),
        protocol: "none",
      });
      call.callees.push(consumer);
      this.#continue(consumer, depth - 1, null);
    }
  }

  #carrier(isFree: boolean, isToItself: boolean): Carrier {
    return this.#random.weigh<Carrier>({
      client: 8,
      wrapped: 2,
      silent: 1,
      lookup: 1,
      unspecified: 1,
      bare: isFree && !isToItself ? 1 : 0,
    });
  }

  #wrappers(visit: Visit, carrier: Carrier, isFree: boolean): number {
    if (!isFree) return 0;
    const count = this.#random.chance(0.3) ? this.#random.between(1, 2) : 0;
    // A pull is a client span too: what hangs right below it could be taken for its callee.
    return carrier === "bare" && visit.entry === "receive" ? Math.max(1, count) : count;
  }

  #naming(carrier: Carrier, kind: "service" | "datastore" | "external"): Naming {
    if (carrier === "unspecified") return "peer-name";
    const mustName = carrier === "wrapped" || carrier === "silent";
    return this.#random.weigh<Naming>({
      host: 3,
      "host-port": 2,
      "peer-name": 2,
      "http-host": kind === "datastore" ? 0 : 1,
      address: kind === "service" ? this.#dark : 0,
      nameless: mustName || kind === "datastore" ? 0 : 1,
    });
  }
}

const NO_TOKEN = { token: null, observers: { caller: false, callee: false } } as const;

type CallContext = {
  readonly depth: number;
  readonly received: Received;
  readonly startMs: number;
  readonly isFree: boolean;
};

type VisitParts = {
  readonly service: Service;
  readonly environment: string;
  readonly entry: Entry;
  readonly startMs: number;
  readonly protocol: Call["protocol"];
  readonly outcome?: Outcome;
};

/** Whether another service may answer as well, because the call is hedged, mirrored or redirected. */
function isHedgeable({ token }: Call, { caller, callee }: Edge): boolean {
  return token === null && caller !== callee;
}

function mayPassOn({ caller, mode, hopsMax }: Edge, forwards: number): boolean {
  if (mode === "unspoken") return caller.trait === "gateway";
  return mode === "passthrough" && forwards < hopsMax;
}

function topicOf(target: Target): string {
  return target.kind === "topic" ? `${target.topic.system}/${target.topic.name}` : "";
}

/** The messages published below a visit by spans that are exported. */
function producers(visit: Visit): { readonly visit: Visit; readonly call: Call }[] {
  return visit.calls.flatMap((call) => [
    ...(call.carrier === "producer" && visit.service.isInstrumented ? [{ visit, call }] : []),
    ...call.callees.flatMap(producers),
  ]);
}
