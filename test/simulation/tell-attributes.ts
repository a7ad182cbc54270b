import { createHash } from "node:crypto";
import type { OtlpAttributes } from "../support/otlp.ts";
import { ISSUER } from "./baseline.ts";
import type { Call, Claims, Outcome, Token, Visit } from "./traces.ts";
import type { Dialect, Topic } from "./world.ts";

/** Attributes and the span's status. */
export type Told = { readonly attributes: OtlpAttributes; readonly status: number };

/** What a client span around another one calls its peer: a declared external, for it speaks where the inner one is lost. */
export const WRAPPER_PEER = "card-payments";

const STATUS: Readonly<Record<Outcome, number>> = { unsaid: 0, ok: 1, error: 2, refused: 2 };
const HTTP_CODES = { ok: 200, refused: 403, error: 503 } as const;
const LIFETIME_S = 3_600;
const GRPC_CODES = { ok: 0, refused: 7, error: 13 } as const;

type Said = Pick<Call, "protocol" | "route" | "outcome" | "isRouteTold"> & Partial<Pick<Call, "isRetry">>;

/** What the called side says about what was asked of it and how it ended. */
export function tellCalledSide(
  { outcome, isRouteTold, replica }: Visit,
  { protocol, route }: Pick<Call, "protocol" | "route">,
): Told {
  return tellProtocol({ protocol, route, outcome, isRouteTold }, "http.route", replica.dialect);
}

/** What the calling side says about what it asked for and how it ended. */
export function tellCallingSide(call: Call, dialect: Dialect): Told {
  const { outcome, isRouteTold, target } = call;
  if (target.kind === "topic") {
    return { attributes: isRouteTold ? tellTopic(target.topic, dialect) : {}, status: STATUS[outcome] };
  }
  if (target.kind === "datastore") return { attributes: tellQuery(call, dialect), status: STATUS[outcome] };
  return tellProtocol(call, "url.template", dialect);
}

function tellProtocol(said: Said, routeKey: string, dialect: Dialect): Told {
  if (said.protocol === "none") return { attributes: {}, status: STATUS[said.outcome] };
  return said.protocol === "rpc" ? tellRpc(said, dialect) : tellHttp(said, routeKey, dialect);
}

/** A protocol's own code decides, whatever the span's status says. */
function tellHttp({ outcome, route, isRouteTold, isRetry }: Said, routeKey: string, dialect: Dialect): Told {
  const code = outcome === "unsaid" ? null : HTTP_CODES[outcome];
  const method = route === 1 ? { "http.request.method": "GET" } : { "http.method": "POST" };
  return {
    attributes: {
      ...(isRetry === true ? { "http.request.resend_count": 1 } : {}),
      ...(isRouteTold ? { [routeKey]: `/r${route}`, ...method } : {}),
      ...(code === null ? {} : both("http.response.status_code", "http.status_code", code, dialect)),
    },
    status: outcome === "error" ? 2 : 0,
  };
}

function tellRpc({ outcome, route, isRouteTold }: Said, dialect: Dialect): Told {
  const code = outcome === "unsaid" ? {} : { "rpc.grpc.status_code": GRPC_CODES[outcome] };
  return { attributes: { ...(isRouteTold ? tellMethod(route, dialect) : {}), ...code }, status: 0 };
}

/** The operation as it should be read. */
export function operationOf({ protocol, route }: Pick<Call, "protocol" | "route">): string | null {
  if (protocol === "none") return null;
  if (protocol === "rpc") return `rpc:shop.v1.Api/M${route}`;
  return `${route === 1 ? "GET" : "POST"} /r${route}`;
}

function tellMethod(route: number, dialect: Dialect): OtlpAttributes {
  if (dialect === "old") return { "rpc.system": "grpc", "rpc.service": "shop.v1.Api", "rpc.method": `M${route}` };
  return { "rpc.system.name": "grpc", "rpc.method": `shop.v1.Api/M${route}` };
}

function tellQuery({ target, route, isRouteTold }: Call, dialect: Dialect): OtlpAttributes {
  if (target.kind !== "datastore") return {};
  return {
    ...both("db.system.name", "db.system", target.datastore.system, dialect),
    ...(isRouteTold ? both("db.collection.name", "db.sql.table", `t${route}`, dialect) : {}),
  };
}

/** The topic of a message. */
export function tellTopic({ system, name }: Topic, dialect: Dialect): OtlpAttributes {
  return { "messaging.system": system, ...both("messaging.destination.name", "messaging.destination", name, dialect) };
}

