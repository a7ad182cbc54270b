import type { CredentialProfile } from "../model/credential.ts";
import type { Proof, Reading } from "./credential-facts.ts";

/** What one span shows beside a token: the proofs on it, and the certificate of the far end. */
export type Shown = {
  /** All credentials of the span, the proofs among them. */
  readonly readings: readonly Reading[];
  /** RFC 8705 thumbprint of the certificate that was presented; null where none was shown. */
  readonly certificate: string | null;
  /** True where the far end is known by a certificate, though not which one. */
  readonly hasPeer: boolean;
};

type Possession = CredentialProfile["possession"];

/**
 * Whether the span shows what the token is bound to: RFC 9449 section 7.1 for a key, RFC 8705 section 3 for a
 * certificate, a WIMSE proof for a workload's key. Null where nothing is asked for, or where it can be neither
 * confirmed nor denied: a masked proof, a certificate without its hash, an HTTP message signature.
 */
export function provePossession(token: Reading, shown: Shown): Possession {
  switch (token.profile.confirmation) {
    case null:
      return null;
    case "jkt":
      return proveBy(shown, (proof) => isProofOfKey(proof, token));
    case "jwk":
      return proveBy(shown, (proof) => isProofOfWorkload(proof, token));
    case "x5t#S256":
      return proveCertificate(token, shown);
  }
}

function proveBy({ readings }: Shown, isProof: (proof: Proof) => boolean | null): Possession {
  const proofs = readings.filter(({ profile }) => profile.slot === "proof" && profile.quality !== "absent");
  if (proofs.length === 0) return "missing";
  const results = proofs.map(({ proof }) => (proof === null ? null : isProof(proof)));
  if (results.includes(true)) return "shown";
  return results.includes(null) ? null : "mismatched";
}

/** A proof for an access token holds its hash; what is only told of one may leave it out. */
function isProofOfKey(proof: Proof, { thumbprint, digest }: Reading): boolean | null {
  if (proof.keyThumbprint === null || thumbprint === null) return null;
  if (proof.keyThumbprint !== thumbprint) return false;
  return proof.accessTokenHash === null || digest === null || proof.accessTokenHash === digest;
}

function isProofOfWorkload({ workloadTokenHash, keyThumbprint }: Proof, token: Reading): boolean | null {
  if (workloadTokenHash !== null) return token.digest === null ? null : workloadTokenHash === token.digest;
  return keyThumbprint === null || token.thumbprint === null ? null : keyThumbprint === token.thumbprint;
}

function proveCertificate({ thumbprint }: Reading, { certificate, hasPeer }: Shown): Possession {
  if (certificate === null) return hasPeer ? null : "missing";
  if (thumbprint === null) return null;
  return certificate === thumbprint ? "shown" : "mismatched";
}
