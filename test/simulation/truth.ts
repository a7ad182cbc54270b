import type { ExpectedAlert } from "./misdeeds.ts";
import { isCallerSpanSeen, isRootReceiptSeen, tokenSides } from "./observers.ts";
import type { Plan } from "./plan.ts";
import { addressOf, operationOf, WRAPPER_PEER } from "./tell-attributes.ts";
import { type Call, hasCallingSpan, isCalledSide, isEntrySeen, isOrphan, type Trace, type Visit } from "./traces.ts";
import { alertText, edgeText, hopText, type TruthEdge, type TruthHop } from "./truth-text.ts";
import type { Service, Topic, World } from "./world.ts";

/** What a perfect observer of the exported spans knows. Worked out from what happened, never from the spans. */
export type Truth = {
  /** Texts of hops, with how many there are of each. */
  readonly hops: ReadonlyMap<string, number>;
  readonly alerts: ReadonlySet<string>;
  /** How many hops of an edge may be seen at the most, whatever spans are lost. */
  readonly edgesMax: ReadonlyMap<string, number>;
  /** Alerts that the loss of spans may lead to, those of what happened included. */
  readonly alertsMax: ReadonlySet<string>;
  readonly unseenCallers: number;
  readonly unresolvedOut: number;
};

/** Tells the truth about what was planned. */
export function tellTruth(world: World, plan: Plan): Truth {
  const observer = new Observer(world);
  for (const alert of plan.alerts) observer.alert(alert);
  for (const trace of plan.traces) observer.trace(trace);
  return observer.truth();
}

const LEEWAY_MS = 60_000;
const NO_HOP = { via: null, operation: null, outcome: "unsaid", seenBy: null, isExpired: false } as const;

class Observer {
  readonly #hops = new Map<string, number>();
  readonly #alerts = new Set<string>();
  readonly #edgesMax = new Map<string, number>();
  readonly #alertsMax = new Set<string>();
  /** Calls that some consumer names by link. */
  readonly #linked = new Set<Call>();
  /** Producers that name no topic and hang unanswered below themselves. */
  readonly #silentProducers: Call[] = [];
  /** Services whose own spans show tokens, and who came in without one where one is asked for. */
  readonly #showing = new Set<string>();
  readonly #unchecked: ExpectedAlert[] = [];
  /** Who answered at which services' addresses. */
  readonly #answers = new Map<
    string,
    { readonly environment: string; readonly owner: Service; readonly by: Set<Service> }
  >();
  readonly #world: World;
  #unseenCallers = 0;
  #unresolvedOut = 0;

  constructor(world: World) {
    this.#world = world;
  }

  truth(): Truth {
    for (const answers of this.#answers.values()) this.#drift(answers);
    for (const alert of this.#unchecked) {
      if (this.#showing.has(`${alert.environment} ${alert.callee}`)) this.alert(alert);
    }
    const unlinked = this.#silentProducers.filter((call) => !this.#linked.has(call)).length;
    return {
      hops: this.#hops,
      alerts: this.#alerts,
      edgesMax: this.#edgesMax,
      alertsMax: this.#alertsMax,
      unseenCallers: this.#unseenCallers,
      unresolvedOut: this.#unresolvedOut + unlinked,
    };
  }

  alert(alert: ExpectedAlert): void {
    this.#alerts.add(alertText(alert));
    this.#alertsMax.add(alertText(alert));
  }

  trace(trace: Trace): void {
    const { root } = trace;
    if (isEntrySeen(root)) this.#root(trace);
    this.#calls(root);
  }

  #root(trace: Trace): void {
    const { root, origin, topic } = trace;
    const operation = root.isRouteTold ? operationOf({ protocol: trace.rootProtocol, route: trace.rootRoute }) : null;
    const seenBy = isRootReceiptSeen(trace) ? "callee" : null;
    if (seenBy !== null) this.#showing.add(`${root.environment} ${root.service.name}`);
    if (origin === "linked") this.#linkedRoot(trace);
    else if (isOrphan(trace)) this.#orphan(root, operation, { topic, seenBy });
    else if (root.entry === "consumer" && root.isRouteTold) this.#consumed(root, topic);
    else if (root.entry === "consumer") this.#entered(trace, null, seenBy);
    else if (root.entry === "server") this.#entered(trace, operation, seenBy);
  }

  #linkedRoot({ root, topic, links }: Trace): void {
    this.#consumed(root, topic);
    for (const { visit, call } of links) {
      this.#linked.add(call);
      this.#logical(visit, call, root, "link");
    }
  }

