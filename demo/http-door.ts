import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { trace } from "@opentelemetry/api";
import { http } from "./instrumented.ts";
import { type Caller, TokenRefused, type VerifyToken } from "./verify-token.ts";

/** A request that a route handles. */
export type Visit = { readonly parameters: Readonly<Record<string, string>>; readonly body: string };

/** One operation; the answer of `handle` is sent as JSON. */
export type Route =
  | { readonly on: string; readonly open: (visit: Visit) => Promise<unknown> }
  | { readonly on: string; readonly handle: (visit: Visit, caller: Caller) => Promise<unknown> };

/** Something that listens, until it is closed. */
export type Door = { readonly address: string; readonly close: () => Promise<void> };

/** Listens on a free loopback port. Routes with `handle` are entered only with a token that `verify` lets through. */
export async function openHttpDoor(routes: readonly Route[], verify: VerifyToken = refuseAll): Promise<Door> {
  const compiled = routes.map((route) => ({ route, ...compile(route.on) }));
  const server = http.createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://door").pathname;
    const match = compiled.find(({ method, expression }) => method === request.method && expression.test(path));
    if (match === undefined) return send(response, 404, {});
    trace.getActiveSpan()?.setAttribute("http.route", match.template).updateName(match.route.on);
    const parameters = match.expression.exec(path)?.groups ?? {};
    answer(match.route, parameters, request, verify).then(
      (body) => send(response, 200, body),
      (error: unknown) => send(response, error instanceof TokenRefused ? 401 : 502, { error: String(error) }),
    );
  });
  return listen(server);
}

async function refuseAll(): Promise<Caller> {
  throw new TokenRefused("no route here takes a token");
}

async function answer(
  route: Route,
  parameters: Visit["parameters"],
  request: IncomingMessage,
  verify: VerifyToken,
): Promise<unknown> {
  if ("open" in route) return route.open({ parameters, body: await readBody(request) });
  const caller = await verify(request.headers.authorization);
  return route.handle({ parameters, body: await readBody(request) }, caller);
}

function compile(on: string) {
  const [method = "", template = ""] = on.split(" ");
  const pattern = template.replaceAll(".", "\\.").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return { method, template, expression: new RegExp(`^${pattern}$`) };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  return body;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function listen(server: Server): Promise<Door> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()).closeIdleConnections());
  return { address: `http://127.0.0.1:${port}`, close };
}
