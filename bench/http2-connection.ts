// HTTP/2 (RFC 9113) as far as a gRPC call that sends one message needs it, and no further: the sender shares the
// machine with what it measures, and `node:http2` takes up to twice the CPU time for the same.

import { connect, type Socket } from "node:net";
import type { Answer, Connection } from "./sender.ts";

const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8, continuation: 9 };
const FLAG = { endStream: 1, acknowledged: 1, endHeaders: 4 };
const SETTING = { headerTableSize: 1, enablePush: 2, initialWindowSize: 4, maxFrameSize: 5 };
const FRAME_HEAD_BYTES = 9;
const WINDOW_BYTES = 65_535;
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Without a table that changes, each block of the answer can be read by itself; of windows there is always enough. */
const HELLO = Buffer.concat([
  PREFACE,
  frame(FRAME.settings, 0, 0, settings([SETTING.headerTableSize, 0], [SETTING.enablePush, 0])),
  frame(FRAME.windowUpdate, 0, 0, uint32(0x3fff_ffff)),
]);

/** The request's fields (RFC 7541): the static table's numbers, and literals that are not indexed. */
const HEADERS = Buffer.concat([
  Buffer.from([0x83, 0x86]), // :method POST, :scheme http
  literal(Buffer.from([0x04]), "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
  literal(Buffer.from([0x01]), "127.0.0.1"),
  literal(Buffer.from([0x0f, 0x10]), "application/grpc"),
  literal(Buffer.concat([Buffer.from([0x00, 2]), Buffer.from("te")]), "trailers"),
]);

/** `grpc-status` and the length of its value: plain, and as Huffman's code has it. */
const STATUS_NAMES = [Buffer.from("\x0bgrpc-status", "latin1"), Buffer.from("889acac8b21234da8f", "hex")];

type Stream = {
  readonly id: number;
  readonly message: Buffer;
  readonly answer: (answer: Answer) => void;
  sent: number;
  window: number;
};

/** Opens a connection over which gRPC messages are sent as they are, many at a time. */
export function connectHttp2(port: number): Connection {
  return new Http2Connection(connect({ port, host: "127.0.0.1", noDelay: true }));
}

class Http2Connection implements Connection {
  readonly #socket: Socket;
  readonly #streams = new Map<number, Stream>();
  /** Streams whose message is not sent in full, oldest first. */
  #unsent: Stream[] = [];
  #nextId = 1;
  #window = WINDOW_BYTES;
  #streamWindow = WINDOW_BYTES;
  #frameBytesMax = 16_384;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.write(HELLO);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#answerAll("broken"));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  send(message: Buffer): Promise<Answer> {
    const id = this.#nextId;
    this.#nextId += 2;
    return new Promise((resolve) => {
      const stream = { id, message, answer: resolve, sent: 0, window: this.#streamWindow };
      this.#streams.set(id, stream);
      this.#unsent.push(stream);
      this.#socket.cork();
      this.#socket.write(frame(FRAME.headers, FLAG.endHeaders, id, HEADERS));
      this.#pump();
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#socket.end();
  }

  /** Sends as much of the messages as the server's windows allow. */
  #pump(): void {
    for (const stream of this.#unsent) {
      if (this.#window === 0) break;
      this.#pumpStream(stream);
    }
    if (this.#unsent.some(isSent)) this.#unsent = this.#unsent.filter((stream) => !isSent(stream));
  }

  #pumpStream(stream: Stream): void {
    const { id, message } = stream;
    while (!isSent(stream)) {
      const bytes = Math.min(message.length - stream.sent, stream.window, this.#window, this.#frameBytesMax);
      if (bytes <= 0) return;
      const end = stream.sent + bytes;
      this.#socket.write(frameHead(bytes, FRAME.data, end === message.length ? FLAG.endStream : 0, id));
      this.#socket.write(message.subarray(stream.sent, end));
      stream.sent = end;
      stream.window -= bytes;
      this.#window -= bytes;
    }
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    this.#socket.cork();
    while (at + FRAME_HEAD_BYTES <= bytes.length) {
      const end = at + FRAME_HEAD_BYTES + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      this.#take(bytes.subarray(at, end));
      at = end;
    }
    this.#pump();
    this.#socket.uncork();
    this.#rest = bytes.subarray(at);
  }

  #take(bytes: Buffer): void {
    const [type, flags, id] = [bytes[3], bytes[4] ?? 0, bytes.readUInt32BE(5) & 0x7fff_ffff];
    const payload = bytes.subarray(FRAME_HEAD_BYTES);
    if (type === FRAME.headers || type === FRAME.continuation) this.#takeHeaders(id, flags, payload);
    else if (type === FRAME.windowUpdate) this.#widen(id, payload.readUInt32BE(0) & 0x7fff_ffff);
    else if (type === FRAME.settings && (flags & FLAG.acknowledged) === 0) this.#takeSettings(payload);
    else if (type === FRAME.ping && (flags & FLAG.acknowledged) === 0) {
      this.#socket.write(frame(FRAME.ping, FLAG.acknowledged, 0, payload));
    } else if (type === FRAME.reset) this.#answer(id, "broken");
    else if (type === FRAME.goAway) this.#socket.end();
  }

  #takeHeaders(id: number, flags: number, block: Buffer): void {
    const status = readStatus(block);
    if (status !== null) this.#answer(id, answerOf(status));
    else if ((flags & FLAG.endStream) !== 0) this.#answer(id, "broken");
  }

  #widen(id: number, bytes: number): void {
    if (id === 0) this.#window += bytes;
    const stream = this.#streams.get(id);
    if (stream !== undefined) stream.window += bytes;
  }

  #takeSettings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      const setting = payload.readUInt16BE(at);
      if (setting === SETTING.maxFrameSize) this.#frameBytesMax = value;
      if (setting !== SETTING.initialWindowSize) continue;
      // RFC 9113 section 6.9.2: the difference is for the streams that are open, too.
      for (const stream of this.#streams.values()) stream.window += value - this.#streamWindow;
      this.#streamWindow = value;
    }
    this.#socket.write(frame(FRAME.settings, FLAG.acknowledged, 0, Buffer.alloc(0)));
  }

  #answer(id: number, answer: Answer): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    if (!isSent(stream)) this.#unsent = this.#unsent.filter((other) => other !== stream);
    stream.answer(answer);
  }

  #answerAll(answer: Answer): void {
    for (const id of [...this.#streams.keys()]) this.#answer(id, answer);
  }
}