  /** A first service that is called by whom it names, or by nobody known. */
  #entered({ root, origin }: Trace, operation: string | null, seenBy: "callee" | null): void {
    const { service, environment, outcome } = root;
    const [caller, confidence] = origin === "named" ? ["mobile", "peer"] : ["external", "root"];
    const shared = { ...NO_HOP, environment, type: "direct", caller, callee: service.name, outcome } as const;
    this.#count({ ...shared, confidence, operation, seenBy });
    if (!service.isRestricted || service.isGateway || outcome !== "ok" || seenBy !== null) return;
    this.#comeUnchecked({ environment, caller: origin === "named" ? caller : null, callee: service.name });
  }

  #comeUnchecked(path: Omit<ExpectedAlert, "rule">): void {
    this.#unchecked.push({ rule: "unauthenticated-call-accepted", ...path });
  }

  #calls(visit: Visit): void {
    this.#mayLoseCaller(visit);
    for (const call of visit.calls) {
      this.#call(visit, call);
      for (const callee of call.callees) this.#calls(callee);
    }
  }

  #call(visit: Visit, call: Call): void {
    const seen = call.callees.filter(isEntrySeen);
    const topic = call.target.kind === "topic" ? call.target.topic : null;
    if (hasCallingSpan(visit, call)) this.#callingSide(visit, call, seen.length > 0);
    for (const callee of seen) {
      if (!isCallerSpanSeen(visit, call)) this.#orphanOf(visit, call, callee);
      else {
        if (isConsumer(callee)) this.#consumed(callee, topic);
        this.#crossing(visit, call, callee);
      }
    }
    if (hasCallingSpan(visit, call)) this.#answered(visit, call, seen);
  }

  /** What the caller's own spans say of a call. */
  #callingSide(visit: Visit, call: Call, isAnswered: boolean): void {
    const { environment, service } = visit;
    const { carrier, outcome, naming, target } = call;
    if (carrier === "lookup") this.#unresolvedOut++;
    if (target.kind === "topic") {
      const operation = `publish:${target.topic.name}`;
      const callee = topicNode(target.topic);
      const shared = { ...NO_HOP, environment, type: "destination", caller: service.name, callee } as const;
      if (call.isRouteTold) this.#count({ ...shared, operation, outcome, confidence: "peer" });
      else if (!isAnswered) this.#silentProducers.push(call);
      return;
    }
    this.#mayLoseCallee(visit, call);
    if (isAnswered) return;
    if (carrier === "silent" || naming === "nameless") this.#unresolvedOut++;
    if (naming !== "nameless") this.#guess(visit, call);
  }

  /** Nobody else tells of the call: it goes to whom its span names. */
  #guess(visit: Visit, call: Call): void {
    const { environment, service } = visit;
    const { carrier, outcome } = call;
    const callee = peerNode(call);
    this.#count({
      ...NO_HOP,
      environment,
      type: "direct",
      caller: service.name,
      callee,
      confidence: "peer",
      operation: call.isRouteTold ? askedFor(call) : null,
      outcome,
      seenBy: tokenSides(visit, call, null).caller && carrier !== "silent" ? "caller" : null,
    });
    if (callee === "ext:(ip)")
      this.alert({ rule: "undeclared-egress", environment, caller: service.name, callee: null });
  }

  /** One hop for each entry into a service. */
  #crossing(visit: Visit, call: Call, callee: Visit): void {
    const confidence = isPair(call, callee) ? "paired" : "parent";
    if (isConsumer(callee)) {
      this.#logical(visit, call, callee, confidence);
      return;
    }
    const sides = tokenSides(visit, call, callee);
    const calledSide = isCalledSide(callee) && callee.isRouteTold ? operationOf(call) : null;
    const callingSide = tellsOfItself(visit, call) && call.isRouteTold ? askedFor(call) : null;
    const path = { environment: callee.environment, caller: visit.service.name, callee: callee.service.name };
    const isAccepted = outcomeOf(visit, call, callee) === "ok" && callee.service.isRestricted;
    // A declared call may come without a token; of others, only who is called has a say.
    const isUndeclared = this.#alerts.has(alertText({ rule: "undeclared-call", ...path }));
    if (isUndeclared && isAccepted && seenBy(sides) === null) this.#comeUnchecked(path);
    this.#count({
      environment: callee.environment,
      type: "direct",
      via: null,
      caller: visit.service.name,
      callee: callee.service.name,
      confidence,
      operation: calledSide ?? callingSide,
      outcome: outcomeOf(visit, call, callee),
      seenBy: seenBy(sides),
      isExpired: seenBy(sides) !== null && isOver(call, callee),
    });
  }

  /** Both ends of a call to an address were seen. Which of several services answered there, if they did, nobody knows. */
  #answered({ environment }: Visit, call: Call, seen: readonly Visit[]): void {
    const { target, naming, carrier } = call;
    const isByAddress = naming === "host" || naming === "host-port" || naming === "http-host";
    if (target.kind !== "service" || !isByAddress || carrier === "silent") return;
    const answering = seen.filter((callee) => callee.environment === environment);
    const [service, another] = new Set(answering.map((callee) => callee.service));
    const owner = target.service;
    if (!answering.some((callee) => isPair(call, callee))) return;
    if (another !== undefined) this.#alertsMax.add(alertText(drift(environment, owner)));
    if (service === undefined || another !== undefined) return;
    const key = `${environment} ${peerNode(call)}`;
    const answers = this.#answers.get(key) ?? { environment, owner, by: new Set() };
    answers.by.add(service);
    this.#answers.set(key, answers);
  }

  /** Where its own service has answered as well, an address is not another one's. */
  #drift({ environment, owner, by }: { environment: string; owner: Service; by: ReadonlySet<Service> }): void {
    if (by.size < 2 || !by.has(owner)) return;
    this.alert(drift(environment, owner));
  }

  #logical(visit: Visit, call: Call, consumer: Visit, confidence: string): void {
    const topic = call.target.kind === "topic" && (call.isRouteTold || consumer.isRouteTold) ? call.target.topic : null;
    this.#count({
      ...NO_HOP,
      environment: consumer.environment,
      type: "logical",
      via: topic && topicNode(topic),
      caller: visit.service.name,
      callee: consumer.service.name,
      confidence,
      operation: topic && `publish:${topic.name}`,
      // Of a producer that is known by link, what it said of the sending is past.
      outcome: confidence === "link" ? consumer.outcome : outcomeOf(visit, call, consumer),
    });
  }

  /** A consumer that names its topic has consumed from it. */
  #consumed(consumer: Visit, topic: Topic | null): void {
    if (topic === null || !consumer.isRouteTold) return;
    const { environment, service, outcome } = consumer;
    const operation = `consume:${topic.name}`;
    const shared = { ...NO_HOP, environment, type: "destination", confidence: "peer" } as const;
    this.#count({ ...shared, caller: topicNode(topic), callee: service.name, operation, outcome });
  }

  #orphanOf(visit: Visit, call: Call, callee: Visit): void {
    const topic = call.target.kind === "topic" ? call.target.topic : null;
    const seenBy = tokenSides(visit, call, callee).callee ? "callee" : null;
    this.#orphan(callee, callee.isRouteTold ? operationOf(call) : null, { topic, seenBy });
  }

  /** A called span whose caller's span is never exported. */
  #orphan(callee: Visit, operation: string | null, at: { topic: Topic | null; seenBy: "callee" | null }): void {
    if (at.seenBy !== null) this.#showing.add(`${callee.environment} ${callee.service.name}`);
    if (callee.entry !== "server" && !isConsumer(callee)) return;
    this.#unseenCallers++;
    if (isConsumer(callee) && callee.isRouteTold) {
      this.#consumed(callee, at.topic);
      return;
    }
    const { environment, service, outcome } = callee;
    const shared = { ...NO_HOP, environment, type: "unattributed", caller: "(unseen)", confidence: "peer" } as const;
    this.#count({
      ...shared,
      callee: service.name,
      outcome,
      operation: isConsumer(callee) ? null : operation,
      seenBy: at.seenBy,
    });
    if (callee.entry === "server" && this.#isCalledFromOutsideOnly(service)) this.alert(untrusted(callee));
    if (!service.isRestricted || outcome !== "ok") return;
    this.alert({ rule: "unattributed-call", environment, caller: null, callee: service.name });
  }

  #count(hop: TruthHop): void {
    if (hop.seenBy === "callee") this.#showing.add(`${hop.environment} ${hop.callee}`);
    const text = hopText(hop);
    this.#hops.set(text, (this.#hops.get(text) ?? 0) + 1);
    this.#allow(hop);
  }

  /** Where the caller's span is lost, the callee's says that nobody known called. */
  #mayLoseCaller(visit: Visit): void {
    if (!isEntrySeen(visit) || !isCalledSide(visit)) return;
    const { environment, service } = visit;
    this.#allow({ environment, type: "unattributed", caller: "(unseen)", callee: service.name });
    if (!isConsumer(visit) && this.#isCalledFromOutsideOnly(service)) this.#alertsMax.add(alertText(untrusted(visit)));
    if (service.isRestricted || this.#world.manner === "honest") {
      this.#alertsMax.add(alertText({ rule: "unattributed-call", environment, caller: null, callee: service.name }));
    }
  }

  /** Where the callee's span is lost, the caller's name the other side, the outer one where the inner is lost too. */
  #mayLoseCallee({ environment, service }: Visit, call: Call): void {
    const caller = service.name;
    const shared = { environment, type: "direct", caller } as const;
    if (call.naming !== "nameless") this.#allow({ ...shared, callee: peerNode(call) });
    if (call.carrier === "wrapped") this.#allow({ ...shared, callee: WRAPPER_PEER });
    if (call.naming !== "address") return;
    this.#alertsMax.add(alertText({ rule: "undeclared-egress", environment, caller, callee: null }));
  }

  /** Its callers are outside by what is declared: where one is not seen, it brought its trace along. */
  #isCalledFromOutsideOnly(service: Service): boolean {
    return service.isGateway && !this.#world.edges.some(({ callee }) => callee === service);
  }

  #allow(edge: TruthEdge): void {
    const text = edgeText(edge);
    this.#edgesMax.set(text, (this.#edgesMax.get(text) ?? 0) + 1);
  }
}

