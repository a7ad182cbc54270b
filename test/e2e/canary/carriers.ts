import { WANTED_ATTRIBUTES } from "../../../src/assemble/attribute-names.ts";
import { CREDENTIAL_ATTRIBUTE_TABLE } from "../../../src/credential/credential-attributes.ts";
import { BASIC, MUTE, SECRETS, TELLING } from "./secrets.ts";

/*
 * Where a secret can stand in an export request, and how it may be written there. A carrier is what a span has beside
 * its call; whatever OTLP/JSON has a key for.
 */

type Json = Readonly<Record<string, unknown>>;

/** What a span, its resource and its scope have beside a call. */
export type Carrier = {
  readonly what: string;
  readonly span?: Json;
  readonly attributes?: readonly Json[];
  readonly resource?: readonly Json[];
  readonly scope?: Json;
  readonly schemaUrl?: string;
};

/** The kinds of `AnyValue` that hold a text, arrays and maps in each other among them. */
const VALUES: readonly ((text: string) => Json)[] = [
  (text) => ({ stringValue: text }),
  (text) => ({ arrayValue: { values: [{ stringValue: text }] } }),
  (text) => ({ arrayValue: { values: [{ stringValue: text }, { stringValue: `${text}x` }] } }),
  (text) => ({
    kvlistValue: { values: [attribute("token", { stringValue: text }), attribute(text, { intValue: "1" })] },
  }),
  (text) => ({ bytesValue: Buffer.from(text).toString("base64") }),
  (text) => ({ arrayValue: { values: [{ kvlistValue: { values: [attribute("token", { stringValue: text })] } }] } }),
  (text) => ({ arrayValue: { values: [{ arrayValue: { values: [{ stringValue: text }] } }] } }),
];

function attribute(key: string, value: Json): Json {
  return { key, value };
}

const LIMITS = [20, 40, 64, 128, 255, 256, 512];

