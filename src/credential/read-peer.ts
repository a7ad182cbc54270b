import type { PeerIdentity } from "../model/credential.ts";
import { isPlaceholder } from "./is-placeholder.ts";
import { parseClientCertHeader } from "./parse-client-cert-header.ts";
import { readCertificate } from "./read-certificate.ts";
import { readText, readThumbprint } from "./read-claims.ts";
import { type OwnFacts, textOf, toldFlag, unmasked } from "./told-values.ts";

/** What a span says about the far end's certificate. */
export type PeerFacts = {
  readonly told: OwnFacts;
  /** Raw headers by name. */
  readonly headers: ReadonlyMap<string, string>;
  /** True where the configuration named the attribute that tells the id: a mesh's or proxy's own. */
  readonly isMapped: boolean;
  /** The callee's own identity where its resource says it. */
  readonly self: string | null;
};

/** Who the far end is, and the RFC 8705 thumbprint of its certificate. */
export type Peer = { readonly identity: PeerIdentity | null; readonly thumbprint: string | null };

const NOBODY: Peer = { identity: null, thumbprint: null };
const HEX_HASH = /^[0-9a-f]{64}$/i;
const CERTIFICATES = ["client-cert", "x-amzn-mtls-clientcert-leaf", "x-amzn-mtls-clientcert", "ssl-client-cert"];
const SUBJECTS = ["x-amzn-mtls-clientcert-subject", "ssl-client-subject-dn"];
const SOURCES: ReadonlySet<string> = new Set<PeerIdentity["source"]>(["told", "mesh", "forwarded", "certificate"]);

/** The best that is known of the far end, told before seen and near before far; a thumbprint of any source will do. */
export function readPeer(facts: PeerFacts): Peer {
  const peers = [readTold(facts), readMesh(facts), readForwarded(facts), ...readHeaders(facts), readTls(facts)];
  return {
    identity: peers.find(({ identity }) => identity !== null)?.identity ?? null,
    thumbprint: peers.find(({ thumbprint }) => thumbprint !== null)?.thumbprint ?? null,
  };
}

function readTold({ told, isMapped }: PeerFacts): Peer {
  const id = readId(textOf(unmasked(told.get("peerId"))));
  const thumbprint = readThumbprint(told.get("thumbprint"));
  if (id === null) return { identity: null, thumbprint };
  const source = textOf(told.get("peerSource"));
  const isVerified = isMapped || toldFlag(told.get("peerVerified")) === true;
  return { identity: { id, source: isMapped ? "mesh" : readSource(source), isVerified }, thumbprint };
}

function readSource(text: string): PeerIdentity["source"] {
  return isSource(text) ? text : "told";
}

function isSource(text: string): text is PeerIdentity["source"] {
  return SOURCES.has(text);
}

/** A waypoint names the workload that it knows by its address and certificate, as services are named here. */
function readMesh({ told }: PeerFacts): Peer {
  const name = textOf(told.get("meshService")) || textOf(told.get("meshWorkload"));
  const id = readId(name);
  if (id === null || name === "unknown") return NOBODY;
  const namespace = readId(textOf(told.get("meshNamespace")));
  const identity = { id: namespace === null ? id : `${namespace}/${id}`, source: "mesh" as const, isVerified: false };
  return { identity, thumbprint: null };
}

/**
 * The last element of XFCC, and only where it was written by the callee's own proxy. Where it is not known who the
 * callee is, a client may have written it.
 */
function readForwarded({ headers, self }: PeerFacts): Peer {
  const element = parseClientCertHeader(headers.get("x-forwarded-client-cert") ?? "");
  if (element === null || (self !== null && element.by !== self)) return NOBODY;
  const id = readId(element.uri ?? element.dns ?? element.subject ?? "");
  const identity = id === null ? null : { id, source: "forwarded" as const, isVerified: self !== null };
  return { identity, thumbprint: hexToBase64Url(element.hash ?? "") };
}

/** Linkerd's, RFC 9440's and those of load balancers. */
function readHeaders({ headers }: PeerFacts): Peer[] {
  const named = (name: string): Peer => forwarded(headers.get(name) ?? "", null);
  const certified = [...CERTIFICATES, "x-arr-clientcert"].map((name) =>
    fromCertificate(headers.get(name), "forwarded"),
  );
  return [named("l5d-client-id"), ...certified, ...SUBJECTS.map(named)];
}

function forwarded(text: string, thumbprint: string | null): Peer {
  const id = readId(text.trim());
  return id === null ? NOBODY : { identity: { id, source: "forwarded", isVerified: false }, thumbprint };
}

function fromCertificate(text: string | undefined, source: "forwarded" | "certificate"): Peer {
  const certificate = text === undefined || isPlaceholder(text) ? null : readCertificate(text);
  if (certificate === null) return NOBODY;
  const id = readId(certificate.id ?? "");
  return { identity: id === null ? null : { id, source, isVerified: false }, thumbprint: certificate.thumbprint };
}

/** What the callee's own TLS saw. */
function readTls({ told }: PeerFacts): Peer {
  const whole = fromCertificate(textOf(told.get("tlsCertificate")) || undefined, "certificate");
  const thumbprint = whole.thumbprint ?? hexToBase64Url(textOf(told.get("tlsHash")));
  const id = readId(textOf(unmasked(told.get("tlsSubject"))));
  const own = id === null ? null : { id, source: "certificate" as const, isVerified: false };
  return { identity: whole.identity ?? own, thumbprint };
}

function readId(text: string): string | null {
  return isPlaceholder(text) || text.length > 2048 ? null : readText(text);
}

function hexToBase64Url(text: string): string | null {
  const hex = text.replaceAll(":", "");
  return HEX_HASH.test(hex) ? Buffer.from(hex, "hex").toString("base64url") : null;
}