function drift(environment: string, { name }: Service): ExpectedAlert {
  return { rule: "endpoint-identity-drift", environment, caller: null, callee: name };
}

function untrusted({ environment, service }: Visit): ExpectedAlert {
  return { rule: "untrusted-trace-parent", environment, caller: null, callee: service.name };
}

function isConsumer({ entry }: Visit): boolean {
  return entry === "consumer" || entry === "receive";
}

/** Client to server and producer to consumer are what instrumentation means as a pair. */
function isPair({ carrier }: Call, { entry }: Visit): boolean {
  if (carrier === "producer") return entry === "consumer";
  const isClient = carrier !== "bare" && carrier !== "unspecified";
  return isClient && (entry === "server" || entry === "internal-server");
}

/** True where the span that callees hang from is the one that says what was asked for. */
function tellsOfItself(visit: Visit, call: Call): boolean {
  return hasCallingSpan(visit, call) && call.carrier !== "silent";
}

/** The called side knows best how it ended; where it does not say, the calling side. */
function outcomeOf(visit: Visit, call: Call, callee: Visit): TruthHop["outcome"] {
  if (isCalledSide(callee) && callee.outcome !== "unsaid") return callee.outcome;
  return tellsOfItself(visit, call) ? call.outcome : "unsaid";
}

