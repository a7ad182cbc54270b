import type { GraphNode } from "../model/graph.ts";
import type { SpanFields } from "./attribute-names.ts";

/** Who calls a function that a timer starts. */
export const SCHEDULER: GraphNode = { kind: "external", name: "scheduler" };
const WEB_PORTS = new Set(["80", "443"]);
/** Cloud metadata endpoints: few, well known, and worth seeing one by one. */
const METADATA_ADDRESSES = new Set(["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254"]);
/** Older `db.system` values and what semantic conventions 1.30 call them. */
const DATABASE_SYSTEMS: ReadonlyMap<string, string> = new Map([
  ["mssql", "microsoft.sql_server"],
  ["cosmosdb", "azure.cosmosdb"],
  ["dynamodb", "aws.dynamodb"],
  ["redshift", "aws.redshift"],
  ["spanner", "gcp.spanner"],
  ["oracle", "oracle.db"],
  ["db2", "ibm.db2"],
  ["informix", "ibm.informix"],
  ["adabas", "softwareag.adabas"],
  ["hanadb", "sap.hana"],
  ["maxdb", "sap.maxdb"],
  ["intersystems_cache", "intersystems.cache"],
  ["ingres", "actian.ingres"],
]);

/**
 * The other side of a hop as its caller's span names it, or null where it names nobody.
 * In order: the peer's own service name, then what the kind of call says, then host names, then bare addresses.
 */
export function namePeer(fields: SpanFields): GraphNode | null {
  const kind = isDatabase(fields) ? "datastore" : "external";
  if (fields.peerService !== undefined) return { kind, name: qualify(fields.peerService, fields.peerNamespace) };
  if (kind === "datastore") return { kind, name: nameDatastore(fields) };
  return nameExternal(fields);
}

/**
 * Whether an OUT span names its peer by an address that may be another name of some service: a host name, with or
 * without a port. Not a bare IP address, which moves; not loopback, which is somebody else on every machine.
 */
export function isNamedByAddress(fields: SpanFields): boolean {
  if (isDatabase(fields) || namesByItself(fields)) return false;
  const address = externalHost(fields);
  return address !== undefined && /^[\w.-]+(:\d+)?$/u.test(address) && !isOwnMachine(address.replace(/:\d+$/u, ""));
}

/** Names that are no address: of a service, a function or a cloud's resource. */
function namesByItself({ peerService, faasName, rpcSystem }: SpanFields): boolean {
  return peerService !== undefined || faasName !== undefined || rpcSystem === "aws-api";
}

function isOwnMachine(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || METADATA_ADDRESSES.has(host);
}

/** Whether the span is a database call. */
export function isDatabase(fields: SpanFields): boolean {
  return fields.dbSystem !== undefined || fields.dbNamespace !== undefined;
}

/** The topic or queue of a messaging span as a node, or null where it names none. */
export function nameDestination(fields: SpanFields): GraphNode | null {
  const name = destinationName(fields);
  return name === null ? null : { kind: "broker", name: `mq:${fields.messagingSystem ?? ""}/${name}` };
}

/** The destination's name without its system; temporary ones are one. */
export function destinationName(fields: SpanFields): string | null {
  if (fields.isTemporary === "true") return "(temporary)";
  return fields.destinationTemplate ?? fields.destination ?? null;
}

function qualify(name: string, namespace: string | undefined): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function nameDatastore(fields: SpanFields): string {
  const system = DATABASE_SYSTEMS.get(fields.dbSystem ?? "") ?? fields.dbSystem;
  const place = databaseHost(fields) ?? fields.dbNamespace;
  return `db:${[system, place].filter((part) => part !== undefined).join("/")}`;
}

function databaseHost(fields: SpanFields): string | undefined {
  if (fields.serverAddress !== undefined) return withPort(fields.serverAddress, fields.serverPort);
  const fromUrl = fields.dbUrl === undefined ? undefined : hostOfUrl(fields.dbUrl);
  if (fromUrl !== undefined) return fromUrl;
  return fields.socketAddress === undefined ? undefined : withPort(fields.socketAddress, fields.socketPort);
}

function nameExternal(fields: SpanFields): GraphNode | null {
  if (fields.faasName !== undefined) return { kind: "external", name: fields.faasName };
  if (fields.rpcSystem === "aws-api") return { kind: "external", name: nameAwsResource(fields) };
  const host = externalHost(fields);
  if (host !== undefined) return { kind: "external", name: host };
  const rpcName = fields.rpcService ?? rpcServiceOf(fields.rpcMethod);
  return rpcName === undefined ? null : { kind: "external", name: rpcName };
}

/** `aws:S3/bucket`: what is called is the resource, whatever regional host answers for it. */
function nameAwsResource({ rpcService, rpcMethod, awsResource }: SpanFields): string {
  const service = rpcService ?? rpcServiceOf(rpcMethod) ?? "";
  return `aws:${awsResource === undefined ? service : `${service}/${awsResource}`}`;
}

function externalHost(fields: SpanFields): string | undefined {
  if (fields.serverAddress !== undefined) return bucket(fields.serverAddress, fields.serverPort);
  if (fields.httpHost !== undefined) return splitAndBucket(fields.httpHost);
  const fromUrl = fields.url === undefined ? undefined : hostOfUrl(fields.url);
  if (fromUrl !== undefined) return splitAndBucket(fromUrl);
  return fields.socketAddress === undefined ? undefined : bucket(fields.socketAddress, fields.socketPort);
}

/** Host names stay; bare addresses, which come and go with pods, are one node; metadata endpoints keep their own. */
function bucket(host: string, port: string | undefined): string {
  if (METADATA_ADDRESSES.has(host)) return host;
  if (/^\d{1,3}(\.\d{1,3}){3}$/u.test(host) || host.includes(":")) return isLoopback(host) ? "localhost" : "ext:(ip)";
  return WEB_PORTS.has(port ?? "") ? host : withPort(host, port);
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1";
}

function splitAndBucket(hostAndPort: string): string {
  const match = /^\[?(?<host>.*?)\]?(?::(?<port>\d+))?$/u.exec(hostAndPort.toLowerCase());
  return bucket(match?.groups?.host ?? hostAndPort, match?.groups?.port);
}

function withPort(host: string, port: string | undefined): string {
  return port === undefined || port === "" ? host : `${host}:${port}`;
}

function hostOfUrl(url: string): string | undefined {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?<authority>[^/]+)/iu.exec(url);
  return match?.groups?.authority;
}

function rpcServiceOf(method: string | undefined): string | undefined {
  const slash = method?.lastIndexOf("/") ?? -1;
  return slash > 0 ? method?.slice(0, slash) : undefined;
}
