import type { AuthMethod } from "../model/baseline.ts";
import type { CredentialProfile, CredentialSlot } from "../model/credential.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { hasFacts, presentedOn } from "./presented-tokens.ts";

/** They come beside a credential, or from a proxy on the way, and are no way of their own to authenticate. */
const NO_METHOD: ReadonlySet<CredentialSlot> = new Set(["proof", "proxy"]);
const METHOD_OF_SLOT: Partial<Record<CredentialSlot, AuthMethod>> = {
  txn_token: "transaction",
  api_key: "api-key",
  cloud_session: "signature",
  session_cookie: "session",
};

/** A credential and the way of authenticating that it is. */
export type Presented = { readonly credential: CredentialProfile; readonly method: AuthMethod };

/** How the caller authenticated, one entry a way; what is masked or cut so that nobody can tell is left out. */
export function methodsOn(hop: Pick<JudgedHop, "shape">): readonly Presented[] {
  const found = new Map<AuthMethod, Presented>();
  for (const credential of presentedOn(hop)) {
    const isBeside = credential.slot === "iap_assertion" && credential !== hop.shape.credential;
    const method = isBeside || NO_METHOD.has(credential.slot) ? null : methodOf(credential);
    if (method !== null && !found.has(method)) found.set(method, { credential, method });
  }
  return [...found.values()];
}

function methodOf(credential: CredentialProfile): AuthMethod | null {
  const { slot, role, format } = credential;
  const ofSlot = METHOD_OF_SLOT[slot];
  if (ofSlot !== undefined) return ofSlot;
  if (role === "transaction") return "transaction";
  if (role === "session") return "session";
  if (role === "api_key" || format === "key") return "api-key";
  if (format === "basic" || format === "signature") return format;
  return hasFacts(credential) && (format === "jwt" || format === "opaque") ? format : null;
}
