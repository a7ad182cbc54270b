import type { Random } from "../simulation/random.ts";
import type { OtlpAttributes, OtlpSpan } from "../support/otlp.ts";

/** A span and the service that sends it; `isLate` spans are sent long after those they belong to. */
export type SentSpan = { readonly service: string; readonly span: OtlpSpan; readonly isLate?: boolean };

const START_MS = Date.UTC(2026, 0, 1);
const ISSUER = "https://id.example";
const EXPIRED_S = Date.UTC(2025, 5, 1) / 1000;
const VALID_S = Date.UTC(2027, 0, 1) / 1000;
/** As long as a signature by ES256 is. */
const SIGNATURE = "A".repeat(86);
const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** What the owners of the services declare: most of what the traces do, so that the rest raises alerts. */
export const BASELINE = `
issuers:
  idp: { iss: "${ISSUER}" }
services:
  gateway:
    accepts: [{ issuer: idp, audiences: [gateway] }]
    ingress: [{ from: internet }]
    calls:
      cart: { operations: ["GET /carts/{id}"], token: { mode: own, audiences: [cart] } }
      checkout: { token: { mode: own, audiences: [checkout] } }
  cart:
    accepts: [{ issuer: idp, audiences: [cart] }]
  checkout:
    accepts: [{ issuer: idp, audiences: [checkout] }]
    calls:
      payments: { token: { mode: own, audiences: [payments] } }
  payments:
    accepts: [{ issuer: idp, audiences: [payments] }]
  worker: {}
  stock:
    accepts: [{ issuer: idp, audiences: [stock] }]
`;

/** Makes the spans of one trace after another; the same random numbers give the same spans. */
export class Traces {
  readonly #random: Random;
  #traces = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The spans of the next trace, of a kind drawn by chance. */
  next(): readonly SentSpan[] {
    this.#traces++;
    const kind = this.#random.weigh({ browse: 6, order: 5, relay: 3, message: 4, oneSided: 4, misdeed: 3, late: 3 });
    return this[kind]();
  }

