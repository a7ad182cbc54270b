import type { IssuerDeclaration } from "../model/baseline.ts";
import type { JudgeContext } from "./judge-context.ts";

/** What the baseline says of the issuer that a token names, or an entry of the baseline does; null where it knows none. */
export function issuerProfile(
  issuer: string | null,
  { baseline, issuerNames }: JudgeContext,
): IssuerDeclaration | null {
  const name = issuer === null ? undefined : issuerNames.get(withoutSlash(issuer));
  return name === undefined ? null : (baseline.issuers.get(name) ?? null);
}

/** The declared name of an issuer, else the issuer itself: equal for two spellings of one issuer. */
export function issuerName(issuer: string, { issuerNames }: JudgeContext): string {
  return issuerNames.get(withoutSlash(issuer)) ?? withoutSlash(issuer);
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/+$/u, "");
}