/** How the caller's span names whom it calls. */
export function tellPeer(call: Call, dialect: Dialect): OtlpAttributes {
  const { target, naming } = call;
  if (target.kind === "topic" || naming === "nameless") return {};
  const { host, port } = addressOf(call);
  switch (naming) {
    case "host":
      return both("server.address", "net.peer.name", host, dialect);
    case "host-port":
      return {
        ...both("server.address", "net.peer.name", host, dialect),
        ...both("server.port", "net.peer.port", port, dialect),
      };
    case "http-host":
      return { "http.host": `${host}:${port}` };
    case "address":
      return both("network.peer.address", "net.peer.ip", `10.0.0.${port % 200}`, dialect);
    case "peer-name":
      return tellPeerName(call, dialect);
  }
}

function tellPeerName({ target, carrier }: Call, dialect: Dialect): OtlpAttributes {
  if (target.kind === "datastore") return both("service.peer.name", "peer.service", target.datastore.name, dialect);
  if (target.kind === "external") return both("service.peer.name", "peer.service", target.external.name, dialect);
  if (target.kind === "topic") return {};
  const { name, shortName, namespace } = target.service;
  if (namespace === null || dialect === "old" || carrier === "unspecified") return { "peer.service": name };
  return { "service.peer.name": shortName, "service.peer.namespace": namespace };
}

/** Where a call goes. */
export function addressOf({ target }: Call): { readonly host: string; readonly port: number } {
  if (target.kind === "datastore") return { host: target.datastore.host, port: 5432 };
  if (target.kind === "external") return { host: target.external.host, port: 443 };
  return { host: target.kind === "service" ? target.service.host : "", port: 8080 };
}

/** A captured header, or the same facts as the application tells them. */
export function tellToken(token: Token, dialect: Dialect): OtlpAttributes {
  const raw = rawTokenOf(token);
  if (dialect === "new") return { "http.request.header.authorization": [`Bearer ${raw}`] };
  const prefix = "trustdrift.credential.authorization.";
  return {
    [`${prefix}fingerprint`]: `sha256:${createHash("sha256").update(raw).digest("base64url")}`,
    [`${prefix}scheme`]: "bearer",
    [`${prefix}format`]: "jwt",
    [`${prefix}role`]: "access_token",
    [`${prefix}token.issuer`]: ISSUER,
    [`${prefix}token.client.id`]: token.client,
    [`${prefix}token.audiences`]: token.audiences,
    [`${prefix}token.expires_at`]: token.expiresAtS,
    ...(token.claims === null ? {} : tellClaims(token, token.claims, prefix)),
  };
}

function tellClaims({ expiresAtS }: Token, claims: Claims, prefix: string): OtlpAttributes {
  const { subject, isPerson, actor, scopes } = claims;
  const hash = `sha256:${createHash("sha256").update(subject).digest("base64url")}`;
  return {
    [`${prefix}token.issued_at`]: expiresAtS - LIFETIME_S,
    [`${prefix}token.scopes`]: scopes,
    ...(isPerson
      ? { [`${prefix}token.subject_kind`]: "user", [`${prefix}token.subject_hash`]: hash }
      : { [`${prefix}token.subject`]: subject }),
    ...(actor === null ? {} : { [`${prefix}token.actors`]: [actor] }),
  };
}

/** A JWT (RFC 7519) without a meaningful signature. */
function rawTokenOf({ id, client, audiences, expiresAtS, claims: more }: Token): string {
  const header = encode({ alg: "ES256", typ: "at+jwt" });
  const claims = encode({
    ...{ iss: ISSUER, aud: audiences, client_id: client, exp: expiresAtS, jti: String(id) },
    ...(more === null ? {} : claimsOf(more, expiresAtS - LIFETIME_S)),
  });
  return `${header}.${claims}.${"s".repeat(86)}`;
}

/** Signing in leaves its time on a person's token (OpenID Connect); the actor is RFC 8693's. */
function claimsOf({ subject, isPerson, actor, scopes }: Claims, issuedAtS: number): Record<string, unknown> {
  return {
    ...{ iat: issuedAtS, sub: subject, scope: scopes.join(" ") },
    ...(isPerson ? { auth_time: issuedAtS } : {}),
    ...(actor === null ? {} : { act: { sub: actor } }),
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function both(current: string, older: string, value: string | number, dialect: Dialect): OtlpAttributes {
  return {
    ...(dialect === "old" ? {} : { [current]: value }),
    ...(dialect === "new" ? {} : { [older]: value }),
  };
}
