import type { Keep, WantedAttribute } from "../model/span-batch.ts";

/**
 * The facts that are read off spans, each with the semantic-convention names it goes by: the current name first, then
 * what older instrumentations send. The first name that is present wins.
 */
const SPAN_FIELDS = {
  peerService: ["text", "service.peer.name", "peer.service"],
  peerNamespace: ["text", "service.peer.namespace"],
  serverAddress: ["host", "server.address", "net.peer.name"],
  serverPort: ["text", "server.port", "net.peer.port"],
  socketAddress: ["host", "network.peer.address", "net.sock.peer.addr", "net.peer.ip"],
  socketPort: ["text", "network.peer.port", "net.sock.peer.port"],
  clientAddress: ["host", "client.address", "http.client_ip"],
  userAgent: ["user-agent", "user_agent.original", "http.user_agent"],
  httpHost: ["text", "http.host"],
  url: ["url", "url.full", "http.url"],
  scheme: ["text", "url.scheme", "http.scheme"],
  path: ["path", "url.path", "http.target"],
  route: ["path", "http.route"],
  template: ["path", "url.template"],
  method: ["text", "http.request.method", "http.method"],
  httpStatus: ["text", "http.response.status_code", "http.status_code"],
  rpcSystem: ["text", "rpc.system.name", "rpc.system"],
  rpcService: ["text", "rpc.service"],
  rpcMethod: ["text", "rpc.method"],
  rpcStatus: [
    "text",
    "rpc.response.status_code",
    "rpc.status_code",
    "rpc.grpc.status_code",
    "rpc.connect_rpc.error_code",
  ],
  dbSystem: ["text", "db.system.name", "db.system"],
  dbNamespace: ["text", "db.namespace", "db.name", "db.elasticsearch.cluster.name"],
  dbCollection: [
    "text",
    "db.collection.name",
    "db.sql.table",
    "db.mongodb.collection",
    "db.cassandra.table",
    "db.cosmosdb.container",
  ],
  dbOperation: ["text", "db.operation.name", "db.operation"],
  dbQuery: ["query", "db.query.text", "db.statement"],
  dbUrl: ["url", "db.connection_string"],
  messagingSystem: ["text", "messaging.system"],
  messagingOperation: ["text", "messaging.operation.type", "messaging.operation"],
  destinationTemplate: ["text", "messaging.destination.template"],
  destination: ["text", "messaging.destination.name", "messaging.destination"],
  isTemporary: [
    "text",
    "messaging.destination.temporary",
    "messaging.destination.anonymous",
    "messaging.temp_destination",
  ],
  graphqlOperation: ["text", "graphql.operation.name"],
  faasName: ["text", "faas.invoked_name"],
  faasTrigger: ["text", "faas.trigger"],
  awsResource: ["text", "aws.s3.bucket", "aws.dynamodb.table_names", "aws.sqs.queue.url", "aws.sns.topic.arn"],
  proxyKind: ["text", "component"],
  proxyCluster: ["text", "upstream_cluster.name", "upstream_cluster", "istio.canonical_service"],
  tlsVersion: ["text", "tls.protocol.version"],
  tlsEstablished: ["text", "tls.established"],
} as const satisfies Record<string, readonly [Keep, ...string[]]>;

/** Facts of a resource: who sent the span. Fallbacks for a missing `service.name` stand in the order they are tried. */
const RESOURCE_FIELDS = {
  serviceName: ["text", "service.name"],
  serviceNamespace: ["text", "service.namespace"],
  serviceVersion: ["text", "service.version"],
  environment: ["text", "deployment.environment.name", "deployment.environment"],
  runtime: ["text", "telemetry.sdk.language"],
  clusterNamespace: ["text", "k8s.namespace.name"],
  cloudAccount: ["text", "cloud.account.id"],
  fallbackName: [
    "text",
    "k8s.deployment.name",
    "k8s.statefulset.name",
    "k8s.daemonset.name",
    "k8s.cronjob.name",
    "k8s.job.name",
    "faas.name",
    "container.name",
    "process.executable.name",
  ],
  podUid: ["text", "k8s.pod.uid"],
  nodeName: ["text", "k8s.node.name"],
  cluster: ["text", "k8s.cluster.uid", "k8s.cluster.name"],
} as const satisfies Record<string, readonly [Keep, ...string[]]>;

export type SpanField = keyof typeof SPAN_FIELDS;
export type ResourceField = keyof typeof RESOURCE_FIELDS;
/** The facts of one span or resource by name; absent where nobody said. */
export type SpanFields = Readonly<Partial<Record<SpanField, string>>>;
export type ResourceFields = Readonly<Partial<Record<ResourceField, string>>>;

type FieldRow = { readonly field: SpanField | ResourceField; readonly rank: number };

const rows: FieldRow[] = [];
const wanted: WantedAttribute[] = [];
collect("span", SPAN_FIELDS);
collect("resource", RESOURCE_FIELDS);

/** Every attribute the assembler reads, for the decoder; a batch's attribute keys index this list. */
export const WANTED_ATTRIBUTES: readonly WantedAttribute[] = wanted;

/** What a wanted attribute says of the far end of a *server* span, which is any client with a passing port. */
export const FAR_END = { nothing: 0, firstClient: 1, socketAddress: 2, socketPort: 3, userAgent: 4 } as const;

/**
 * By position in {@link WANTED_ATTRIBUTES}. All but `nothing` differ from call to call: there they are evidence, or not
 * even that, and never part of what a span means.
 */
export const FAR_END_OF: Uint8Array = Uint8Array.from(wanted, ({ name }, key) => {
  if (rows[key]?.field === "clientAddress") return FAR_END.firstClient;
  if (rows[key]?.field === "userAgent") return FAR_END.userAgent;
  if (!isFarEnd(name)) return FAR_END.nothing;
  return isFarPort(name) ? FAR_END.socketPort : FAR_END.socketAddress;
});

/** Builds the facts of one span or resource from (attribute key, value) pairs; a better name wins over an older one. */
export function readFields(keys: readonly number[], values: readonly string[]): SpanFields & ResourceFields {
  const fields: Partial<Record<SpanField | ResourceField, string>> = {};
  const ranks: Partial<Record<SpanField | ResourceField, number>> = {};
  for (let i = 0; i < keys.length; i++) {
    const row = rows[keys[i] ?? -1];
    const value = values[i];
    if (row === undefined || value === undefined || value === "") continue;
    if (row.rank > (ranks[row.field] ?? Number.POSITIVE_INFINITY)) continue;
    ranks[row.field] = row.rank;
    fields[row.field] = value;
  }
  return fields;
}

function collect(scope: "span" | "resource", table: Record<string, readonly [Keep, ...string[]]>): void {
  for (const [field, [keep, ...names]] of Object.entries(table)) {
    for (const [rank, name] of names.entries()) {
      rows.push({ field: field as SpanField | ResourceField, rank });
      wanted.push({ name, scope, keep, isFarPort: isFarPort(name) });
    }
  }
}

function isFarPort(name: string): boolean {
  return isFarEnd(name) && name.endsWith("port");
}

function isFarEnd(name: string): boolean {
  return name.startsWith("net.") || name.startsWith("network.");
}