/** How a secret may stand in a text that says by itself that it is one. */
function spellings(secret: string): readonly string[] {
  const isMute = Object.values(MUTE).includes(secret);
  const named = [
    ...[
      `Bearer ${secret}`,
      `bearer%20${secret}`,
      `access_token=${secret}&x=1`,
      `{"access_token": "${secret}", "n": 1}`,
    ],
    ...[
      `{"password":"${secret}"}`,
      `auth_token=${secret}`,
      `X-Amz-Security-Token=${secret}`,
      `client_secret = ${secret}`,
    ],
    ...[`{'clientSecret': '${secret}'}`, `ApiKey ${secret}`, `api-key: ${secret}`, `Authorization: Token ${secret}`],
    ...[`Cookie: session=${secret}; a=b`, `\\"refresh_token\\":\\"${secret}\\"`, `token%3D${secret}`, `PWD=${secret};`],
    ...[`https://h.example/a?token=${encodeURIComponent(secret)}#x`, `redis://:${secret}@h.example:6379/0`],
    ...[
      `https://u:${encodeURIComponent(secret)}@h.example/`,
      `https://u:${secret}@h.example/`,
      `u:${secret}@h.example`,
    ],
  ];
  if (isMute) return named;
  const limited = LIMITS.map((limit) => `${"x ".repeat(limit)}${secret}`.slice(limit, 2 * limit + 20));
  return [
    ...[secret, `before ${secret} after`, `"${secret}"`, `[${secret}]`, `${secret}/${secret}`, `a.${secret}`, ...named],
    ...[`Bearer ${secret}`, JSON.stringify({ a: [secret] })].map(base64),
    ...[base64(secret), base64(secret).replaceAll("+", "-").replaceAll("/", "_")],
    ...[
      encodeURIComponent(secret),
      percentEncoded(secret),
      secret.replaceAll(".", "%2E"),
      secret.replaceAll(".", "%252e"),
    ],
    ...[secret.replaceAll(".", "\\u002e"), ...LIMITS.map((limit) => secret.slice(0, limit)), ...limited],
    `${"a".repeat(65_520)}${secret}`,
    `${"x".repeat(70_000)}${secret}`,
  ];
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function percentEncoded(text: string): string {
  return Buffer.from(text).toString("hex").replaceAll(/../gu, "%$&");
}

/** The values of a header that carries credentials, as instrumentations capture them. */
function headerValues(secret: string): readonly string[] {
  return [
    ...[secret, `Bearer ${secret}`, `DPoP ${secret}`, `Basic ${secret}`, `ApiKey ${secret}`, `Token ${secret}`],
    ...[
      `Bearer ${secret}, Basic ${BASIC}`,
      `  Bearer\t${secret}  `,
      `Bearer "${secret}"`,
      `Unknown ${secret}`,
      `Bearer${secret}`,
    ],
    ...[`AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/eu/s3/aws4_request, Signature=${secret}`],
    ...[`Digest username="${secret}", response="${secret}"`, `session=${secret}; other=${secret}`, `sig1=:${secret}:`],
    ...[`By=spiffe://td/a;Hash=${secret};URI=spiffe://td/${secret};Subject="CN=${secret}";Cert="${secret}"`],
    ...[`CN=${secret},O=x`, encodeURIComponent(secret), base64(secret), `sha256:${secret}`, `${secret}...`],
    ...LIMITS.slice(2).map((limit) => `Bearer ${secret}`.slice(0, limit)),
    `Bearer ${"x".repeat(17_000)}${secret}`,
  ];
}

const EVENT_TIME = String(BigInt(Date.now()) * 1_000_000n);

/** Where nothing is read, or kept as it stands: every secret in every spelling. */
function unread(secret: string): readonly Carrier[] {
  const texts = [secret, `Bearer ${secret}`, base64(secret), `{"token":"${secret}"}`];
  return texts.flatMap((text) => [
    { what: "span name", span: { name: `GET ${text}` } },
    { what: "trace state", span: { traceState: `vendor=${text},ot=th:${text}` } },
    { what: "status message", span: { status: { code: 2, message: `401 for ${text}` } } },
    { what: "event", span: { events: [eventOf(text)] } },
    {
      what: "link",
      span: {
        links: [
          { ...ids(), traceState: text, attributes: VALUES.map((value) => attribute("authorization", value(text))) },
        ],
      },
    },
    { what: "unread attribute", attributes: VALUES.map((value, index) => attribute(`app.${index}`, value(text))) },
    { what: "attribute's key", attributes: [attribute(text, { stringValue: text })] },
    { what: "header's key", attributes: [attribute(`http.request.header.${text}`, { stringValue: text })] },
    {
      what: "unread resource attribute",
      resource: VALUES.map((value, index) => attribute(`process.command_args.${index}`, value(text))),
    },
    { what: "resource attribute's key", resource: [attribute(text, { stringValue: "x" })] },
    {
      what: "scope",
      scope: { name: text, version: text, attributes: VALUES.map((value) => attribute("a", value(text))) },
    },
    { what: "schema URL", schemaUrl: `https://h.example/${text}` },
    { what: "url.query", attributes: [attribute("url.query", { stringValue: `a=1&token=${secret}&sig=${secret}` })] },
    {
      what: "SQL",
      attributes: [attribute("db.query.text", { stringValue: `SELECT * FROM t WHERE a = '${text}' /* ${text} */` })],
    },
    {
      what: "unknown header",
      attributes: [attribute("http.response.header.set-cookie", { stringValue: `sid=${text}` })],
    },
  ]);
}

function eventOf(text: string): Json {
  const keys = ["exception.message", "exception.stacktrace", "http.request.header.authorization"];
  return {
    timeUnixNano: EVENT_TIME,
    name: `failed ${text}`,
    attributes: keys.flatMap((key) => VALUES.map((value) => attribute(key, value(text)))),
  };
}

/** A third of the attributes that carry credentials, another third with every secret. */
function headers(secret: string, turn: number): readonly Carrier[] {
  const values = headerValues(secret);
  return [...CARRYING, "acme.token", "acme.key"]
    .filter((_, at) => (at + turn) % 3 === 0)
    .map((name, index) => carrierOf(name, anyValue(index, values[(index + turn) % values.length] ?? "")));
}

/** The headers and URLs that are read as credentials; the others tell names, of which something is kept. */
const [CARRYING, TELLING_NAMES] = [true, false].map((isWanted) =>
  CREDENTIAL_ATTRIBUTE_TABLE.filter(
    ({ fact, place }) => (["header", "url", "query"].includes(fact) && place !== "peer") === isWanted,
  ).map(({ name }) => name),
) as [string[], string[]];

/** Every attribute of which something is kept: a name, a host, a path, a fact that is told. */
const NAMES = [
  ...WANTED_ATTRIBUTES,
  ...[...TELLING_NAMES, "acme.issuer"].map((name) => ({ name, scope: "span" as const })),
];

/** Each spelling in a few of the places, each place with many spellings: all of both would take an hour. */
function names(secret: string, turn: number): readonly Carrier[] {
  return spellings(secret).flatMap((text, index) =>
    NAMES.filter(({ name }, at) => (at + index + turn) % 61 === 0 && canHold(name, secret)).map(({ name, scope }) =>
      carrierOf(name, anyValue(index % 2, text), scope),
    ),
  );
}

/** A list of scopes is words: what no word tells is a scope like any other. */
function canHold(name: string, secret: string): boolean {
  return !name.endsWith(".scopes") || !Object.values(MUTE).includes(secret);
}

function carrierOf(name: string, value: Json, scope: "span" | "resource" = "span"): Carrier {
  return { what: name, [scope === "resource" ? "resource" : "attributes"]: [attribute(name, value)] };
}

function anyValue(index: number, text: string): Json {
  return (VALUES[index % 4 === 3 ? index % VALUES.length : index % 3] ?? plainValue)(text);
}

function plainValue(text: string): Json {
  return { stringValue: text };
}

/** Every carrier with every secret that it may hold. */
export function carriers(): readonly Carrier[] {
  const headed = [...Object.values(TELLING), ...Object.values(MUTE), BASIC];
  const written = [...Object.values(TELLING), ...Object.values(MUTE)];
  return [...[...SECRETS.values()].flatMap(unread), ...headed.flatMap(headers), ...written.flatMap(names)];
}

function ids(): { readonly traceId: string; readonly spanId: string } {
  return { traceId: randomHex(16), spanId: randomHex(8) };
}

export function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}

