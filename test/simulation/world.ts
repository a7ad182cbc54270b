import type { Random } from "./random.ts";

/** How instrumentation names what it tells: before and after semantic conventions became stable, or both at once. */
export type Dialect = "old" | "new" | "both";

/** One process of a service. */
export type Replica = {
  readonly dialect: Dialect;
  readonly release: string;
  /** How far its clock runs ahead of the truth. */
  readonly skewMs: number;
};

/** What the baseline says about the tokens of a call; `unspoken` is nothing. */
export type TokenMode = "unspoken" | "own" | "exchange" | "passthrough";

export type Service = {
  /** With its namespace. */
  readonly name: string;
  readonly namespace: string | null;
  readonly shortName: string;
  /** What callers call it where they know an address and no name. */
  readonly host: string;
  readonly runtime: string;
  readonly audience: string;
  /** Declares which tokens it accepts. */
  readonly isRestricted: boolean;
  /** Sends spans. */
  readonly isInstrumented: boolean;
  /** Declares that it is called from outside. */
  readonly isGateway: boolean;
  /** Sends trace ids with only their low half, as 64-bit tracers do. */
  readonly isShortTraced: boolean;
  /** What it may do with tokens by declaration: pass on what it received (a gateway), or swap it. */
  readonly trait: "gateway" | "exchanger" | null;
  /** Has one token for all whom it calls. */
  readonly hasSharedCache: boolean;
  readonly replicas: readonly Replica[];
};

export type Datastore = { readonly name: string; readonly system: string; readonly host: string };
export type External = { readonly name: string; readonly host: string };
export type Topic = { readonly system: string; readonly name: string };

/** A declared call. */
export type Edge = {
  readonly caller: Service;
  readonly callee: Service;
  readonly mode: TokenMode;
  /** How often a token may be passed on, this call included, where the mode is passthrough. */
  readonly hopsMax: number;
};

/**
 * What kind of world is made up: any, or an honest one, where nobody misbehaves, all services send all their spans and
 * name whom they call. There an alert is a false one, and so that many could be, owners declare more and tokens say more.
 */
export type Manner = "any" | "honest";

/** Who there is, and who is declared to call whom. Everything else that happens in a world is misbehaviour. */
export type World = {
  readonly manner: Manner;
  readonly environments: readonly string[];
  readonly services: readonly Service[];
  readonly datastores: readonly Datastore[];
  readonly externals: readonly External[];
  readonly topics: readonly Topic[];
  readonly edges: readonly Edge[];
};

const NAMES = ["web", "cart", "orders", "pay", "stock", "mail", "users", "search"];
const RUNTIMES = ["nodejs", "java", "go"];

/** Makes up a world of three to seven services. */
export function createWorld(random: Random, manner: Manner): World {
  const count = random.between(3, 7);
  const made = NAMES.slice(0, count).map((name, index) => createService(random, name, index));
  const services = manner === "honest" ? made.map((service) => createHonest(random, service)) : made;
  return {
    manner,
    environments: random.pick([["default"], ["prod"], ["prod", "staging"]]),
    services,
    datastores: [
      { name: "ledger", system: "postgresql", host: "pg-ledger" },
      { name: "cache", system: "redis", host: "cache.data.example" },
    ],
    externals: [{ name: "card-payments", host: "api.cards.example" }],
    topics: [
      { system: "kafka", name: "placed" },
      { system: "rabbitmq", name: "mails" },
    ],
    edges: createEdges(random, services),
  };
}

function createService(random: Random, shortName: string, index: number): Service {
  const namespace = random.chance(0.3) ? "shop" : null;
  return {
    name: namespace === null ? shortName : `${namespace}/${shortName}`,
    namespace,
    shortName,
    host: random.chance(0.5) ? `${shortName}-host` : `${shortName}.internal.example`,
    runtime: random.pick(RUNTIMES),
    audience: `${shortName}-api`,
    isRestricted: random.chance(0.5),
    isInstrumented: index < 2 || random.chance(0.85),
    isGateway: index !== 1 && (index === 0 || random.chance(0.2)),
    isShortTraced: random.chance(0.08),
    trait: null,
    hasSharedCache: false,
    replicas: Array.from({ length: random.between(1, 3) }, () => createReplica(random)),
  };
}

function createHonest(random: Random, service: Service): Service {
  const trait = random.weigh({ none: 4, gateway: 1, exchanger: 1 });
  const hasSharedCache = random.chance(0.3);
  return { ...service, isInstrumented: true, trait: trait === "none" ? null : trait, hasSharedCache };
}

function createReplica(random: Random): Replica {
  return {
    dialect: random.weigh({ new: 4, old: 3, both: 2 }),
    release: random.pick(["1.0.0", "1.1.0"]),
    skewMs: random.chance(0.5) ? 0 : random.between(-100, 100),
  };
}

/** About half of all pairs; itself included now and then. */
function createEdges(random: Random, services: readonly Service[]): Edge[] {
  const pairs = services.flatMap((caller) => services.map((callee) => ({ caller, callee })));
  const kept = pairs.filter(({ caller, callee }) => random.chance(caller === callee ? 0.15 : 0.45));
  return kept.map(({ caller, callee }) => ({ caller, callee, ...createToken(random, caller === callee) }));
}

/** A service that calls itself does so without a word about tokens. */
function createToken(random: Random, isToItself: boolean): Pick<Edge, "mode" | "hopsMax"> {
  if (isToItself) return { mode: "unspoken", hopsMax: 0 };
  const mode = random.weigh<TokenMode>({ unspoken: 3, own: 2, exchange: 2, passthrough: 3 });
  return { mode, hopsMax: mode === "passthrough" ? random.pick([1, 1, 1, 2, 3]) : 0 };
}

/** The declared call from one service to another, or null. */
export function edgeBetween({ edges }: World, caller: Service, callee: Service): Edge | null {
  return edges.find((edge) => edge.caller === caller && edge.callee === callee) ?? null;
}
