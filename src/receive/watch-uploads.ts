import { constants, type ServerHttp2Stream } from "node:http2";
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from "@grpc/grpc-js";
import { OperatingError } from "../model/operating-error.ts";
import { grpcStatus } from "./grpc-status.ts";
import { type Proof, proofOf } from "./proof.ts";
import { UPLOAD_MS_MAX } from "./receiver.ts";
import { refusalOf } from "./refusal.ts";
import type { ReceiverLog } from "./take-export.ts";
import { requireEncoding, unpack } from "./unpack.ts";
import type { UploadBudget } from "./upload-budget.ts";

/** Deflate makes at most 1,032 bytes of one. */
const INFLATION = 1_032;

export type WatchOptions = {
  readonly uploads: UploadBudget;
  readonly bodyBytesMax: number;
  readonly uploadMsMax?: number | undefined;
  /** The methods whose messages are ours to unpack; grpc-js unpacks the others, which are small. */
  readonly rawPaths: ReadonlySet<string>;
  readonly log: ReceiverLog;
  /** Is told what each call's connection proves. */
  readonly proofs: WeakMap<Metadata, Proof>;
};

/**
 * Counts the bytes of every call while they come in, unpacks messages on the same account, and ends a call whose
 * request takes too long. grpc-js has no limit but that of one message, and none in time.
 */
export function watchUploads(options: WatchOptions): ServerInterceptor {
  return ({ path }, call) => watchCall(call, options, options.rawPaths.has(path));
}

function watchCall(call: ServerInterceptingCallInterface, options: WatchOptions, isRaw: boolean) {
  const { uploads, bodyBytesMax, uploadMsMax = UPLOAD_MS_MAX, log, proofs } = options;
  const upload = uploads.open(bodyBytesMax);
  const { stream, encoding } = isRaw ? takeOverUnpacking(call) : { stream: streamOf(call), encoding: "" };
  // Now, while its connection is there.
  const proof = proofOf(stream.session?.socket);
  let compressedFlag: number | undefined;
  const refuse = (error: unknown): void => {
    call.sendStatus(grpcStatus(refusalOf(error, log)));
    // The whole answer is on its way; without this, the sender might go on for ever (RFC 9113, section 8.1).
    stream.close(constants.NGHTTP2_NO_ERROR);
  };
  const timer = setTimeout(() => refuse(tooSlow(uploadMsMax)), uploadMsMax);
  const end = (): void => {
    clearTimeout(timer);
    upload.close();
  };
  stream.on("data", (piece: Buffer) => {
    compressedFlag ??= piece[0];
    if (stream.closed) return;
    try {
      upload.add(isRaw ? piece.length : piece.length * INFLATION);
    } catch (error) {
      refuse(error);
    }
  });
  stream.once("close", end);
  const onReceiveMetadata = (metadata: Metadata, next: (metadata: Metadata) => void): void => {
    if (proof !== undefined) proofs.set(metadata, proof);
    next(metadata);
  };
  const onReceiveMessage = async (message: Buffer, next: (message: Uint8Array) => void): Promise<void> => {
    if (!isRaw || compressedFlag === 0) return next(message);
    try {
      requireEncoding(encoding, "grpc-encoding");
      next(await unpack(message, encoding, { bytesMax: bodyBytesMax, upload }));
    } catch (error) {
      refuse(error);
    }
  };
  const onReceiveHalfClose = (next: () => void): void => {
    // The handler has the request before its bytes leave this account, so that they are on one at any time.
    next();
    end();
  };
  return new ServerInterceptingCall(call, {
    start: (next) => next({ onReceiveMetadata, onReceiveMessage, onReceiveHalfClose }),
  });
}

function tooSlow(uploadMsMax: number): OperatingError {
  return new OperatingError(
    "upload-timeout",
    `expected the request within ${uploadMsMax / 1_000} seconds; send it again`,
  );
}

/** grpc-js hides both, and has no other way to count what comes in, to end a stream or to bound what it unpacks. */
type HiddenParts = { readonly stream?: ServerHttp2Stream; incomingEncoding?: string };

function streamOf(call: ServerInterceptingCallInterface): ServerHttp2Stream {
  const { stream } = call as HiddenParts;
  if (stream === undefined) throw new Error("expected a call of grpc-js to have a stream");
  return stream;
}

/** From here on grpc-js hands messages over as they came. */
function takeOverUnpacking(call: ServerInterceptingCallInterface) {
  const hidden = call as HiddenParts;
  const encoding = hidden.incomingEncoding;
  if (encoding === undefined) throw new Error("expected a call of grpc-js to have an encoding");
  hidden.incomingEncoding = "identity";
  return { stream: streamOf(call), encoding };
}
