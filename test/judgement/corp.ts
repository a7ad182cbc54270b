import { type CaseToken, DRAWN_S } from "./judgement-case.ts";

/** The corporate issuer. */
export const CORP = "https://idp.example";
/** Half an hour, and valid when drawings begin. */
export const TIMES = { iat: DRAWN_S - 60, exp: DRAWN_S + 1800 };
/** A call that may pass its token on. */
export const PASS = "mode: passthrough, reason: for the user";

/** A person's token. */
export function user(claims: CaseToken["claims"] = {}): CaseToken {
  const right = { iss: CORP, aud: "orders", client_id: "spa", sub: "ann", preferred_username: "ann", ...TIMES };
  return { header: { typ: "at+jwt" }, claims: { ...right, ...claims } };
}

/** A service's own token. */
export function machine(client: string, claims: CaseToken["claims"] = {}): CaseToken {
  const right = { iss: CORP, aud: "pay", client_id: client, sub: client, ...TIMES };
  return { header: { typ: "at+jwt" }, claims: { ...right, ...claims } };
}

/** A transaction token of web. */
export function transaction(claims: CaseToken["claims"] = {}): CaseToken {
  const right = { aud: "shop.example", txn: "42", sub: "ann", scope: "buy", req_wl: "web", iat: TIMES.iat };
  return { header: { typ: "txntoken+jwt" }, claims: { ...right, exp: DRAWN_S + 240, ...claims } };
}

/** Services as the baseline spells them, with nothing said of those that are only named. */
export function declare(services: string, rest = ""): string {
  return `
issuers:
  corp: { iss: "${CORP}/" }
  entra: { iss: "https://login.example/t1", subjectClaims: [tid, oid] }
  other: { iss: "https://other.example" }
services:
  web: { ingress: [{ from: internet }], calls: { orders: { token: { ${PASS} } }, bff: {}, logs: {} } }
${services}
${rest}`;
}