function isSent({ sent, message }: Stream): boolean {
  return sent === message.length;
}

/** UNAVAILABLE is what an exporter keeps and sends again (OTLP 1.x, "Failures"). */
function answerOf(status: string): Answer {
  if (status === "0") return "acknowledged";
  return status === "14" ? "refused for now" : "refused for good";
}

/** The gRPC status of a block of fields, or null where it has none; one or two digits are never Huffman-coded. */
function readStatus(block: Buffer): string | null {
  for (const name of STATUS_NAMES) {
    const at = block.indexOf(name);
    if (at < 0) continue;
    const start = at + name.length + 1;
    return block.toString("latin1", start, start + (block[start - 1] ?? 0));
  }
  return null;
}

function frame(type: number, flags: number, id: number, payload: Buffer): Buffer {
  return Buffer.concat([frameHead(payload.length, type, flags, id), payload]);
}

function frameHead(bytes: number, type: number, flags: number, id: number): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  head.writeUIntBE(bytes, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return head;
}

function settings(...pairs: readonly (readonly [number, number])[]): Buffer {
  return Buffer.concat(pairs.map(([name, value]) => Buffer.concat([Buffer.from([0, name]), uint32(value)])));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function literal(name: Buffer, value: string): Buffer {
  return Buffer.concat([name, Buffer.from([value.length]), Buffer.from(value, "latin1")]);
}
