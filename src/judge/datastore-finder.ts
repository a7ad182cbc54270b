import ipaddr from "ipaddr.js";
import type { DatastoreDeclaration } from "../model/baseline.ts";
import { compileGlob, type Glob } from "../model/glob.ts";
import { indexGlobs } from "./glob-index.ts";
import { hostOf } from "./host.ts";

/**
 * Returns a function from a datastore node's name (`db:system/host[:port]`, `db:system/namespace`, `db:` and either,
 * or the caller's own name for it) to the entries that it may be. An entry that says which host, namespace or name beats one that only says the system.
 */
export function createDatastoreFinder(
  datastores: ReadonlyMap<string, DatastoreDeclaration>,
): (nodeName: string) => readonly DatastoreDeclaration[] {
  const entries = [...datastores.values()];
  const byAddress = indexGlobs(entries.flatMap(pairedWith("address")), ".");
  const byNamespace = indexGlobs(entries.flatMap(pairedWith("namespace")), "/");
  const bySystem = indexGlobs(entries.flatMap(systemOfOpenEntry), "/");
  return (nodeName) => {
    const { system, place } = parseNodeName(nodeName);
    const host = hostOf(place);
    const specific = [datastores.get(host), ...byAddress.matches(host), ...byNamespace.matches(place)]
      .filter((entry) => entry !== undefined)
      .filter((entry) => system === null || entry.system === null || entry.system === system);
    return specific.length > 0 ? [...new Set(specific)] : bySystem.matches(system ?? place);
  };
}

/** A datastore node's name as alert keys spell it: without its port, and with all bare addresses as one. */
export function datastoreSite(nodeName: string): string {
  const [, prefix = "", place = nodeName] = /^(db:[^/]*\/)(.*)$/su.exec(nodeName) ?? [];
  const host = hostOf(place);
  return `${prefix}${ipaddr.isValid(host) ? "(ip)" : host}`;
}

function pairedWith(
  place: "address" | "namespace",
): (entry: DatastoreDeclaration) => (readonly [Glob, DatastoreDeclaration])[] {
  return (entry) => (entry[place] === null ? [] : [[entry[place], entry]]);
}

/** An entry without a place stands for every datastore of its system. */
function systemOfOpenEntry(entry: DatastoreDeclaration): (readonly [Glob, DatastoreDeclaration])[] {
  const isOpen = entry.address === null && entry.namespace === null;
  return isOpen && entry.system !== null ? [[compileGlob(entry.system), entry]] : [];
}

/** Without a slash it may be a system or a place, and a name that the caller chose has no prefix: system unknown. */
function parseNodeName(name: string): { readonly system: string | null; readonly place: string } {
  const [, system = null, place = name] = /^db:([^/]*)\/(.*)$/su.exec(name) ?? [];
  return { system, place: place.replace(/^db:/u, "") };
}
