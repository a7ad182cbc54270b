import type { DatastoreDeclaration } from "../model/baseline.ts";
import { nameGlob, optionalGlob } from "./compile-names.ts";
import type { RawDatastore } from "./file-schema.ts";
import { type Declared, type NameIndex, resolveName } from "./name-index.ts";

/** A datastore: whose it is, by what it is known, and who may read or share it. */
export function buildDatastore(
  name: string,
  { position, namespace, value: { values } }: Declared<RawDatastore>,
  index: NameIndex,
): DatastoreDeclaration {
  const shared = values.shared;
  return {
    name,
    position,
    service: values.service === null ? null : resolveName(values.service, namespace, index),
    system: values.system,
    namespace: optionalGlob(values.match?.values.namespace, "/"),
    address: optionalGlob(values.match?.values.address, "."),
    readers: (values.readers ?? []).map((reader) => nameGlob(reader, namespace, index)),
    shared: shared && {
      position: shared.position,
      reason: shared.values.reason ?? "",
      expires: shared.values.expires,
    },
  };
}