  /** Declared calls, each with a token of its own. */
  browse(): SentSpan[] {
    return [
      this.#span("gateway", "server", { id: 1, path: "/carts/{id}" }),
      ...this.#call({ caller: "gateway", under: 1, callee: "cart", id: 2, token: this.#token("gateway", ["cart"]) }),
      this.#span("cart", "client", {
        id: 4,
        under: 3,
        attributes: { "db.system.name": "redis", "server.address": "carts" },
      }),
    ];
  }

  /** Three services deep; now and then the token has expired. */
  order(): SentSpan[] {
    const expiresAtS = this.#random.chance(0.1) ? EXPIRED_S : VALID_S;
    const token = this.#token("checkout", ["payments"], expiresAtS);
    return [
      this.#span("gateway", "server", { id: 1, path: "/orders" }),
      ...this.#call({
        caller: "gateway",
        under: 1,
        callee: "checkout",
        id: 2,
        token: this.#token("gateway", ["checkout"]),
      }),
      this.#span("checkout", "internal", { id: 4, under: 3 }),
      ...this.#call({ caller: "checkout", under: 4, callee: "payments", id: 5, token }),
    ];
  }

  /** A token that was received is passed on, to whom it is meant for or to somebody else. */
  relay(): SentSpan[] {
    const callee = this.#random.pick(["cart", "checkout"]);
    const isPastAudience = this.#random.chance(0.5);
    const token = this.#token("user", isPastAudience ? ["gateway"] : ["gateway", callee]);
    return [
      this.#span("gateway", "server", { id: 1, path: "/carts/{id}", token }),
      ...this.#call({ caller: "gateway", under: 1, callee, id: 2, token }),
    ];
  }

  /** A message whose consumer names the producer by a link from a trace of its own, and calls on. */
  message(): SentSpan[] {
    const queue = { "messaging.system": "kafka", "messaging.destination.name": this.#random.pick(["orders", "mails"]) };
    const producer = this.#span("checkout", "producer", { id: 2, under: 1, attributes: queue });
    const sent = [this.#span("checkout", "server", { id: 1, path: "/orders" }), producer];
    this.#traces++;
    const links = [{ traceId: producer.span.traceId, spanId: producer.span.spanId }];
    const consumer = this.#span("worker", "consumer", { id: 1, attributes: queue });
    return [
      ...sent,
      { ...consumer, span: { ...consumer.span, links } },
      ...this.#call({ caller: "worker", under: 1, callee: "stock", id: 2, token: this.#token("worker", ["stock"]) }),
    ];
  }

  /** Calls of which one side never comes. */
  oneSided(): SentSpan[] {
    const peer = this.#random.pick(["mailer", "search", "stock"]);
    return [
      this.#span("cart", "client", { id: 2, under: 1, path: "/send", attributes: { "peer.service": peer } }),
      this.#span("payments", "client", { id: 3, under: 1, attributes: { "server.address": "api.bank.example" } }),
      this.#span("stock", "server", { id: 5, under: 9, path: "/items" }),
    ];
  }

  /** What nobody declared: a stranger's call, a token for somebody else, a token that another service uses. */
  misdeed(): SentSpan[] {
    const stolen = this.#token("checkout", ["payments"]);
    const first = this.#call({ caller: "checkout", under: 9, callee: "payments", id: 1, token: stolen });
    this.#traces++;
    const again = this.#call({ caller: "worker", under: 9, callee: "payments", id: 5, token: stolen });
    return [
      ...first,
      ...this.#call({ caller: "worker", under: 9, callee: "payments", id: 1, token: stolen }),
      ...this.#call({ caller: "stock", under: 9, callee: "payments", id: 3, token: this.#token("stock", ["cart"]) }),
      ...again.map((sent) => ({ ...sent, isLate: true })),
    ];
  }

  /** The callee's half comes long after the guess was made; another half comes before its caller's. */
  late(): SentSpan[] {
    const [client, server] = this.#call({ caller: "cart", under: 9, callee: "stock", id: 1, token: null });
    const [lateClient, earlyServer] = this.#call({ caller: "stock", under: 8, callee: "cart", id: 3, token: null });
    return [client, { ...server, isLate: true }, { ...lateClient, isLate: true }, earlyServer].filter(
      (one) => one !== undefined,
    ) as SentSpan[];
  }

  #call(call: {
    caller: string;
    under: number;
    callee: string;
    id: number;
    token: string | null;
  }): [SentSpan, SentSpan] {
    const { caller, under, callee, id, token } = call;
    const path = this.#random.pick(["/carts/{id}", "/orders", "/items"]);
    return [
      this.#span(caller, "client", { id, under, path, token, attributes: { "peer.service": callee } }),
      this.#span(callee, "server", { id: id + 1, under: id, path, token }),
    ];
  }

  #span(
    service: string,
    kind: keyof typeof KIND,
    details: {
      readonly id: number;
      readonly under?: number;
      readonly path?: string;
      readonly token?: string | null;
      readonly attributes?: OtlpAttributes;
    },
  ): SentSpan {
    const { id, under, path, token = null, attributes = {} } = details;
    const http = { "http.request.method": "GET", "http.response.status_code": 200 };
    const startMs = START_MS + this.#traces * 10 + id;
    return {
      service,
      span: {
        traceId: hexId(this.#traces, 32),
        spanId: hexId(this.#traces * 16 + id, 16),
        ...(under === undefined ? {} : { parentSpanId: hexId(this.#traces * 16 + under, 16) }),
        name: "GET",
        kind: KIND[kind],
        startMs,
        endMs: startMs + 5,
        attributes: {
          ...(path === undefined ? {} : { ...http, "http.route": path }),
          ...(token === null ? {} : { "http.request.header.authorization": [`Bearer ${token}`] }),
          ...attributes,
        },
      },
    };
  }

  /** A JWT that is like no other, with a signature that means nothing. */
  #token(client: string, audiences: readonly string[], expiresAtS = VALID_S): string {
    const claims = {
      iss: ISSUER,
      sub: client,
      client_id: client,
      aud: audiences,
      exp: expiresAtS,
      jti: this.#random.fraction(),
    };
    const [header, body] = [{ alg: "ES256", typ: "JWT" }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString("base64url"),
    );
    return `${header}.${body}.${SIGNATURE}`;
  }
}

function hexId(number: number, digits: number): string {
  return `a${number.toString(16).padStart(digits - 1, "0")}`;
}
