import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { finished } from "node:stream";
import { status } from "@grpc/grpc-js";
import { OperatingError } from "../model/operating-error.ts";
import { corsHeaders, preflightHeaders } from "./cors-headers.ts";
import { encodeOutcome, encodeRefusal, outcomeAsJson, refusalAsJson } from "./encode-response.ts";
import type { Handshakes } from "./handshakes.ts";
import { limitConnections } from "./limit-connections.ts";
import { listen } from "./listen.ts";
import { logOnce } from "./log-once.ts";
import { proofOf } from "./proof.ts";
import { readBody } from "./read-body.ts";
import { BODY_BYTES_MAX, type Receiver, STOP_GRACE_MS, UPLOAD_MS_MAX } from "./receiver.ts";
import { RETRY_AFTER_S, type Refusal, refusalOf } from "./refusal.ts";
import { REFUSED_SIGNALS, refuseSignal } from "./refused-signals.ts";
import type { SenderAccess, Shown } from "./sender-access.ts";
import { senderOf } from "./sender-of.ts";
import type { ExportOutcome, ExportRequest, ReceiverLog, TakeExport } from "./take-export.ts";
import { UploadBudget } from "./upload-budget.ts";

const TRACES_PATH = "/v1/traces";

/** A sender may be slow, not stuck; an idle connection outlives the pauses of a batching exporter. */
const TIMEOUTS = { headersTimeout: 10_000, keepAliveTimeout: 75_000 };
const CHECKS_A_TIMEOUT = 10;

/** How long the rest of a refused body is read and thrown away. */
const LINGER_MS = 1_000;

/** What the OTLP/HTTP endpoint needs; `corsOrigins` are the origins whose pages may send from a browser. */
export type HttpReceiverOptions = {
  readonly host: string;
  readonly port: number;
  readonly bodyBytesMax?: number;
  readonly uploadMsMax?: number;
  readonly uploads?: UploadBudget;
  readonly connectionsMax?: number;
  readonly take: TakeExport;
  readonly log: ReceiverLog;
  readonly corsOrigins: readonly string[];
  /** Absent: nothing is encrypted, and nobody is asked who they are. */
  readonly access?: SenderAccess;
};

type Encoding = ExportRequest["encoding"];
type Reply = { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: Buffer | string };
type Answer = (request: IncomingMessage) => Promise<Reply>;

/** Starts OTLP/HTTP, protobuf and JSON; rejects with `address-in-use`. */
export async function startHttpReceiver(options: HttpReceiverOptions): Promise<Receiver> {
  const { server, handshakes } = createHttpServer(options);
  const answer = answerer(options);
  server.on("request", async (request: IncomingMessage, response: ServerResponse) => {
    const reply = await answer(request);
    const headers = { ...corsHeaders(request, options.corsOrigins), ...reply.headers };
    send({ ...reply, headers }, response, server.listening);
  });
  // A sender that has said all it had to say is answered still; Node does so only where asked.
  Object.assign(server, { httpAllowHalfOpen: true });
  limitConnections(server, options.connectionsMax, options.log);
  const { address, port } = await listen(server, { ...options, flag: "--otlp-http" });
  return { host: address, port, stop: () => stopServer(server, handshakes) };
}

function createHttpServer({ access, uploadMsMax }: HttpReceiverOptions): {
  readonly server: Server | TlsServer;
  /** Null where nothing is encrypted. */
  readonly handshakes: Handshakes | null;
} {
  const tls = access?.tlsOptions ?? null;
  if (access === undefined || tls === null) {
    return { server: createServer(timeouts(uploadMsMax)), handshakes: null };
  }
  const server = createTlsServer({ ...timeouts(uploadMsMax), ...tls });
  return { server, handshakes: access.watch(server) };
}

function timeouts(uploadMsMax = UPLOAD_MS_MAX) {
  const headersTimeout = Math.min(TIMEOUTS.headersTimeout, uploadMsMax);
  // Node looks for what has timed out only now and then, by itself every 30 s.
  const connectionsCheckingInterval = headersTimeout / CHECKS_A_TIMEOUT;
  return { ...TIMEOUTS, headersTimeout, requestTimeout: uploadMsMax, connectionsCheckingInterval };
}

