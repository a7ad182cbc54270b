import { createSecureContext } from "node:tls";
import { certificatePrincipal } from "./credential/certificate-principal.ts";
import { readIngestKeys } from "./ingest-keys-file.ts";
import { OperatingError } from "./model/operating-error.ts";
import { readNamedFile, readPrivateFile } from "./read-private-file.ts";
import { IngestKeys } from "./receive/ingest-keys.ts";
import { type DoorTls, SenderAccess } from "./receive/sender-access.ts";
import type { ReceiverLog } from "./receive/take-export.ts";
import type { SenderFlags } from "./review/cli/options.ts";

/** Reads what `serve` was told of encryption and senders; throws `bad-argument` for what cannot be used. */
export function openSenderAccess(flags: SenderFlags, log: ReceiverLog): SenderAccess {
  const keys = flags.ingestKeys === undefined ? null : new IngestKeys(readIngestKeys(flags.ingestKeys));
  return new SenderAccess({ tls: readTls(flags), keys, nameCertificate: certificatePrincipal, log });
}

function readTls({ otlpTlsCert, otlpTlsKey, otlpClientCa }: SenderFlags): DoorTls | null {
  if (otlpTlsCert === undefined && otlpTlsKey === undefined && otlpClientCa === undefined) return null;
  if (otlpTlsCert === undefined || otlpTlsKey === undefined) {
    throw new OperatingError("bad-argument", "expected --otlp-tls-cert and --otlp-tls-key together");
  }
  const tls = {
    cert: readNamedFile(otlpTlsCert, "--otlp-tls-cert"),
    key: readPrivateFile(otlpTlsKey, "--otlp-tls-key"),
    clientCa: otlpClientCa === undefined ? null : readNamedFile(otlpClientCa, "--otlp-client-ca"),
  };
  requireUsable(tls);
  return tls;
}

/** Says at the start what would else end every connection. */
function requireUsable({ cert, key, clientCa }: DoorTls): void {
  try {
    createSecureContext({ cert, key, ...(clientCa === null ? {} : { ca: clientCa }) });
  } catch (cause) {
    throw unusable(cause);
  }
}

function unusable(cause: unknown): OperatingError {
  const message =
    "expected --otlp-tls-cert, --otlp-tls-key and --otlp-client-ca to be PEM, the key the certificate's own";
  return new OperatingError("bad-argument", message, { cause });
}
