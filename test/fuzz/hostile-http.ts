import { deflateSync, gzipSync } from "node:zlib";
import type { Random } from "../simulation/random.ts";
import { encodeJsonRequest, encodeRequest, type OtlpAttributes, type OtlpRequest } from "../support/otlp.ts";
import { type Doors, speak } from "./hostile-connections.ts";

/** Something that no well-behaved exporter does. */
export type Misbehave = (doors: Doors, random: Random) => Promise<void>;

const MEBIBYTE = 1024 * 1024;
const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";
const GOOD = encodeRequest(spanWith({}));

/** One by name for every way in which the OTLP/HTTP door is abused. */
export const HTTP_MISDEEDS: Readonly<Record<string, Misbehave>> = {
  "half-closes within the body": ({ otlpHttp }) => speak(otlpHttp, post("content-length: 100", "half"), "half-close"),
  "resets within the body": ({ otlpHttp }) => speak(otlpHttp, post("content-length: 100", "half"), "reset"),
  "leaves within a large body": ({ otlpHttp }) =>
    speak(otlpHttp, post("content-length: 16000000", Buffer.alloc(8 * MEBIBYTE)), "leave"),
  "promises more than a body may have": ({ otlpHttp }) => speak(otlpHttp, post("content-length: 99999999999"), "wait"),
  "sends more than it promised": ({ otlpHttp }) =>
    speak(otlpHttp, post("content-length: 4", Buffer.alloc(9999)), "wait"),
  "promises two lengths": ({ otlpHttp }) =>
    speak(otlpHttp, post("content-length: 4\r\ncontent-length: 5", "12345"), "wait"),
  "promises a length and chunks": ({ otlpHttp }) =>
    speak(otlpHttp, post("content-length: 4\r\ntransfer-encoding: chunked", "0\r\n\r\n"), "wait"),
  "sends chunks without an end": ({ otlpHttp }) =>
    speak(otlpHttp, chunked("10\r\n0123456789abcdef\r\n".repeat(99)), "leave"),
  "sends a chunk with a length of its own spelling": ({ otlpHttp }) => speak(otlpHttp, chunked("zz\r\n"), "wait"),
  "sends a chunk larger than memory": ({ otlpHttp }) => speak(otlpHttp, chunked(`${"f".repeat(15)}\r\nx`), "leave"),
  "sends a body in pieces of one byte": ({ otlpHttp }) =>
    speak(otlpHttp, chunked("1\r\nx\r\n".repeat(200_000)), "wait"),
  "drips headers and leaves": ({ otlpHttp }) => speak(otlpHttp, Buffer.from("POST /v1/traces HTT"), "leave"),
  "sends headers without an end": ({ otlpHttp }) =>
    speak(otlpHttp, Buffer.from(`POST / HTTP/1.1\r\n${"a: b\r\n".repeat(50_000)}`), "wait"),
  "sends noise": ({ otlpHttp }, random) => speak(otlpHttp, noise(random), "half-close"),
  "speaks HTTP/2": ({ otlpHttp }) => speak(otlpHttp, Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "wait"),
  "wants another protocol": ({ otlpHttp }) =>
    speak(otlpHttp, post("upgrade: websocket\r\nconnection: upgrade\r\ncontent-length: 0"), "leave"),
  "wants a tunnel": ({ otlpHttp }) =>
    speak(otlpHttp, Buffer.from("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n"), "half-close"),
  "asks before it sends, and does not send": ({ otlpHttp }) =>
    speak(otlpHttp, post("expect: 100-continue\r\ncontent-length: 1000"), "leave"),
  "expects what nobody gives": ({ otlpHttp }) => speak(otlpHttp, post("expect: wonders\r\ncontent-length: 0"), "leave"),
  "sends a gzip bomb": ({ otlpHttp }) =>
    speak(otlpHttp, packed("gzip", gzipSync(Buffer.alloc(64 * MEBIBYTE))), "leave"),
  "sends a deflate bomb and waits": ({ otlpHttp }) =>
    speak(otlpHttp, packed("deflate", deflateSync(Buffer.alloc(64 * MEBIBYTE))), "half-close"),
  "sends half a gzip": ({ otlpHttp }) => speak(otlpHttp, packed("gzip", gzipSync(GOOD).subarray(0, 20)), "half-close"),
  "sends many bombs on one connection": ({ otlpHttp }) => {
    const bomb = packed("gzip", gzipSync(Buffer.alloc(15 * MEBIBYTE)));
    return speak(otlpHttp, Buffer.concat(Array.from({ length: 40 }, () => bomb)), "wait");
  },
  "sends a thousand requests without reading an answer": ({ otlpHttp }) =>
    speak(otlpHttp, Buffer.concat(Array.from({ length: 1_000 }, () => whole(PROTOBUF, GOOD))), "leave"),
  "sends an attribute of 10 MB": ({ otlpHttp }, random) =>
    speak(otlpHttp, whole(PROTOBUF, encodeRequest(spanWith(largeAttributes(random)))), "half-close"),
  "sends an attribute of 10 MB in JSON": ({ otlpHttp }, random) =>
    speak(otlpHttp, whole(JSON_TYPE, encodeJsonRequest(spanWith(largeAttributes(random)))), "half-close"),
  "sends fields that nobody knows": ({ otlpHttp }) =>
    speak(
      otlpHttp,
      whole(PROTOBUF, Buffer.concat([Buffer.from([0xf8, 0xff, 0xff, 0xff, 0x0f, 1]), GOOD])),
      "half-close",
    ),
  "sends noise as protobuf": ({ otlpHttp }, random) => speak(otlpHttp, whole(PROTOBUF, noise(random)), "half-close"),
  "nests JSON five million deep": ({ otlpHttp }) =>
    speak(otlpHttp, whole(JSON_TYPE, Buffer.alloc(5_000_000, "[")), "half-close"),
  "sends a million empty spans in JSON": ({ otlpHttp }) =>
    speak(otlpHttp, whole(JSON_TYPE, Buffer.from(spansOf("{}", 1_000_000))), "half-close"),
  "sends a million empty resources in JSON": ({ otlpHttp }) =>
    speak(otlpHttp, whole(JSON_TYPE, Buffer.from(`{"resourceSpans":[{}${",{}".repeat(1_000_000)}]}`)), "half-close"),
  "leaves the API within its headers": ({ api }) => speak(api, Buffer.from("GET /rea"), "leave"),
  "sends the API a body without an end": ({ api }) =>
    speak(
      api,
      Buffer.from("POST /metrics HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello"),
      "leave",
    ),
};