function answerer(options: HttpReceiverOptions): Answer {
  const { access, uploads = new UploadBudget(), bodyBytesMax = BODY_BYTES_MAX } = options;
  const signalLog = logOnce(options.log);
  const failureLog = logOnce(options.log);
  return async (request) => {
    const encoding = encodingOf(request);
    if (isPreflight(request, options.corsOrigins)) return { status: 204, headers: preflightHeaders(request), body: "" };
    const misdirected = refuseMisdirected(request, signalLog);
    if (misdirected !== null) return refused(misdirected, encoding ?? "json");
    const upload = uploads.open(bodyBytesMax);
    try {
      if (encoding === null) throw unsupportedMediaType();
      const principal = access?.identify(shownBy(request));
      const bytes = await readBody(request, { bytesMax: bodyBytesMax, upload });
      const outcome = options.take({ bytes, encoding, sender: sender(request), ...principal });
      upload.close();
      return taken(await outcome, encoding);
    } catch (error) {
      return refused(refusalOf(error, failureLog), encoding ?? "json");
    } finally {
      upload.close();
    }
  };
}

/** OTLP/HTTP knows two encodings; parameters such as `charset` say nothing more, both are defined byte for byte. */
function encodingOf(request: IncomingMessage): Encoding | null {
  const mediaType = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType === "application/x-protobuf") return "protobuf";
  return mediaType === "application/json" ? "json" : null;
}

function isPreflight(request: IncomingMessage, origins: readonly string[]): boolean {
  if (request.method !== "OPTIONS" || pathOf(request) !== TRACES_PATH) return false;
  return "access-control-request-method" in request.headers && "vary" in corsHeaders(request, origins);
}

function pathOf(request: IncomingMessage): string {
  return request.url?.split("?", 1)[0] ?? "";
}

function sender(request: IncomingMessage): string {
  return senderOf(request.socket.remoteAddress);
}

function shownBy(request: IncomingMessage): Shown {
  // Not `headers`: of two that differ it has the first alone.
  const authorization = request.headersDistinct.authorization ?? [];
  return { authorization, sender: sender(request), proof: proofOf(request.socket) };
}

function refuseMisdirected(request: IncomingMessage, log: ReceiverLog): Refusal | null {
  const path = pathOf(request);
  const signal = REFUSED_SIGNALS.find(({ httpPath }) => httpPath === path);
  if (signal !== undefined) return misdirection(404, refuseSignal(signal, sender(request), log));
  if (path !== TRACES_PATH) return misdirection(404, `only POST ${TRACES_PATH} (OTLP/HTTP traces) is answered here`);
  if (request.method !== "POST") return misdirection(405, `expected the method of ${TRACES_PATH} to be POST`);
  return null;
}

function misdirection(httpStatus: number, message: string): Refusal {
  return {
    code: httpStatus === 404 ? status.NOT_FOUND : status.UNIMPLEMENTED,
    httpStatus,
    message,
    isRetryable: false,
  };
}

function unsupportedMediaType(): OperatingError {
  return new OperatingError(
    "unsupported-media-type",
    "expected content-type to be application/x-protobuf or application/json",
  );
}

function taken(outcome: ExportOutcome, encoding: Encoding): Reply {
  return encoding === "json"
    ? { status: 200, headers: contentType(encoding), body: outcomeAsJson(outcome) }
    : { status: 200, headers: contentType(encoding), body: encodeOutcome(outcome) };
}

function refused(refusal: Refusal, encoding: Encoding): Reply {
  const headers = contentType(encoding);
  if (refusal.isRetryable) headers["retry-after"] = String(RETRY_AFTER_S);
  if (refusal.httpStatus === 405) headers.allow = "POST";
  if (refusal.httpStatus === 401) headers["www-authenticate"] = "Bearer";
  const body = encoding === "json" ? refusalAsJson(refusal) : encodeRefusal(refusal);
  return { status: refusal.httpStatus, headers, body };
}

function contentType(encoding: Encoding): OutgoingHttpHeaders {
  return { "content-type": encoding === "json" ? "application/json" : "application/x-protobuf" };
}

/**
 * Sends the reply. Where the body was not read to its end, what is still coming is thrown away for a moment before the
 * connection closes: closing at once would reset it, and a sender that is still writing would never see the reply.
 */
function send({ status, headers, body }: Reply, response: ServerResponse, isListening: boolean): void {
  const isRead = response.req.complete;
  const connection = isRead && isListening ? {} : { connection: "close" };
  const length = status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length, ...connection });
  if (isRead) {
    response.end(body);
    return;
  }
  if (body.length > 0) response.write(body);
  finished(response.req.resume(), { signal: AbortSignal.timeout(LINGER_MS) }, () => response.end());
}

async function stopServer(server: Server | TlsServer, handshakes: Handshakes | null): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  handshakes?.end();
  const grace = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
  await closed;
  clearTimeout(grace);
}
