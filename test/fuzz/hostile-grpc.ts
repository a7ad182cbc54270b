import { constants } from "node:http2";
import { deflateSync, gzipSync } from "node:zlib";
import { encodeRequest } from "../support/otlp.ts";
import { callEnds, type Doors, frame, openCall, speak, withSession } from "./hostile-connections.ts";
import { largeAttributes, type Misbehave, noise, spanWith } from "./hostile-http.ts";

const MEBIBYTE = 1024 * 1024;
const GOOD = encodeRequest(spanWith({}));
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const SETTINGS = http2Frame(4, 0, 0, "");
/** `:method: POST, :scheme: http, :path: /`, from HPACK's static table. */
const HEADER_BLOCK = Buffer.from([0x83, 0x86, 0x84]);
const HEALTH = { ":path": "/grpc.health.v1.Health/Check" };

/** One by name for every way in which the OTLP/gRPC door is abused. */
export const GRPC_MISDEEDS: Readonly<Record<string, Misbehave>> = {
  "connects and says nothing": ({ otlpGrpc }) => speak(otlpGrpc, Buffer.alloc(0), "leave"),
  "sends a garbage preface": ({ otlpGrpc }, random) => speak(otlpGrpc, noise(random), "half-close"),
  "sends half a preface": ({ otlpGrpc }) => speak(otlpGrpc, PREFACE.subarray(0, 9), "half-close"),
  "sends a preface and then noise": ({ otlpGrpc }, random) =>
    speak(otlpGrpc, Buffer.concat([PREFACE, SETTINGS, noise(random)]), "half-close"),
  "half-closes after the settings": ({ otlpGrpc }) => speak(otlpGrpc, hello(), "half-close"),
  "sends half a frame and resets": ({ otlpGrpc }) =>
    speak(otlpGrpc, hello(http2Frame(1, 4, 1, HEADER_BLOCK).subarray(0, 10)), "reset"),
  "floods settings": ({ otlpGrpc }) =>
    speak(otlpGrpc, hello(...Array.from({ length: 20_000 }, () => SETTINGS)), "leave"),
  "floods pings": ({ otlpGrpc }) =>
    speak(otlpGrpc, hello(...Array.from({ length: 20_000 }, () => http2Frame(6, 0, 0, "12345678"))), "leave"),
  "floods continuations": ({ otlpGrpc }) => {
    const more = http2Frame(9, 0, 1, Buffer.from([0x00, 0x01, 0x61, 0x01, 0x62]));
    return speak(
      otlpGrpc,
      hello(http2Frame(1, 0, 1, HEADER_BLOCK), ...Array.from({ length: 20_000 }, () => more)),
      "wait",
    );
  },
  "opens windows beyond their end": ({ otlpGrpc }) =>
    speak(
      otlpGrpc,
      hello(
        http2Frame(8, 0, 0, Buffer.from([0x7f, 255, 255, 255])),
        http2Frame(8, 0, 0, Buffer.from([0x7f, 255, 255, 255])),
      ),
      "wait",
    ),
  "sends headers that cannot be unpacked": ({ otlpGrpc }) =>
    speak(otlpGrpc, hello(http2Frame(1, 4, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))), "wait"),
  "sends empty data without an end": ({ otlpGrpc }) =>
    speak(
      otlpGrpc,
      hello(http2Frame(1, 4, 1, HEADER_BLOCK), ...Array.from({ length: 20_000 }, () => http2Frame(0, 0, 1, ""))),
      "leave",
    ),
  "resets streams as fast as it opens them": async ({ otlpGrpc }) => {
    const pairs = Array.from({ length: 5_000 }, (_, at) => [
      http2Frame(1, 4, 2 * at + 1, HEADER_BLOCK),
      http2Frame(3, 0, 2 * at + 1, Buffer.from([0, 0, 0, 8])),
    ]);
    await speak(otlpGrpc, hello(...pairs.flat()), "wait");
  },
  "resets calls within their messages": ({ otlpGrpc }) =>
    withSession(otlpGrpc, async (session) => {
      for (let left = 60; left > 0; left--) {
        const call = openCall(session);
        call.write(frame(Buffer.alloc(100_000)).subarray(0, 50_000));
        call.close(constants.NGHTTP2_CANCEL);
        await callEnds(call);
      }
    }),
  "cuts the connection within a message": (doors) =>
    callWith(doors, frame(Buffer.alloc(MEBIBYTE)).subarray(0, 500_000), "hang"),
  "half-closes within a message": (doors) => callWith(doors, frame(Buffer.alloc(100)).subarray(0, 50)),
  "half-closes within a prefix": (doors) => callWith(doors, Buffer.from([0, 0])),
  "sends no message at all": (doors) => callWith(doors, Buffer.alloc(0)),
  "promises a message of 4 GiB": (doors) => callWith(doors, frame(GOOD, { length: 2 ** 32 - 1 }), "hang"),
  "promises less than it sends": (doors) => callWith(doors, frame(Buffer.alloc(10_000), { length: 100 })),
  "sends several messages": (doors) => callWith(doors, Buffer.concat([frame(GOOD), frame(GOOD), frame(GOOD)])),
  "sends many thousand empty messages": (doors) => callWith(doors, Buffer.alloc(5 * 100_000)),
  "sends a whole message and no end": (doors) => callWith(doors, frame(GOOD), "hang"),
  "sends noise as a message": (doors, random) => callWith(doors, frame(noise(random))),
  "sends an attribute of 10 MB": (doors, random) =>
    callWith(doors, frame(encodeRequest(spanWith(largeAttributes(random))))),
  "sends a gzip bomb": (doors) =>
    callWith(doors, frame(gzipSync(Buffer.alloc(64 * MEBIBYTE)), { flag: 1 }), "end", gzip()),
  "sends a deflate bomb": (doors) =>
    callWith(doors, frame(deflateSync(Buffer.alloc(64 * MEBIBYTE)), { flag: 1 }), "end", {
      "grpc-encoding": "deflate",
    }),
  "sends half a gzip": (doors) => callWith(doors, frame(gzipSync(GOOD).subarray(0, 20), { flag: 1 }), "end", gzip()),
  "says gzip and sends none": (doors) => callWith(doors, frame(GOOD, { flag: 1 }), "end", gzip()),
  "packs without saying how": (doors) => callWith(doors, frame(gzipSync(GOOD), { flag: 1 })),
  "sends a hundred bombs at once": ({ otlpGrpc }) =>
    withSession(otlpGrpc, async (session) => {
      const bomb = frame(gzipSync(Buffer.alloc(15 * MEBIBYTE)), { flag: 1 });
      const calls = Array.from({ length: 100 }, () => openCall(session, gzip()).end(bomb));
      await Promise.all(calls.map(callEnds));
    }),
  "sends a bomb as a question about health": (doors) =>
    callWith(doors, frame(gzipSync(Buffer.alloc(15 * MEBIBYTE)), { flag: 1 }), "end", { ...gzip(), ...HEALTH }),
  "wants an impossible deadline": (doors) => callWith(doors, frame(GOOD), "end", { "grpc-timeout": "99999999H" }),
  "has no deadline left": (doors) => callWith(doors, frame(GOOD), "end", { "grpc-timeout": "0n" }),
  "is not gRPC": (doors) => callWith(doors, Buffer.alloc(MEBIBYTE), "hang", { "content-type": "text/plain" }),
  "calls what is not there": (doors) => callWith(doors, Buffer.alloc(MEBIBYTE), "hang", { ":path": "/no/Such" }),
};

/** One call with these bytes, ended or left hanging until the connection is cut. */
function callWith({ otlpGrpc }: Doors, bytes: Uint8Array, then: "end" | "hang" = "end", headers = {}): Promise<void> {
  return withSession(otlpGrpc, async (session) => {
    const call = openCall(session, headers);
    if (then === "end") {
      call.end(bytes);
      await callEnds(call);
    } else await new Promise<void>((resolve) => void call.write(bytes, () => resolve()));
  });
}

function gzip(): Record<string, string> {
  return { "grpc-encoding": "gzip" };
}

function hello(...frames: readonly Buffer[]): Buffer {
  return Buffer.concat([PREFACE, SETTINGS, ...frames]);
}

/** RFC 9113, section 4.1: length (24), type (8), flags (8), stream (32). */
function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array | string): Buffer {
  const content = Buffer.from(payload as Uint8Array);
  const head = Buffer.alloc(9);
  head.writeUIntBE(content.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, content]);
}
