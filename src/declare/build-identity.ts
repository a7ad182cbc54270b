import type { IdentityDeclaration } from "../model/baseline.ts";
import { nameGlob, optionalGlob } from "./compile-names.ts";
import type { RawIdentity } from "./file-schema.ts";
import type { Declared, NameIndex } from "./name-index.ts";

/** A machine client or workload identity, with whose it is. */
export function buildIdentity(
  name: string,
  { position, namespace, value: { values } }: Declared<RawIdentity>,
  index: NameIndex,
): IdentityDeclaration {
  return {
    name,
    position,
    issuer: values.issuer,
    client: values.client,
    kubernetes: values.kubernetes,
    spiffe: optionalGlob(values.spiffe, "/"),
    key: values.key,
    usedBy: values.usedBy?.map((service) => nameGlob(service, namespace, index)) ?? null,
    environments: values.environments,
    isHuman: values.human ?? false,
    retired: values.retired,
    graceMs: values.grace ?? 0,
    successor: values.successor,
  };
}
