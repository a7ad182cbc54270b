// Hot path only for spans that show a fingerprint. No allocation.

import { SPAN_KIND } from "../model/span-batch.ts";
import type { NodeInterner } from "./interner.ts";
import { ROLE } from "./meaning-reader.ts";
import { SCHEDULER } from "./name-peer.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { isSameService } from "./same-service.ts";
import type { SpanExtras } from "./span-extras.ts";
import { FLAG, kindOf, roleOf } from "./span-flags.ts";
import { NONE, type SpanRing } from "./span-ring.ts";

const DEPTH_MAX = 128;
/** What a span holds in place of its parent when that has left; what it knew stands in the span's extras. */
const HANDED_DOWN = -2;
/** Where a person sits before the runtime: what starts there was not started by a machine. */
const DEVICE_RUNTIMES: ReadonlySet<string | null> = new Set(["webjs", "swift"]);

type Parts = {
  readonly ring: SpanRing;
  readonly extras: SpanExtras;
  readonly resources: ResourceReader;
  readonly nodes: NodeInterner;
};

/**
 * What stands above a calling span inside its own service: which credential the service had received when it called,
 * and whether anybody had called it at all. Fingerprints are numbers from 1, "none seen" is 0.
 */
export class Ascent {
  readonly #parts: Parts;
  /** What the walk that was made last found: the fingerprints that were received, and the profile of the first. */
  received = 0;
  receivedSecond = 0;
  receivedProfile = 0;
  /** Nobody called: no called span stands above, or only a message or a timer without anything above it. */
  isAutomated = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Forgets what the last walk found. */
  clear(): void {
    this.#find(0, 0, 0);
    this.isAutomated = false;
  }

  /** Walks up; false while a span above, which knows what was received, is still to come. */
  climb(from: number): boolean {
    const { ring } = this.#parts;
    this.clear();
    let isDecided = false;
    let span = from;
    for (let depth = 0; depth < DEPTH_MAX; depth++) {
      if (this.#isCalled(span) && !isDecided) {
        this.isAutomated = this.#isUncalled(span);
        isDecided = true;
      }
      if (this.#isCalled(span) && this.#findAt(span)) return true;
      const parent = ring.parentRef[span & ring.mask] ?? NONE;
      if (!ring.isLive(parent)) return this.#endAt(span, isDecided);
      if (!isSameService(this.#parts, parent, span)) {
        this.#findSent(parent);
        return true;
      }
      span = parent;
    }
    return true;
  }

  /** Whether this was among what the walk found to be received. */
  hasReceived(fingerprint: number): boolean {
    return fingerprint !== 0 && (fingerprint === this.received || fingerprint === this.receivedSecond);
  }

  /** A span leaves the window before some of its children: what it knows of what was received stays with them. */
  handDown(span: number): void {
    const { ring } = this.#parts;
    let known: "nothing" | "within" | "across" = "nothing";
    let child = ring.firstChild[span & ring.mask] ?? NONE;
    for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) {
      // One that shares its caller's id has that one for its parent, and only stands here.
      if (ring.parentRef[child & ring.mask] !== span) continue;
      const wanted = isSameService(this.#parts, span, child) ? "within" : "across";
      if (wanted !== known) this.#look(span, wanted);
      known = wanted;
      ring.parentRef[child & ring.mask] = HANDED_DOWN;
      this.#keepWith(child);
    }
  }

  #look(span: number, wanted: "within" | "across"): void {
    if (wanted === "within") this.climb(span);
    else this.#findSent(span);
    if (wanted === "across") this.isAutomated = false;
  }

  /** The walk ends below a span that is not here: it has none, has left, or is still to come. */
  #endAt(span: number, isDecided: boolean): boolean {
    const { ring, extras, resources } = this.#parts;
    if (ring.parentRef[span & ring.mask] === HANDED_DOWN) {
      const row = extras.rowOf(span);
      this.#find(extras.received[row] ?? 0, extras.receivedSecond[row] ?? 0, extras.receivedProfile[row] ?? 0);
      if (!isDecided) this.isAutomated = extras.automated[row] === 1;
      return true;
    }
    if (ring.has(span, FLAG.hasParent)) return false;
    const runtime = resources.senders[ring.sender[span & ring.mask] ?? 0]?.runtime ?? null;
    if (!isDecided) this.isAutomated = !DEVICE_RUNTIMES.has(runtime);
    return true;
  }

  /** A row only where there is something to say. */
  #keepWith(child: number): void {
    const { extras } = this.#parts;
    if (this.received === 0 && this.receivedSecond === 0 && !this.isAutomated) return;
    const row = extras.ensure(child);
    extras.received[row] = this.received;
    extras.receivedSecond[row] = this.receivedSecond;
    extras.receivedProfile[row] = this.receivedProfile;
    extras.automated[row] = this.isAutomated ? 1 : 0;
  }

  /** Only a calling span's credential was sent; a called span's was received. */
  #findSent(caller: number): void {
    const { ring } = this.#parts;
    if (roleOf(ring.flags[caller & ring.mask] ?? 0) !== ROLE.out || !this.#findAt(caller)) this.#find(0, 0, 0);
  }

  /** The credentials that a span shows; false where it shows none that can be told again. */
  #findAt(span: number): boolean {
    const { ring, extras } = this.#parts;
    const i = span & ring.mask;
    const row = extras.rowOf(span);
    this.#find(ring.fingerprint[i] ?? 0, extras.second[row] ?? 0, ring.profile[i] ?? 0);
    return this.received !== 0 || this.receivedSecond !== 0;
  }

  #find(fingerprint: number, second: number, profile: number): void {
    this.received = fingerprint;
    this.receivedSecond = second;
    this.receivedProfile = profile;
  }

  #isCalled(span: number): boolean {
    return roleOf(this.#parts.ring.flags[span & this.#parts.ring.mask] ?? 0) === ROLE.in;
  }

  /** A message or a timer at the top of its trace: a span above it might be a person's request. */
  #isUncalled(span: number): boolean {
    const { ring, nodes } = this.#parts;
    const i = span & ring.mask;
    const flags = ring.flags[i] ?? 0;
    if ((flags & FLAG.hasParent) !== 0) return false;
    if (kindOf(flags) !== SPAN_KIND.server || ring.destination[i] !== 0) return true;
    const peer = ring.peer[i] ?? 0;
    return peer !== 0 && nodes.node(peer).name === SCHEDULER.name;
  }
}
