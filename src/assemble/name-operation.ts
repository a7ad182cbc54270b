import type { Protocol } from "../model/graph.ts";
import type { SpanFields } from "./attribute-names.ts";
import { destinationName, isDatabase } from "./name-peer.ts";

export type Operation = { readonly protocol: Protocol; readonly operation: string | null };

/**
 * What was asked for: `GET /v1/carts/{id}`, `rpc:pkg.Service/Method`, `query:collection`, or `write:collection` where the
 * span says that data is changed, `publish:topic`, `consume:topic`, `graphql:operation`; null where the span does not say.
 */
export function nameOperation(fields: SpanFields, direction: "out" | "in"): Operation {
  if (isDatabase(fields)) return { protocol: "database", operation: queryOperation(fields) };
  if (fields.messagingSystem !== undefined || destinationName(fields) !== null) {
    return { protocol: "messaging", operation: messagingOperation(fields, direction) };
  }
  if (fields.graphqlOperation !== undefined) {
    return { protocol: "graphql", operation: `graphql:${fields.graphqlOperation}` };
  }
  if (fields.rpcSystem !== undefined || fields.rpcMethod !== undefined) {
    return { protocol: "rpc", operation: rpcOperation(fields) };
  }
  const operation = httpOperation(fields);
  return { protocol: operation === null ? "unknown" : "http", operation };
}

function queryOperation(fields: SpanFields): string | null {
  const [verb, named] = fields.dbQuery?.split(" ") ?? [];
  const collection = fields.dbCollection ?? named;
  const isWrite = WRITES.test(fields.dbOperation ?? verb ?? "");
  if (collection === undefined) return isWrite ? "write:(unnamed)" : null;
  return `${isWrite ? "write" : "query"}:${collection}`;
}

/** First words of what changes data: of SQL, of document stores (`findAndModify`, `PutItem`) and of Redis. */
const WRITES =
  /^(?:insert|update|upsert|delete|merge|replace|truncate|create|alter|drop|put|write|remove|batch ?write|bulk|find(?:one)?and(?:modify|update|replace|delete)|index|h?m?set|getset|getdel|hdel|del|unlink|incr|decr|hincr|append|expire|persist|rename|flush|[lr]push|[lr]pop|[sz]add|[sz]rem|spop|zincr|xadd|xdel)/iu;

function messagingOperation(fields: SpanFields, direction: "out" | "in"): string | null {
  const name = destinationName(fields);
  if (name === null) return null;
  return direction === "out" ? `publish:${name}` : `consume:${name}`;
}

/** Since semantic conventions 1.39 `rpc.method` is fully qualified; before, `rpc.service` held the first part. */
function rpcOperation(fields: SpanFields): string | null {
  const method = fields.rpcMethod;
  if (method === undefined) return fields.rpcService === undefined ? null : `rpc:${fields.rpcService}`;
  const isQualified = method.includes("/") || fields.rpcService === undefined;
  return isQualified ? `rpc:${method.replace(/^\//u, "")}` : `rpc:${fields.rpcService}/${method}`;
}

function httpOperation(fields: SpanFields): string | null {
  const place = fields.route ?? fields.template ?? fields.path ?? pathOfUrl(fields.url);
  if (place === undefined) return fields.method ?? null;
  return `${fields.method ?? "*"} ${place.startsWith("/") ? place : `/${place}`}`;
}

function pathOfUrl(url: string | undefined): string | undefined {
  const match = url === undefined ? null : /^[a-z][a-z0-9+.-]*:\/\/[^/]*(?<path>\/.*)?$/iu.exec(url);
  return match === null ? undefined : (match.groups?.path ?? "/");
}
