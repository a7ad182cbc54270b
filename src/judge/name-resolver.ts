import ipaddr from "ipaddr.js";
import type { Baseline, DatastoreDeclaration, ExternalDeclaration, ServiceDeclaration } from "../model/baseline.ts";
import type { GraphNode } from "../model/graph.ts";
import { OUTSIDE } from "../model/graph.ts";
import { createDatastoreFinder } from "./datastore-finder.ts";
import { type GlobIndex, indexGlobs } from "./glob-index.ts";
import { ADDRESS_BUCKET, hostOf, isLoopback, isMetadataHost, isPublicAddress, siteOf } from "./host.ts";
import type { LearnedAliases } from "./learned-aliases.ts";
import type { Party } from "./party.ts";

/** Finds what the baseline calls a node of the observed graph. */
export class NameResolver {
  readonly #baseline: Baseline;
  readonly #learned: LearnedAliases;
  readonly #aliases: ReadonlyMap<string, ServiceDeclaration>;
  readonly #externalHosts: GlobIndex<ExternalDeclaration>;
  readonly #internalHosts: GlobIndex<true>;
  readonly #findDatastores: (nodeName: string) => readonly DatastoreDeclaration[];

  constructor(baseline: Baseline, learned: LearnedAliases) {
    const services = [...baseline.services.values()];
    const externals = [...baseline.externals.values()];
    this.#baseline = baseline;
    this.#learned = learned;
    this.#aliases = new Map(services.flatMap((service) => service.aliases.map((alias) => [alias, service])));
    this.#externalHosts = indexGlobs(
      externals.flatMap((external) => external.hosts.map((host) => [host, external] as const)),
      ".",
    );
    this.#internalHosts = indexGlobs(
      baseline.internal.hosts.map((host) => [host, true] as const),
      ".",
    );
    this.#findDatastores = createDatastoreFinder(baseline.datastores);
  }

  /** Who calls. A name that nothing declares stays what it was: a caller's address is no proof of a service. */
  caller(node: GraphNode): Party {
    if (node.kind === "service") return this.#service(node.name);
    if (node.kind !== "external" || node.name === OUTSIDE.name) return this.#other(node.name);
    return this.#declaredPeer(node.name) ?? this.#other(node.name);
  }

  /**
   * Who is called. What owners declare goes before what spans taught, so that no span can make a declared host something
   * else. A bare or internal host that neither knows is a service that the baseline does not know.
   */
  callee(node: GraphNode, environment: string): Party {
    if (node.kind === "service") return this.#service(node.name);
    if (node.kind === "datastore") return this.#datastore(node.name, this.#findDatastores(node.name));
    if (node.kind === "broker") return this.#other(node.name);
    return this.#declaredPeer(node.name) ?? this.#learnedPeer(node, environment) ?? this.#undeclaredPeer(node.name);
  }

  #declaredPeer(name: string): Party | null {
    const host = hostOf(name);
    const service = this.#findService(host) ?? this.#findServiceByFirstLabel(host);
    if (service !== null) return this.#service(service.name);
    const external = this.#externalHosts.matches(host)[0] ?? this.#baseline.externals.get(host);
    if (external !== undefined) return this.#external(external.name, external, siteOf(host));
    const datastore = this.#baseline.datastores.get(host);
    return datastore === undefined ? this.#ephemeralPeer(host) : this.#datastore(name, [datastore]);
  }

  /** A pod, run or preview of a declared service. Outside hosts are never rewritten: anybody may name those. */
  #ephemeralPeer(host: string): Party | null {
    if (!this.#isInternalHost(host)) return null;
    const stable = [host, host.split(".", 1)[0] ?? host].map((label) => this.#stableName(label));
    const service = stable
      .map((name) => (name === null ? null : this.#findService(name)))
      .find((each) => each !== null);
    return service ? this.#service(service.name) : null;
  }

  #learnedPeer(node: GraphNode, environment: string): Party | null {
    const service = this.#learned.serviceOf(environment, node);
    return service === null ? null : this.#service(service);
  }

  #undeclaredPeer(name: string): Party {
    const host = hostOf(name);
    if (isMetadataHost(host) || name === ADDRESS_BUCKET) return this.#external(name, null, siteOf(host));
    if (isLoopback(host)) return this.#other(name);
    if (ipaddr.isValid(host)) {
      const isPublic = isPublicAddress(host, this.#baseline.internal.cidrs);
      return isPublic ? this.#external(name, null, siteOf(host)) : this.#other(name);
    }
    const isElsewhere = isHostName(host) && !this.#isInternalHost(host);
    return isElsewhere ? this.#external(name, null, siteOf(host)) : this.#service(host);
  }

  #findService(name: string): ServiceDeclaration | null {
    const declared = (spelling: string) => this.#baseline.services.get(spelling) ?? this.#aliases.get(spelling);
    for (const spelling of this.#qualifications(name)) {
      const service = declared(spelling);
      if (service !== undefined) return service;
    }
    return null;
  }

  #findServiceByFirstLabel(host: string): ServiceDeclaration | null {
    const dot = host.indexOf(".");
    return dot > 0 && this.#isInternalHost(host) ? this.#findService(host.slice(0, dot)) : null;
  }

  /** What lies below an internal host is internal: `*.svc.cluster.local` holds `cart.shop.svc.cluster.local` too. */
  #isInternalHost(host: string): boolean {
    const dot = host.indexOf(".");
    if (dot < 0 || this.#internalHosts.matches(host).length > 0) return true;
    const parent = host.slice(dot + 1);
    return parent.includes(".") && this.#isInternalHost(parent);
  }

  /** Declared names are full; a sender without a namespace reports the short one. */
  #qualifications(name: string): readonly string[] {
    const { namespace } = this.#baseline;
    return namespace === "" || name.includes("/") ? [name] : [name, `${namespace}/${name}`];
  }

  #service(observed: string): Party {
    const declared = this.#findService(observed);
    const stable = declared === null ? this.#stableName(observed) : null;
    const declaration = stable === null ? declared : this.#findService(stable);
    const name = declaration?.name ?? stable ?? observed;
    return { kind: "service", name, spellings: this.#qualifications(name), declaration };
  }

  /** What the first rule of `normalize` that matches makes of a name; null where none does. */
  #stableName(name: string): string | null {
    for (const { rewrite } of this.#baseline.normalize) {
      const stable = rewrite(name);
      if (stable !== null) return stable;
    }
    return null;
  }

  #external(name: string, declaration: ExternalDeclaration | null, site: string): Party {
    return { kind: "external", name, spellings: [name, hostOf(name)], declaration, site };
  }

  #datastore(observed: string, declarations: readonly DatastoreDeclaration[]): Party {
    const name = declarations.length === 1 ? (declarations[0]?.name ?? observed) : observed;
    return { kind: "datastore", name, spellings: [name], declarations };
  }

  #other(name: string): Party {
    return { kind: "other", name, spellings: [name] };
  }
}

/** Host names arrive in lower case; anything else is what a caller calls its peer, such as an RPC interface. */
function isHostName(name: string): boolean {
  return /^[a-z0-9._:-]+$/u.test(name);
}
