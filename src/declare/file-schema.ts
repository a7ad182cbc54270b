import { count, listOf, mapOf, name, oneOf, record, text, textLike } from "./readers.ts";

const names = listOf(name);

const token = record({
  mode: oneOf(["none", "own", "exchange", "passthrough"]),
  audiences: names,
  maxHops: count,
  reason: name,
});

const call = record({ operations: names, token });

const accepted = record({ issuer: name, audiences: names }, ["issuer", "audiences"]);

const use = record({ access: listOf(oneOf(["read", "write"])), collections: names });

const ingress = record({ from: name, operations: names }, ["from"]);

const service = record({
  owner: name,
  criticality: oneOf(["low", "medium", "high", "critical"]),
  aliases: names,
  accepts: listOf(accepted),
  callers: names,
  calls: mapOf(call),
  uses: mapOf(use),
  ingress: listOf(ingress),
});

const datastore = record({ service: name, system: name, match: record({ namespace: name, address: name }) });

const external = record({ hosts: names, owner: name }, ["hosts"]);

const issuer = record({ iss: name, aliases: names }, ["iss"]);

const forbidden = record({ match: record({ caller: name, callee: name }, ["caller", "callee"]), reason: name }, [
  "match",
  "reason",
]);

const cidr = textLike(/^[0-9a-fA-F.:]+\/\d{1,3}$/u, 'a range such as "10.0.0.0/8"');

/** The whole format of a baseline file as one table; what a key means is in the format's reference. */
export const readFile = record(
  {
    apiVersion: oneOf(["trustdrift/v1"]),
    kind: oneOf(["Baseline"]),
    metadata: record({ name }),
    settings: record({ namespace: text }),
    owners: mapOf(mapOf(text)),
    issuers: mapOf(issuer),
    services: mapOf(service),
    datastores: mapOf(datastore),
    externals: mapOf(external),
    forbidden: listOf(forbidden),
    internal: record({ hosts: names, cidrs: listOf(cidr), probes: names }),
  },
  ["apiVersion", "kind"],
);

/** One file as it was read: nothing is resolved yet, names are as written. */
export type RawFile = ReturnType<typeof readFile>;
export type RawService = ReturnType<typeof service>;
export type RawAccept = ReturnType<typeof accepted>;
export type RawUse = ReturnType<typeof use>;
export type RawCall = ReturnType<typeof call>;
export type RawToken = ReturnType<typeof token>;
export type RawDatastore = ReturnType<typeof datastore>;
export type RawExternal = ReturnType<typeof external>;
export type RawIssuer = ReturnType<typeof issuer>;
