import type { CredentialProfile } from "../model/credential.ts";

/** What a request signed by AWS's Signature Version 4 says of its key. */
export type SignedRequest = Pick<CredentialProfile, "audiences" | "keyId" | "isExpiring"> & {
  readonly accessKeyId: string;
};

/** `<access key id>/<date>/<region>/<service>/aws4_request`, behind `Credential=`. */
const CREDENTIAL = /(?:^|[\s,])Credential=([A-Z0-9]{16,64})\/\d{8}\/([a-z0-9-]{0,40})\/([a-z0-9-]{1,40})\/aws4_request/;
const LONG_TERM = "AKIA";
const TEMPORARY = "ASIA";

/**
 * The key and the recipient of a SigV4 header; null for any other signature. Only the id of a long-term key is shown:
 * the others last for hours, and would be as many kinds of credential.
 */
export function readSignedRequest(parameters: string): SignedRequest | null {
  const [, accessKeyId, region = "", service = ""] = CREDENTIAL.exec(parameters) ?? [];
  if (accessKeyId === undefined) return null;
  const isLongTerm = accessKeyId.startsWith(LONG_TERM);
  return {
    accessKeyId,
    audiences: [`${service}/${region}`],
    keyId: isLongTerm ? accessKeyId : null,
    isExpiring: isLongTerm ? false : accessKeyId.startsWith(TEMPORARY) || null,
  };
}