function seenBy(sides: { readonly caller: boolean; readonly callee: boolean }): TruthHop["seenBy"] {
  if (sides.callee) return "callee";
  return sides.caller ? "caller" : null;
}

function isOver({ token }: Call, { startMs }: Visit): boolean {
  return token !== null && startMs > token.expiresAtS * 1000 + LEEWAY_MS;
}

function askedFor(call: Call): string | null {
  if (call.target.kind === "datastore") return `query:t${call.route}`;
  return call.target.kind === "topic" ? `publish:${call.target.topic.name}` : operationOf(call);
}

function topicNode({ system, name }: Topic): string {
  return `mq:${system}/${name}`;
}

/** The node that stands for the other side where only the caller's span tells of it. */
function peerNode(call: Call): string {
  const { target, naming } = call;
  const { host, port } = addressOf(call);
  if (naming === "address") return "ext:(ip)";
  if (target.kind === "service") {
    if (naming === "peer-name") return target.service.name;
    return naming === "host" ? host : `${host}:${port}`;
  }
  if (target.kind === "external") return naming === "peer-name" ? target.external.name : host;
  if (target.kind === "topic") return topicNode(target.topic);
  const { name, system } = target.datastore;
  if (naming === "peer-name") return name;
  return `db:${system}/${naming === "host" ? host : `${host}:${port}`}`;
}
