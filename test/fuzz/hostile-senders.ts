import assert from "node:assert/strict";
import type { Random } from "../simulation/random.ts";
import type { CollectorProcess } from "../support/collector-process.ts";
import { encodeRequest } from "../support/otlp.ts";
import { postBytes } from "../support/post-spans.ts";
import { until } from "../support/until.ts";
import { type Doors, frame, openCall, withSession } from "./hostile-connections.ts";
import { GRPC_MISDEEDS } from "./hostile-grpc.ts";
import { HTTP_MISDEEDS, type Misbehave, spanWith } from "./hostile-http.ts";

/** Everything that a sender may do wrong, by door and name. */
export const MISDEEDS: readonly (readonly [name: string, Misbehave])[] = [
  ...Object.entries(HTTP_MISDEEDS).map(([name, misbehave]) => [`HTTP: ${name}`, misbehave] as const),
  ...Object.entries(GRPC_MISDEEDS).map(([name, misbehave]) => [`gRPC: ${name}`, misbehave] as const),
];

/** Connections that this process's own `fetch` keeps for each who asks at once: one a door, and one in between. */
const OWN_CONNECTIONS = 3;
const WITHIN_MS = 15_000;
/** 150 MB for the collector, 320 for what comes in, up to 1,000 for a moment while 16 MiB of JSON are parsed. */
const BYTES_MAX = 2 * 1024 ** 3;

/** Asserts that the collector takes a request at each door and says that it is well. */
export async function requireService({ otlpHttp, otlpGrpc, api }: Doors, random: Random): Promise<void> {
  const request = () => encodeRequest(spanWith({ "http.route": `/${random.between(0, 2 ** 31)}` }));
  await until(
    "a good request is taken over HTTP",
    async () => (await postBytes(otlpHttp, request(), "application/x-protobuf")).status === 200,
    WITHIN_MS,
  );
  await until("a good request is taken over gRPC", async () => (await export1(otlpGrpc, request())) === "0", WITHIN_MS);
  const health = await fetch(`http://${api}/healthz`, { signal: AbortSignal.timeout(WITHIN_MS) });
  assert.equal(health.status, 200, "/healthz answers");
}

async function export1(door: string, bytes: Uint8Array): Promise<unknown> {
  let answer: unknown = null;
  await withSession(door, async (session) => {
    const call = openCall(session);
    const ended = new Promise<void>((resolve) => {
      call.once("close", () => resolve());
      for (const event of ["response", "trailers"]) {
        call.on(event, (headers) => {
          answer = headers["grpc-status"] ?? answer;
        });
      }
    });
    call.end(frame(bytes));
    await ended;
  });
  return answer;
}

/** What a collector holds on to: its sockets and files, and its memory. */
export type Holdings = { readonly files: number; readonly bytes: number };

export async function holdingsOf({ metric }: CollectorProcess): Promise<Holdings> {
  return { files: await metric("process_open_fds"), bytes: await metric("process_resident_memory_bytes") };
}

/**
 * Waits until no connection is left that was not there before, but those of so many who asked, and asserts that the
 * memory is bounded.
 */
export async function requireClosed(collector: CollectorProcess, before: Holdings, askers: number): Promise<void> {
  const most = before.files + askers * OWN_CONNECTIONS;
  await until(`at most ${most} files are open`, async () => (await holdingsOf(collector)).files <= most, WITHIN_MS);
  assert.ok((await holdingsOf(collector)).bytes < BYTES_MAX, "memory is bounded");
}
