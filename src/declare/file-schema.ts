import { count, day, duration, flag, listOf, mapOf, name, oneOf, record, text, textLike } from "./readers.ts";

const names = listOf(name);

const token = record({
  mode: oneOf(["none", "own", "exchange", "passthrough"]),
  audiences: names,
  scopes: names,
  maxHops: count,
  maxRecipients: count,
  required: flag,
  reason: name,
  expires: day,
});

const authMethod = oneOf(["jwt", "opaque", "api-key", "basic", "signature", "session", "transaction", "mtls", "none"]);

const mtls = oneOf(["required", "optional"]);

const call = record({
  operations: names,
  token,
  auth: listOf(authMethod),
  mtls,
  frequency: oneOf(["normal", "rare", "yearly"]),
});

const accepted = record(
  {
    issuer: name,
    audiences: names,
    scopes: record({ required: names, allowed: names }),
    subjects: listOf(oneOf(["user", "service"])),
    maxLifetime: duration,
  },
  ["issuer", "audiences"],
);

const use = record({ access: listOf(oneOf(["read", "write"])), collections: names });

const ingress = record({ from: name, operations: names, token: oneOf(["required", "optional", "none"]) }, ["from"]);

const lifecycle = record(
  {
    state: oneOf(["active", "learning", "retired"]),
    since: day,
    until: day,
    stabilization: duration,
    mustObserve: listOf(oneOf(["restart", "deploy", "week"])),
  },
  ["state"],
);

const service = record({
  owner: name,
  criticality: oneOf(["low", "medium", "high", "critical"]),
  aliases: names,
  traits: listOf(oneOf(["gateway", "exchanger", "proxy", "environment-neutral", "control-plane"])),
  identity: record({ spiffe: names, kubernetes: names, mtls }),
  accepts: listOf(accepted),
  public: names,
  callers: names,
  calls: mapOf(call),
  uses: mapOf(use),
  publishes: names,
  consumes: names,
  ingress: listOf(ingress),
  lifecycle,
});

const datastore = record({
  service: name,
  system: name,
  match: record({ namespace: name, address: name }),
  readers: names,
  shared: record({ reason: name, expires: day }, ["reason"]),
});

const destination = record({ system: name, service: name });

const external = record({ hosts: names, owner: name, tokenIssuers: names }, ["hosts"]);

const issuer = record(
  {
    iss: name,
    aliases: names,
    internal: flag,
    audienceClaim: oneOf(["aud", "client_id", "none"]),
    subjectClaims: names,
    audienceAliases: mapOf(names),
    algorithms: names,
    maxLifetime: record({ access: duration, workload: duration, transaction: duration }),
    maxAudiences: count,
  },
  ["iss"],
);

const identity = record({
  issuer: name,
  client: name,
  kubernetes: name,
  spiffe: name,
  key: name,
  usedBy: names,
  environments: names,
  human: flag,
  retired: day,
  grace: duration,
  successor: name,
});

const principal = textLike(
  /^(?:spiffe:\/\/[^/\s]\S*|key:[\w*{][\w.*{},-]*|cert:\S+)$/u,
  'a principal such as "spiffe://shop.example/ns/shop/sa/cart", "key:node-agent" or "cert:agent.shop.example"',
);

const sender = record({ principal, services: names }, ["principal", "services"]);

const forbidden = record({ match: record({ caller: name, callee: name }, ["caller", "callee"]), reason: name }, [
  "match",
  "reason",
]);

const exception = record(
  {
    id: name,
    match: record(
      {
        rule: name,
        caller: name,
        callee: name,
        service: name,
        identity: name,
        issuer: name,
        destination: name,
        datastore: name,
        host: name,
        scope: name,
      },
      ["rule"],
    ),
    environments: names,
    reason: name,
    owner: name,
    ticket: name,
    created: day,
    expires: day,
    renewals: count,
  },
  ["id", "match", "reason", "owner", "expires"],
);

const rewrite = record({ match: name, to: name }, ["match", "to"]);

const cidr = textLike(/^[0-9a-fA-F.:]+\/\d{1,3}$/u, 'a range such as "10.0.0.0/8"');

/** The whole format of a baseline file as one table; what a key means is in the format's reference. */
export const readFile = record(
  {
    apiVersion: oneOf(["trustdrift/v1"]),
    kind: oneOf(["Baseline"]),
    metadata: record({ name }),
    include: names,
    settings: record({
      namespace: text,
      undeclared: oneOf(["alert", "propose"]),
      consent: oneOf(["caller", "callee", "both"]),
      attestation: oneOf(["ignore", "prefer", "require"]),
      meshTls: names,
      staleAfter: duration,
      maxExceptionDays: count,
    }),
    environments: mapOf(record({ production: flag })),
    normalize: listOf(rewrite),
    owners: mapOf(mapOf(text)),
    issuers: mapOf(issuer),
    services: mapOf(service),
    datastores: mapOf(datastore),
    externals: mapOf(external),
    identities: mapOf(identity),
    destinations: mapOf(destination),
    senders: mapOf(sender),
    forbidden: listOf(forbidden),
    exceptions: listOf(exception),
    internal: record({ hosts: names, cidrs: listOf(cidr), people: listOf(cidr), probes: names }),
  },
  ["apiVersion", "kind"],
);

/** One file as it was read: nothing is resolved yet, names are as written. */
export type RawFile = ReturnType<typeof readFile>;
export type RawService = ReturnType<typeof service>;
export type RawAccept = ReturnType<typeof accepted>;
export type RawIngress = ReturnType<typeof ingress>;
export type RawUse = ReturnType<typeof use>;
export type RawCall = ReturnType<typeof call>;
export type RawToken = ReturnType<typeof token>;
export type RawDatastore = ReturnType<typeof datastore>;
export type RawExternal = ReturnType<typeof external>;
export type RawIssuer = ReturnType<typeof issuer>;
export type RawIdentity = ReturnType<typeof identity>;
export type RawDestination = ReturnType<typeof destination>;
export type RawSender = ReturnType<typeof sender>;
export type RawException = ReturnType<typeof exception>;
export type RawRewrite = ReturnType<typeof rewrite>;
export type RawLifecycle = ReturnType<typeof lifecycle>;
