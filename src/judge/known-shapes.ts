import type { NewShape, ShapeCount } from "../model/facts.ts";
import type { Finding, FindingHit } from "../model/finding.ts";
import type { Evidence, Shape } from "../model/graph.ts";

/**
 * `total` counts the hops, those of earlier runs among them, so that they can be taken back. `findings` are null until
 * somebody asks: at a start there are many shapes, and most are never seen again. `firstSeenMs` is the first
 * time that this run knows of, and `lastSeenMs` is 0 where nobody knows.
 */
export type Known = NewShape & {
  findings: readonly Finding[] | null;
  total: number;
  firstSeenMs: number;
  lastSeenMs: number;
};

/** A service, or another node, in an environment. */
export type NodeIn = { readonly environment: string; readonly name: string };

/** Every shape that was told, by its key and by the nodes at its two ends. */
export class KnownShapes {
  readonly #byKey = new Map<string, Known>();
  readonly #byNode = new Map<string, Known[]>();

  get(key: string): Known | undefined {
    return this.#byKey.get(key);
  }

  all(): Iterable<Known> {
    return this.#byKey.values();
  }

  add(known: Known): void {
    const { environment, caller, callee, key } = known.shape;
    this.#byKey.set(key, known);
    this.#index({ environment, name: caller.name }, known);
    if (callee.name !== caller.name) this.#index({ environment, name: callee.name }, known);
  }

  /** The shapes from or to any of these nodes, each once. */
  touching(nodes: readonly NodeIn[]): readonly Known[] {
    const [only, another] = nodes;
    if (only === undefined) return [];
    const ofFirst = this.#byNode.get(nodeKey(only)) ?? [];
    if (another === undefined) return ofFirst;
    return [...new Set(nodes.flatMap((node) => this.#byNode.get(nodeKey(node)) ?? []))];
  }

  /** The latest example of a hop from or to a node; null for none. */
  exampleOf(node: NodeIn): Evidence | null {
    let latest: Evidence | null = null;
    for (const { evidence } of this.touching([node])) if (evidence.atMs > (latest?.atMs ?? 0)) latest = evidence;
    return latest;
  }

  #index(node: NodeIn, known: Known): void {
    const key = nodeKey(node);
    const others = this.#byNode.get(key);
    if (others === undefined) this.#byNode.set(key, [known]);
    else others.push(known);
  }
}

/** What is found on a shape that has hops: those of a guess that was taken back never happened. */
export function holding({ findings, total, lastSeenMs }: Known): readonly Finding[] {
  return total > 0 ? (findings ?? []).filter((finding) => isSince(finding, lastSeenMs)) : [];
}

/** False for what was seen while it was still allowed. */
export function isSince({ sinceMs }: Finding, seenMs: number): boolean {
  return sinceMs === undefined || seenMs >= sinceMs;
}

/** Takes in when hops of a shape were seen. */
export function noteTimes(known: Known, { firstSeenMs, lastSeenMs }: ShapeCount): void {
  known.firstSeenMs = Math.min(known.firstSeenMs, firstSeenMs);
  known.lastSeenMs = Math.max(known.lastSeenMs, lastSeenMs);
}

/** All hops of a shape as hits of its findings. */
export function hitsOf(known: Known, seenMs: number): FindingHit[] {
  const { evidence, total } = known;
  return holding(known).map((finding) => ({
    finding,
    evidence,
    count: total,
    firstSeenMs: seenMs,
    lastSeenMs: seenMs,
  }));
}

/** Equal for shapes of one path and credential. */
export function shapePath({ environment, caller, callee, credential }: Shape): string {
  return JSON.stringify([environment, caller.name, callee.name, credential]);
}

function nodeKey({ environment, name }: NodeIn): string {
  return `${environment}\n${name}`;
}