/** A request of one span. */
export function spanWith(attributes: OtlpAttributes): OtlpRequest {
  const span = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", kind: 2, attributes };
  return { resourceSpans: [{ resource: { "service.name": "hostile" }, scopeSpans: [{ spans: [span] }] }] };
}

/** Long values under names that are read, made of what makes a pattern work hard. */
export function largeAttributes(random: Random): OtlpAttributes {
  const names = ["url.full", "db.query.text", "http.request.header.authorization", "server.address", "http.route"];
  const parts = ["a", "/", "Bearer ", "eyJ.", "'", "((", "\\", "é", "0a", " ", "=&", "@", "://"];
  return { [random.pick(names)]: random.pick(parts).repeat(2_000_000) };
}

export function noise(random: Random): Buffer {
  return Buffer.from(Array.from({ length: random.between(1, 3_000) }, () => random.between(0, 255)));
}

function spansOf(span: string, count: number): string {
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}${`,${span}`.repeat(count - 1)}]}]}]}`;
}

function whole(type: string, body: Uint8Array): Buffer {
  return post(`content-length: ${body.length}`, body, type);
}

function packed(encoding: string, body: Uint8Array): Buffer {
  return post(`content-encoding: ${encoding}\r\ncontent-length: ${body.length}`, body);
}

function chunked(chunks: string): Buffer {
  return post("transfer-encoding: chunked", chunks);
}

function post(headers: string, body: Uint8Array | string = "", type = PROTOBUF): Buffer {
  const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\n${headers}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}
