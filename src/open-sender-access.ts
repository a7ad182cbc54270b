import { X509Certificate } from "node:crypto";
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
  if (tls.clientCa !== null) requireCertificate(tls.clientCa);
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

/** Node takes a file without any, or in DER, for an authority that signed nobody's. */
function requireCertificate(clientCa: Buffer): void {
  if (!clientCa.includes("-----BEGIN ")) throw noCertificate();
  try {
    new X509Certificate(clientCa);
  } catch (cause) {
    throw noCertificate(cause);
  }
}

function noCertificate(cause?: unknown): OperatingError {
  return new OperatingError("bad-argument", "expected --otlp-client-ca to hold a PEM certificate", { cause });
}

function unusable(cause: unknown): OperatingError {
  const message =
    "expected --otlp-tls-cert, --otlp-tls-key and --otlp-client-ca to be PEM, the key the certificate's own";
  return new OperatingError("bad-argument", message, { cause });
}
