import { SPAN_KIND } from "../model/span-batch.ts";
import type { LinkRules } from "./link-rules.ts";
import { ROLE } from "./meaning-reader.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { isSameService, serviceOf } from "./same-service.ts";
import { FLAG, kindOf, roleOf } from "./span-flags.ts";
import { NONE, type SpanRing } from "./span-ring.ts";
import type { TelemetryTable } from "./telemetry-table.ts";

type Parts = {
  readonly ring: SpanRing;
  readonly resources: ResourceReader;
  readonly links: LinkRules;
  readonly telemetry: TelemetryTable;
};

/** What holds where several services report spans with one id: each child belongs to the span of its own service. */
export class SameIdRules {
  readonly #parts: Parts;
  readonly #moved: number[] = [];
  readonly #kept: number[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether a span that starts this chain is the same one: same service and kind, delivered again. */
  hasSame(first: number, sender: number, kind: number): boolean {
    const { ring } = this.#parts;
    for (let span = first; ring.isLive(span); span = ring.nextSameId[span & ring.mask] ?? NONE) {
      const i = span & ring.mask;
      if (kindOf(ring.flags[i] ?? 0) !== kind || this.#node(ring.sender[i] ?? 0) !== this.#node(sender)) continue;
      if (ring.sender[i] !== sender) this.#tellConflict(span, sender);
      return true;
    }
    return false;
  }

  /** Delivered again is one thing; another sender that reports the same span under the same name is another. */
  #tellConflict(span: number, sender: number): void {
    const { ring, resources, telemetry } = this.#parts;
    const [one, other] = [resources.identity(ring.sender[span & ring.mask] ?? 0), resources.identity(sender)];
    for (const detail of ["environment", "release", "runtime"] as const) {
      if (one[detail] !== other[detail]) telemetry.see({ kind: "identity-conflict", sender, detail }, span);
    }
  }

  /** Of the spans with one id, the parent of a child that this sender reports: its own, else one that calls. */
  choose(first: number, sender: number): number {
    const { ring } = this.#parts;
    let calling = NONE;
    for (let span = first; ring.isLive(span); span = ring.nextSameId[span & ring.mask] ?? NONE) {
      const i = span & ring.mask;
      if (this.#node(ring.sender[i] ?? 0) === this.#node(sender)) return span;
      if (roleOf(ring.flags[i] ?? 0) === ROLE.out) calling = span;
    }
    return calling === NONE ? first : calling;
  }

  /**
   * In Zipkin's B3 a client span and the server span it calls may have one id: then the one calls the other, whatever
   * the server span's parent id says. Returns true where the newest span has found its caller this way.
   */
  pairShared(newest: number): boolean {
    const { ring, links } = this.#parts;
    let isPaired = false;
    let span = ring.nextSameId[newest & ring.mask] ?? NONE;
    for (; ring.isLive(span); span = ring.nextSameId[span & ring.mask] ?? NONE) {
      if (this.#calls(span, newest) && !isPaired) {
        links.share(span, newest);
        isPaired = true;
      } else if (this.#calls(newest, span) && !ring.has(span, FLAG.shared)) links.share(newest, span);
    }
    return isPaired;
  }

  #calls(caller: number, entry: number): boolean {
    const { ring } = this.#parts;
    const callerFlags = ring.flags[caller & ring.mask] ?? 0;
    const entryFlags = ring.flags[entry & ring.mask] ?? 0;
    return kindOf(callerFlags) === SPAN_KIND.client && kindOf(entryFlags) === SPAN_KIND.server;
  }

  /**
   * A span has come whose id others have too: children of its service that were given to those are its own, and so are,
   * if it is the one that calls, those of services that none of them is of. Which came first must not decide.
   */
  claimChildren(newest: number): void {
    const { ring } = this.#parts;
    let span = ring.nextSameId[newest & ring.mask] ?? NONE;
    for (; ring.isLive(span); span = ring.nextSameId[span & ring.mask] ?? NONE) this.#claimFrom(span, newest);
  }

  #claimFrom(owner: number, claimant: number): void {
    const { ring, links } = this.#parts;
    const isCaller = this.#isCalling(claimant) && !this.#isCalling(owner);
    if (!isCaller && isSameService(this.#parts, owner, claimant)) return;
    this.#sort(owner, claimant, isCaller ? serviceOf(this.#parts, owner) : undefined);
    if (this.#moved.length === 0) return;
    ring.firstChild[owner & ring.mask] = NONE;
    for (const child of this.#moved) links.unlink(owner, child);
    for (const child of this.#kept) this.#keep(owner, child);
    for (const child of this.#moved) {
      ring.adopt(claimant, child);
      links.link(claimant, child);
    }
  }

  /**
   * Splits a span's children into those of the claimant's service and the rest, oldest first; where `own` is given, only
   * that service's own stay.
   */
  #sort(owner: number, claimant: number, own: number | undefined): void {
    const { ring } = this.#parts;
    this.#moved.length = 0;
    this.#kept.length = 0;
    let child = ring.firstChild[owner & ring.mask] ?? NONE;
    for (; ring.isLive(child); child = ring.nextSibling[child & ring.mask] ?? NONE) {
      // One that shares its caller's id has that caller for its parent, and is nobody's child by its parent id.
      if (ring.has(child, FLAG.shared)) continue;
      const node = serviceOf(this.#parts, child);
      const isMoved = own === undefined ? node === serviceOf(this.#parts, claimant) : node !== own;
      (isMoved ? this.#moved : this.#kept).push(child);
    }
    this.#moved.reverse();
    this.#kept.reverse();
  }

  #keep(owner: number, child: number): void {
    const { ring } = this.#parts;
    ring.adopt(owner, child);
    if (!isSameService(this.#parts, owner, child)) ring.set(owner, FLAG.answered);
  }

  #isCalling(span: number): boolean {
    return roleOf(this.#parts.ring.flags[span & this.#parts.ring.mask] ?? 0) === ROLE.out;
  }

  #node(sender: number): number | undefined {
    return this.#parts.resources.senders[sender]?.node;
  }
}
