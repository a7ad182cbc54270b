import { once } from "node:events";
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { cannotListen } from "../../model/cannot-listen.ts";
import { isOwnHost } from "./is-own-host.ts";

/** How long `stop` waits for readers before it cuts their connections. */
const STOP_GRACE_MS = 2_000;

/** Whether the collector can take requests and, if not, why; `details` are shown as they are. */
export type Readiness = {
  readonly isReady: boolean;
  readonly problems: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
};

/** What the API shows. */
export type ApiServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** Null before there is anything to count. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string } | null>;
};

/** A listening API; `host` and `port` are the real ones. */
export type ApiServer = { readonly host: string; readonly port: number; readonly stop: () => Promise<void> };

type Reply = { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: string };
type Route = () => Promise<Reply>;

/** Serves `/healthz`, `/readyz` and `/metrics`; rejects with `address-in-use`. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const routes = createRoutes(options);
  const server = createServer(async (request, response) => {
    const reply = await replyTo(request, routes, options.host);
    const headers = { "content-length": Buffer.byteLength(reply.body), "cache-control": "no-store", ...reply.headers };
    const connection = server.listening ? {} : { connection: "close" };
    response.writeHead(reply.status, { ...headers, ...connection }).end(reply.body);
  });
  const { address, port } = await listen(server, options);
  return { host: address, port, stop: () => stopServer(server) };
}

function createRoutes({ readiness, metrics }: ApiServerOptions): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    ["/healthz", async () => json(200, { status: "ok" })],
    ["/readyz", async () => readyz(await readiness())],
    [
      "/metrics",
      async () => {
        const counted = await metrics();
        if (counted === null) return failure(503, "the collector is starting; ask again later");
        return { status: 200, headers: { "content-type": counted.contentType }, body: counted.text };
      },
    ],
  ]);
}

function readyz({ isReady, problems, details }: Readiness): Reply {
  return json(isReady ? 200 : 503, { status: isReady ? "ready" : "not ready", problems, details });
}

async function replyTo(request: IncomingMessage, routes: ReadonlyMap<string, Route>, host: string): Promise<Reply> {
  if (!isOwnHost(request.headers.host, host)) {
    return failure(403, "expected the Host header to name this machine, such as localhost");
  }
  const route = routes.get(request.url?.split("?", 1)[0] ?? "");
  if (route === undefined) return failure(404, `expected the path to be one of ${[...routes.keys()].join(", ")}`);
  if (request.method !== "GET" && request.method !== "HEAD") return methodNotAllowed();
  try {
    return await route();
  } catch {
    return failure(500, "cannot answer; this is a fault in the collector");
  }
}

function methodNotAllowed(): Reply {
  const reply = failure(405, "expected the method to be GET");
  return { ...reply, headers: { ...reply.headers, allow: "GET, HEAD" } };
}

function failure(status: number, error: string): Reply {
  return json(status, { error });
}

function json(status: number, value: unknown): Reply {
  return { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(value)}\n` };
}

async function listen(server: Server, { host, port }: ApiServerOptions): Promise<AddressInfo> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    throw cannotListen({ host, port, flag: "--api" }, cause);
  }
  return server.address() as AddressInfo;
}

async function stopServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const grace = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
  await closed;
  clearTimeout(grace);
}