const SERVICES = ["web", "stock"];

/** A call from web to stock as both tell it, with a carrier on each of their spans. */
export function callWith({ span, attributes = [], resource = [], scope, schemaUrl }: Carrier): readonly Json[] {
  const [caller, traceId] = [randomHex(8), randomHex(16)];
  const now = Date.now();
  const http = [
    attribute("http.request.method", { stringValue: "GET" }),
    attribute("http.route", { stringValue: "/items/{id}" }),
    attribute("http.response.status_code", { intValue: "200" }),
  ];
  return SERVICES.map((service, side) => ({
    resource: { attributes: [attribute("service.name", { stringValue: service }), ...resource] },
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
    scopeSpans: [
      {
        ...(scope === undefined ? {} : { scope }),
        ...(schemaUrl === undefined ? {} : { schemaUrl }),
        spans: [
          {
            traceId,
            spanId: side === 0 ? caller : randomHex(8),
            ...(side === 0 ? {} : { parentSpanId: caller }),
            kind: side === 0 ? 3 : 2,
            startTimeUnixNano: String(BigInt(now) * 1_000_000n),
            endTimeUnixNano: String(BigInt(now + 5) * 1_000_000n),
            attributes: [...http, ...attributes],
            ...span,
          },
        ],
      },
    ],
  }));
}
