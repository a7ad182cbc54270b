import type { Finding } from "../model/finding.ts";
import { blindSpot } from "./blind-spot.ts";
import { declaredCall } from "./declared-edge.ts";
import { exceptionUnused } from "./exception-unused.ts";
import { isWithoutBaseline, type JudgeContext } from "./judge-context.ts";
import type { SeenEdges } from "./seen-edges.ts";
import { staleDeclaration } from "./stale-declaration.ts";
import { underDeclarations } from "./under-declarations.ts";

/** What was seen, under the baseline's names. */
export type ReviewedEdges = {
  readonly context: JudgeContext;
  /** Since when, at the least, somebody has been looking; ms since 1970. */
  readonly sinceMs: number;
  /** When each declared call, as `caller\ncallee pattern`, was made last. */
  readonly lastUsed: ReadonlyMap<string, number>;
  /** Services whose calls were seen within `staleAfter`. */
  readonly callers: ReadonlySet<string>;
  /** Services that were called within `staleAfter`, and where. */
  readonly called: ReadonlyMap<string, string>;
  /** Services that sent spans. */
  readonly speaking: ReadonlySet<string>;
  /** When an exception held something back last, by its id; 0 for never. */
  readonly exceptionUsedMs: (id: string) => number;
};

/**
 * What the baseline declares and nothing shows; and who is called and shows nothing. Costs a look at every edge, so it
 * is for once a day, or for who asks.
 */
export function reviewDeclarations(
  seen: SeenEdges,
  exceptionUsedMs: ReviewedEdges["exceptionUsedMs"],
  context: JudgeContext,
): readonly Finding[] {
  if (isWithoutBaseline(context)) return [];
  const reviewed = { ...readEdges(seen, context), exceptionUsedMs };
  const findings = [...staleDeclaration(reviewed), ...blindSpot(reviewed), ...exceptionUnused(reviewed)];
  return underDeclarations(findings, context);
}

function readEdges({ edges, sinceMs }: SeenEdges, context: JudgeContext): Omit<ReviewedEdges, "exceptionUsedMs"> {
  const { names, atMs, baseline } = context;
  const lastUsed = new Map<string, number>();
  const callers = new Set<string>();
  const called = new Map<string, string>();
  const speaking = new Set<string>();
  for (const { environment, lastSeenMs, ...nodes } of edges) {
    const caller = names.caller(nodes.caller);
    const callee = names.callee(nodes.callee, environment);
    // A hop of which only one side was seen names the other side as a peer, which is no service's node.
    if (nodes.caller.kind === "service") speaking.add(caller.name);
    if (nodes.callee.kind === "service") speaking.add(callee.name);
    const call = declaredCall(caller, callee);
    const key = `${caller.name}\n${call?.callee.text ?? ""}`;
    lastUsed.set(key, Math.max(lastUsed.get(key) ?? 0, lastSeenMs));
    if (lastSeenMs < atMs - baseline.settings.staleAfterMs) continue;
    callers.add(caller.name);
    if (callee.kind === "service") called.set(callee.name, environment);
  }
  return { context, sinceMs, lastUsed, callers, called, speaking };
}
