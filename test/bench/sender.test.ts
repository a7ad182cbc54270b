import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Answer, Sender, TRANSPORTS, type Transport } from "../../bench/sender.ts";
import { OperatingError } from "../../src/model/operating-error.ts";
import { startGrpcReceiver } from "../../src/receive/grpc-receiver.ts";
import { startHttpReceiver } from "../../src/receive/http-receiver.ts";
import type { TakeExport } from "../../src/receive/take-export.ts";

const TAKEN = { rejectedSpans: 0, message: "" };
const FRAME_BYTES = 5;

test.for(TRANSPORTS)("requests of all sizes arrive byte for byte over %s, many at a time", async (transport) => {
  const bodies = [0, 1, 16_384, 65_536, 300_000, 1_000_000].flatMap((bytes) => [body(bytes, 1), body(bytes, 2)]);
  const received: Buffer[] = [];
  const answers = await send(transport, bodies, async ({ bytes }) => {
    received.push(Buffer.from(bytes));
    return TAKEN;
  });
  expect(answers).toEqual(bodies.map(() => "acknowledged"));
  expect(received.sort(Buffer.compare)).toEqual([...bodies].sort(Buffer.compare));
});

test.for(TRANSPORTS)("refusals over %s are told from one another", async (transport) => {
  const refusal = (code: "overloaded" | "malformed-request") => async () => {
    throw new OperatingError(code, "no");
  };
  expect(await send(transport, [body(10, 1)], refusal("overloaded"))).toEqual(["refused for now"]);
  expect(await send(transport, [body(10, 1)], refusal("malformed-request"))).toEqual(["refused for good"]);
});

function body(bytes: number, fill: number): Buffer {
  return Buffer.alloc(bytes, fill);
}

async function send(transport: Transport, bodies: readonly Buffer[], take: TakeExport): Promise<readonly Answer[]> {
  const protoRoot = fileURLToPath(new URL("../../proto/", import.meta.url));
  const options = { host: "127.0.0.1", port: 0, take, log: () => undefined, corsOrigins: [], protoRoot };
  const receiver = await (transport === "grpc" ? startGrpcReceiver(options) : startHttpReceiver(options));
  const sender = new Sender(transport, receiver.port);
  try {
    return await Promise.all(bodies.map((one) => sender.send({ body: one, frame: framed(one) })));
  } finally {
    sender.close();
    await receiver.stop();
  }
}

function framed(message: Buffer): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, FRAME_BYTES);
  return frame;
}
