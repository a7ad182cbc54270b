import { Document, type Scalar, visit } from "yaml";
import { OUTSIDE } from "../model/graph.ts";
import type { ObservedEdge } from "../model/store.ts";
import { quote } from "./suggest.ts";

/** YAML that parses without errors, and a sentence for everything observed that it does not declare. */
export type SeededBaseline = { readonly text: string; readonly leftOut: readonly string[] };

/**
 * Writes what was observed as a baseline for people to review: services with their calls, audiences, datastores and
 * entries, names in full. What rests on one side's word alone is left out, and so is what a pattern would widen.
 */
export function seedBaseline(input: {
  readonly edges: readonly ObservedEdge[];
  readonly name: string;
}): SeededBaseline {
  const draft: Draft = { services: new Map(), datastores: new Map(), externals: new Map(), leftOut: new Set() };
  for (const edge of input.edges.map(withHost)) {
    const reason = reasonToLeaveOut(edge);
    if (reason === null) addEdge(draft, edge);
    else draft.leftOut.add(`${arrow(edge)} is left out: ${reason}`);
  }
  return { text: print(draft, input.name), leftOut: [...draft.leftOut].sort() };
}

/** What was seen between two nodes, over all environments; null where no edge said anything. */
type Seen = { operations: Set<string> | null; audiences: Set<string> | null };
type SeenByName = Map<string, Seen>;
type DraftService = { readonly calls: SeenByName; readonly uses: SeenByName; readonly ingress: SeenByName };
type Draft = {
  readonly services: Map<string, DraftService>;
  readonly datastores: Map<string, null>;
  readonly externals: Map<string, null>;
  readonly leftOut: Set<string>;
};
type Yaml = ReadonlyMap<string, unknown>;

const UNRESOLVED = "a name is unresolved";
const NOT_LITERAL = "the baseline would read it as a pattern";
/** Where the other side is a service; by an address that only one service answers for, it is known well enough. */
const ONE_SIDED = "only one side was seen";

/** Externals are declared by host, whatever the port. */
function withHost(edge: ObservedEdge): ObservedEdge {
  return edge.calleeKind === "external" ? { ...edge, callee: hostOf(edge.callee) } : edge;
}

/** `host` of `host:port`, `v6` of `[v6]:port`; any other name as it is. */
function hostOf(name: string): string {
  return /^\[(.+)\](?::\d+)?$/u.exec(name)?.[1] ?? /^([^:]*):\d+$/u.exec(name)?.[1] ?? name;
}

function reasonToLeaveOut(edge: ObservedEdge): string | null {
  const kinds = [edge.callerKind, edge.calleeKind];
  const names = [edge.caller, edge.callee];
  if (kinds.includes("broker")) return "topics and queues are for people to declare";
  if (!kinds.includes("service") || edge.callerKind === "datastore") return "no service calls here";
  if (names.includes("") || names.some(isBucket)) return UNRESOLVED;
  if (!names.every(isLiteral)) return NOT_LITERAL;
  return edge.calleeKind === "service" && edge.confidence === "peer" ? ONE_SIDED : null;
}

/** `(other)`, `ext:(ip)`: what a bound or a missing name folded together. */
function isBucket(name: string): boolean {
  return /(?:^|[/:])\([a-z]+\)$/u.test(name);
}

function isLiteral(name: string): boolean {
  return !/[*{}]/u.test(name);
}

function arrow({ caller, callee }: ObservedEdge): string {
  return `${quote(caller)} -> ${quote(callee)}`;
}

function addEdge(draft: Draft, edge: ObservedEdge): void {
  if (edge.calleeKind === "service") serviceOf(draft, edge.callee);
  if (edge.calleeKind === "datastore") draft.datastores.set(edge.callee, null);
  if (edge.calleeKind === "external") draft.externals.set(edge.callee, null);
  const { group, name } = placeOf(draft, edge);
  const seen = group.get(name) ?? { operations: null, audiences: null };
  group.set(name, seen);
  addOperations(draft, seen, edge);
  addAudiences(draft, seen, edge);
}

function placeOf(draft: Draft, edge: ObservedEdge): { readonly group: SeenByName; readonly name: string } {
  if (edge.callerKind === "external") {
    const from = edge.caller === OUTSIDE.name ? "internet" : edge.caller;
    return { group: serviceOf(draft, edge.callee).ingress, name: from };
  }
  const { calls, uses } = serviceOf(draft, edge.caller);
  return { group: edge.calleeKind === "datastore" ? uses : calls, name: edge.callee };
}

