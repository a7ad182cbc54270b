import type { SenderIdentity } from "../model/memory.ts";
import type { ResourceFields } from "./attribute-names.ts";

/** Stands for a service that said nothing about who it is. */
export const UNRESOLVED_SERVICE = "(unresolved)";

/**
 * The service of a resource: `service.name`, prefixed by `service.namespace/`; where the SDK only says
 * `unknown_service` or nothing, the workload's name instead. The environment is a partition, not part of the name.
 */
export function nameService(fields: ResourceFields): SenderIdentity {
  const said = fields.serviceName ?? "";
  const isUnknown = said === "" || said === "unknown_service" || said.startsWith("unknown_service:");
  const name = isUnknown ? (fields.fallbackName ?? UNRESOLVED_SERVICE) : said;
  const namespace = fields.serviceNamespace ?? "";
  return {
    service: namespace === "" || name === UNRESOLVED_SERVICE ? name : `${namespace}/${name}`,
    environment: fields.environment ?? "default",
    release: fields.serviceVersion ?? null,
    runtime: fields.runtime ?? null,
  };
}
