// Hot path: two look-ups a span.

import type { ResourceReader } from "./resource-reader.ts";
import type { SpanRing } from "./span-ring.ts";

type Parts = { readonly ring: SpanRing; readonly resources: ResourceReader };

/** Whether two waiting spans were reported by one service, whichever of its releases or instances did. */
export function isSameService(parts: Parts, a: number, b: number): boolean {
  return serviceOf(parts, a) === serviceOf(parts, b);
}

/** The number of the node of the service that reported a waiting span. */
export function serviceOf({ ring, resources }: Parts, span: number): number | undefined {
  return resources.senders[ring.sender[span & ring.mask] ?? 0]?.node;
}