function serviceOf(draft: Draft, name: string): DraftService {
  const service = draft.services.get(name) ?? { calls: new Map(), uses: new Map(), ingress: new Map() };
  draft.services.set(name, service);
  return service;
}

function addOperations(draft: Draft, seen: Seen, edge: ObservedEdge): void {
  for (const operation of edge.operations) {
    seen.operations ??= new Set();
    if (operation !== "" && !isBucket(operation)) seen.operations.add(operation);
    else draft.leftOut.add(`${arrow(edge)}: operation ${quote(operation)} is left out: ${UNRESOLVED}`);
  }
}

function addAudiences(draft: Draft, seen: Seen, edge: ObservedEdge): void {
  for (const audience of edge.audiences) {
    seen.audiences ??= new Set();
    if (audience !== "" && isLiteral(audience)) seen.audiences.add(audience);
    else draft.leftOut.add(`${arrow(edge)}: audience ${quote(audience)} is left out: ${NOT_LITERAL}`);
  }
}

function print(draft: Draft, name: string): string {
  const document = new Document(
    compact([
      ["apiVersion", "trustdrift/v1"],
      ["kind", "Baseline"],
      ["metadata", compact([["name", name || null]])],
      ["services", sorted(draft.services, printService)],
      ["datastores", sorted(draft.datastores, (_, datastore) => printDatastore(datastore))],
      ["externals", sorted(draft.externals, (_, host) => new Map([["hosts", [host]]]))],
    ]),
  );
  document.commentBefore = " Observed, not yet decided: review every line before it is loaded.";
  visit(document, { Scalar: (_, node) => quoteUnlessPlain(node) });
  return document.toString({ lineWidth: 0 });
}

function printService({ calls, uses, ingress }: DraftService): Yaml {
  const entries = [...sorted(ingress, printIngress).values()];
  return compact([
    ["calls", sorted(calls, printCall)],
    ["uses", sorted(uses, printUse)],
    ["ingress", entries.length === 0 ? null : entries],
  ]);
}

function printCall({ operations, audiences }: Seen): Yaml {
  return compact([
    ["operations", listed(operations)],
    ["token", compact([["audiences", listed(audiences)]])],
  ]);
}

function printIngress({ operations }: Seen, from: string): Yaml {
  return compact([
    ["from", from],
    ["operations", listed(operations)],
  ]);
}

/** Collections are named only where every operation named one: a list is complete or it is not there. */
function printUse({ operations }: Seen): Yaml {
  const queries = listed(operations);
  const isComplete = queries?.every((operation) => /^(?:query|write):[^(]/su.test(operation));
  const collections = [...new Set(queries?.map((operation) => operation.slice("query:".length)))];
  return compact([["collections", isComplete ? collections : null]]);
}

/**
 * A datastore whose span named no service is called `db:<system>/<place>`, the place a host or a namespace. The place
 * is always written: an entry with nothing but a system would stand for every datastore of that system.
 */
function printDatastore(name: string): Yaml {
  const [, system = null, place = name] = /^db:(?:([^/]*)\/)?(.*)$/su.exec(name) ?? [];
  const address = hostOf(place) || name;
  if (system === null && address === name) return new Map();
  return compact([
    ["system", system || null],
    ["match", new Map([["address", address]])],
  ]);
}

function listed(seen: ReadonlySet<string> | null): readonly string[] | null {
  return seen === null ? null : [...seen].sort();
}

function sorted<T>(group: ReadonlyMap<string, T>, printOne: (value: T, name: string) => unknown): Yaml {
  const entries = [...group].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(entries.map(([name, value]) => [name, printOne(value, name)]));
}

/** Without what was not seen. An empty list stays: all that was seen was left out, and no key would mean "unchecked". */
function compact(entries: readonly (readonly [string, unknown])[]): Yaml {
  return new Map(entries.filter(([, value]) => value !== null && !(value instanceof Map && value.size === 0)));
}

/** Whatever a reader of some YAML version could take for anything but text is quoted. */
function quoteUnlessPlain(node: Scalar): void {
  const text = String(node.value);
  const isPlain = /^[A-Za-z][\w./-]*$/u.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/iu.test(text);
  if (!isPlain) node.type = "QUOTE_DOUBLE";
}
