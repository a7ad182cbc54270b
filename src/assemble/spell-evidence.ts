import type { Evidence } from "../model/graph.ts";
import { hex } from "./hex.ts";

type Example = {
  /** Four words of the trace id, then two of the caller's span and two of the callee's; zero where not seen. */
  readonly ids: Uint32Array;
  readonly atMs: number;
  readonly fingerprint: string | null;
  readonly release: string | null;
};

/** An example of what a credential did, as people are shown it. */
export function spellEvidence({ ids, atMs, fingerprint, release }: Example): Evidence {
  return {
    traceId: hex(ids, 0, 4),
    callerSpanId: ids[4] === 0 && ids[5] === 0 ? null : hex(ids, 4, 6),
    calleeSpanId: ids[6] === 0 && ids[7] === 0 ? null : hex(ids, 6, 8),
    atMs,
    clientAddress: null,
    fingerprint,
    release,
  };
}
