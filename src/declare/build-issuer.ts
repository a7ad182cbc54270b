import type { IssuerDeclaration } from "../model/baseline.ts";
import type { RawIssuer } from "./file-schema.ts";
import type { Declared } from "./name-index.ts";
import type { Report } from "./problem-codes.ts";
import { quote } from "./suggest.ts";

/** An issuer with its profile; every spelling of an audience leads to the declared one. */
export function buildIssuer(
  name: string,
  { position, value: { values, at } }: Declared<RawIssuer>,
  report: Report,
): IssuerDeclaration {
  const written = [values.iss ?? "", ...(values.aliases ?? [])];
  const claims = values.subjectClaims ?? ["sub"];
  if (claims.length === 0 || new Set(claims).size < claims.length) {
    report("BL045", at.subjectClaims ?? position, "expected subjectClaims to name at least one claim, each once");
  }
  return {
    name,
    position,
    identifiers: [...new Set(written.map((issuer) => issuer.replace(/\/+$/u, "")))],
    isInternal: values.internal ?? false,
    audienceClaim: values.audienceClaim ?? "aud",
    subjectClaims: claims,
    audienceAliases: buildAudienceAliases(values.audienceAliases ?? [], report),
    algorithms: values.algorithms,
    maxLifetimeS: buildLifetimes(values.maxLifetime?.values ?? null),
    maxAudiences: values.maxAudiences,
  };
}

/** An audience that is another one's alias, or the alias of two, would mean two things. */
function buildAudienceAliases(
  declared: NonNullable<RawIssuer["values"]["audienceAliases"]>,
  report: Report,
): IssuerDeclaration["audienceAliases"] {
  const names = new Set(declared.map(({ name }) => name));
  const aliases = new Map<string, string>();
  for (const { name, position, value } of declared) {
    for (const alias of value ?? []) {
      const first = names.has(alias) ? alias : aliases.get(alias);
      if (first === undefined) aliases.set(alias, name);
      else report("BL044", position, `audience alias ${quote(alias)} already means ${quote(first)}`);
    }
  }
  return aliases;
}

type Lifetimes = { readonly [Role in keyof IssuerDeclaration["maxLifetimeS"]]-?: number | null };

function buildLifetimes(values: Lifetimes | null): IssuerDeclaration["maxLifetimeS"] {
  const declared = Object.entries(values ?? {}).filter(([, ms]) => ms !== null);
  return Object.fromEntries(declared.map(([role, ms]) => [role, (ms ?? 0) / 1000]));
}
