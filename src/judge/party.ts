import type { DatastoreDeclaration, ExternalDeclaration, ServiceDeclaration } from "../model/baseline.ts";
import type { Glob } from "../model/glob.ts";

type Named = {
  /** The declared name where the baseline names it, else the observed one. */
  readonly name: string;
  /** All names that a glob of the baseline may use for it. */
  readonly spellings: readonly string[];
};

/** One side of a hop, as the baseline knows it. */
export type Party =
  | (Named & { readonly kind: "service"; readonly declaration: ServiceDeclaration | null })
  | (Named & {
      readonly kind: "external";
      readonly declaration: ExternalDeclaration | null;
      /** What groups hosts of one owner: the registrable domain, or `(ip)` for bare addresses. */
      readonly site: string;
    })
  | (Named & {
      readonly kind: "datastore";
      /** The entries it may be, all equally specific; empty where the baseline names none. */
      readonly declarations: readonly DatastoreDeclaration[];
    })
  /** Brokers, loopback, private addresses and everything outside: nothing is declared about them. */
  | (Named & { readonly kind: "other" });

/** What the baseline says of a party as a service; null where it is none or is not declared. */
export function serviceDeclaration(party: Party): ServiceDeclaration | null {
  return party.kind === "service" ? party.declaration : null;
}

/** True where any of the party's names matches. */
export function isNamedBy(glob: Glob, party: Party): boolean {
  return party.spellings.some((name) => glob.matches(name));
}

/** True where some file of the baseline names the party. */
export function isDeclared(party: Party): boolean {
  if (party.kind === "datastore") return party.declarations.length > 0;
  return party.kind !== "other" && party.declaration !== null;
}
