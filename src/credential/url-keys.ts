import type { CredentialRole } from "../model/credential.ts";

/**
 * What a parameter of that name holds: `code` is what a login redirect carries, good once and for seconds; a
 * `companion` is no credential but tells what another is.
 */
export type UrlKey = {
  readonly name: string;
  readonly kind: "token" | "key" | "aws" | "signature" | "code" | "companion";
  readonly role: CredentialRole;
  /** True for names that mean other things as well. */
  readonly isAmbiguous: boolean;
  /** The parameter that must stand beside it. */
  readonly needs: string | null;
  /** The lower, the more it says; a URL with several is told by its first. */
  readonly rank: number;
};

type Row = readonly [name: string, kind: UrlKey["kind"], role: CredentialRole, options?: Partial<UrlKey>];

const AMBIGUOUS = { isAmbiguous: true };

/** In lower case, worst first. The names of OAuth (RFC 6749, 6750, 7521), of AWS, Azure and Google, and usual ones. */
const ROWS: readonly Row[] = [
  ["access_token", "token", "access_token"],
  ["refresh_token", "token", "refresh_token"],
  ["id_token", "token", "id_token"],
  ["client_secret", "key", "api_key"],
  ["client_assertion", "token", "client_assertion"],
  ["assertion", "token", "client_assertion"],
  ["jwt", "token", "access_token"],
  ["api_key", "key", "api_key"],
  ["apikey", "key", "api_key"],
  ["api-key", "key", "api_key"],
  ["password", "key", "unknown"],
  ["token", "token", "access_token", AMBIGUOUS],
  ["auth_token", "token", "access_token"],
  ["key", "key", "api_key", AMBIGUOUS],
  ["x-amz-security-token", "token", "unknown"],
  ["x-amz-credential", "aws", "unknown"],
  ["awsaccesskeyid", "key", "unknown"],
  ["x-amz-signature", "signature", "unknown"],
  ["x-goog-signature", "signature", "unknown"],
  ["signature", "signature", "unknown", AMBIGUOUS],
  ["sig", "signature", "unknown", AMBIGUOUS],
  ["code", "code", "unknown", { needs: "state" }],
  ["state", "companion", "unknown"],
];

/** The parameters that may hold a credential, by their name in lower case. */
export const URL_KEYS: ReadonlyMap<string, UrlKey> = new Map(
  ROWS.map(([name, kind, role, options], rank) => [
    name,
    { name, kind, role, rank, isAmbiguous: false, needs: null, ...options },
  ]),
);
