import type { CredentialProfile } from "../model/credential.ts";

/** What can be told of a credential was told: one that was masked or cut says nothing of where it would be accepted. */
export function isKnown({ quality, role }: CredentialProfile): boolean {
  return (quality === "full" || quality === "foreign-digest") && role !== "proof";
}

/** Works for its rightful holder only, who has a key or certificate to show beside it. */
export function isBound({ confirmation, role, format }: CredentialProfile): boolean {
  return confirmation !== null || role === "workload_identity" || format === "signature";
}

/** A secret that stays the same until somebody changes it. */
export function isStatic({ format, isExpiring }: CredentialProfile): boolean {
  return format === "key" || format === "basic" || isExpiring === false;
}

/** Equal for credentials that open the same doors. */
export function kindKey(profile: CredentialProfile): string {
  const { issuer, audiences, client, subject, keyId, format, role, carrier } = profile;
  return JSON.stringify([issuer, audiences, client, subject, keyId, format, role, carrier, isBound(profile)]);
}

/** How a sentence names credentials of a kind. */
export function kindText(profile: CredentialProfile): string {
  const { format, keyId, client, subject, subjectKind, audiences, issuer, carrier } = profile;
  const holder = keyId ?? subject ?? client;
  const whose = subjectKind === "user" ? "user tokens" : nounOf(format);
  return [
    whose,
    ...(holder === null ? [] : [`of ${holder}`]),
    ...(audiences === null || audiences.length === 0 ? [] : [`for ${audiences.join(" and ")}`]),
    ...(issuer === null ? [] : [`from ${issuer}`]),
    ...(carrier === null || format !== "key" ? [] : [`in ${carrier}`]),
  ].join(" ");
}

function nounOf(format: CredentialProfile["format"]): string {
  if (format === "key") return "keys";
  if (format === "basic") return "passwords";
  return format === "signature" ? "signatures" : "tokens";
}
