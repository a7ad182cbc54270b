import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Attributes } from "@opentelemetry/api";
import { alternativeNames } from "./alternative-names.ts";

const CHARACTERS_MAX = 256;
/** Parts of a subject that only people have: an address, a user id, a given name, a surname. */
const PERSON = /^(?:emailAddress|UID|GN|SN)=/m;

/** Who is at the other end of a connection, by the certificate it has shown; nothing where it has shown none. */
export function peerAttributes(socket: Socket | TLSSocket): Attributes {
  if (!("getPeerX509Certificate" in socket)) return {};
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return {};
  return { ...certificateAttributes(certificate), "trustdrift.peer.identity.verified": socket.authorized };
}

/** The same for a certificate's bytes, of which nobody says whether they were verified. */
export function rawPeerAttributes(raw: Uint8Array): Attributes {
  return certificateAttributes(new X509Certificate(raw));
}

function certificateAttributes(certificate: X509Certificate): Attributes {
  const thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(":", ""), "hex").toString("base64url");
  const id = identityOf(certificate);
  return {
    "trustdrift.peer.certificate.thumbprint": thumbprint,
    ...(id !== undefined && { "trustdrift.peer.identity.id": id, "trustdrift.peer.identity.source": "certificate" }),
  };
}

/** A SPIFFE id, else another URI, else a DNS name, else the subject; undefined where it may be a person's. */
function identityOf(certificate: X509Certificate): string | undefined {
  const names = alternativeNames(certificate.raw);
  const uri = names.uris.find((each) => each.startsWith("spiffe://")) ?? names.uris[0];
  const id = uri ?? (names.hasEmail ? undefined : (names.hosts[0] ?? subjectOf(certificate)));
  return id !== undefined && id !== "" && id.length <= CHARACTERS_MAX ? id : undefined;
}

function subjectOf({ subject }: X509Certificate): string | undefined {
  return PERSON.test(subject) ? undefined : subject.split("\n").reverse().join(",");
}
