// Once a resource of a batch, not once a span; what tokens ask for costs a look-up of integers.

import { podIdOf } from "../model/pod-id.ts";
import type { SpanBatch } from "../model/span-batch.ts";
import type { ResourceReader } from "./resource-reader.ts";
import { TupleTable } from "./tuple-table.ts";

const MINUTE_MS = 60_000;
/** Between the end of a pod and the last of what it still does (`preStop`, the flush of a queue), and between clocks. */
const GRACE_MS = 5 * MINUTE_MS;
/** One that was heard in fewer minutes may be idle, and nobody could know. */
const HEARD_MIN = 10;
/** Others have to be heard so long while it is not, else it is the telemetry that went silent. */
const OTHERS_MIN = 3;
/** One that pauses may pause for longer the next time. */
const PAUSES = 3;
const ROWS_AT_FIRST = 1024;
const GROUPS_MAX = 50_000;

/** In how many minutes somebody was heard, and the last of them. */
type Heard = { minutes: number; minute: number };

type Pod = {
  lastSeenMs: number;
  longestPauseMs: number;
  /** A sampler kept only some of its spans: that none came means nothing. */
  isSampled: boolean;
  readonly own: Heard;
  /** Null where its resource names no node. */
  node: Heard | null;
  service: Heard;
  /** Minutes of its node and its service as it was heard last: what came since came from others. */
  nodeMinutes: number;
  serviceMinutes: number;
};

type Parts = { readonly resources: ResourceReader; readonly sizeMax: number };

/**
 * The pods that sent spans and when they were heard last, by `k8s.pod.uid`. Bounded: when it is full, the half that was
 * heard longest ago is forgotten. It is known for this run only: a pod that ended before is one that was never heard.
 */
export class PodTable {
  readonly #parts: Parts;
  /** By the four words of the uid. After a halving numbers go on: those given out before mean nothing any more. */
  #numbers = new TupleTable(ROWS_AT_FIRST);
  #pods: Pod[] = [];
  #base = 0;
  readonly #nodes = new Map<string, Heard>();
  readonly #services = new Map<string, Heard>();
  /** Senders of which some resource names no pod: theirs may be any. */
  readonly #podless = new Set<number>();
  /** Senders of which some resource names pod and node. */
  readonly #placed = new Set<number>();
  readonly #tuple = new Int32Array(4);
  /** When spans count as seen: collector time for live traffic, NaN for the spans' own. */
  nowMs = Number.NaN;
  /** While set, what comes in came before, and no pod is heard: so nothing is told of the tokens of any. */
  isMuted = false;
  overflows = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes in whose resources a batch has. */
  see(batch: SpanBatch): void {
    if (this.isMuted) return;
    const { resources } = this.#parts;
    const lastEndsMs = Number.isNaN(this.nowMs) ? lastEndsOf(batch) : null;
    for (let resource = 0; resource < batch.resourceCount; resource++) {
      const id = podIdOf(resources.fieldsOf(resource).podUid ?? "");
      if (id === null) this.#podless.add(resources.senderOf(resource));
      else this.#seeOne(id, batch, resource, lastEndsMs?.[resource] ?? this.nowMs);
    }
  }

  /** The number of a pod by the words of its uid, 0 for one that was never heard. */
  find(words: Uint32Array, at: number): number {
    if (this.#numbers.size === 0) return 0;
    const row = this.#numbers.find(this.#fill(words, at), 4);
    return row < 0 ? 0 : this.#base + row + 1;
  }

  /** Whether a number still means something. */
  isKnown(number: number): boolean {
    return number > this.#base;
  }

  /**
   * For how long a pod had not been heard at a time, where that means that it is gone: it used to be heard, others on
   * its node went on to be, and its silence is like none that it had before. 0 where it may be there still.
   */
  goneForMs(number: number, atMs: number): number {
    const pod = this.#pods[number - 1 - this.#base];
    if (pod === undefined || pod.node === null || pod.isSampled || pod.own.minutes < HEARD_MIN) return 0;
    const silentMs = atMs - pod.lastSeenMs;
    if (silentMs <= GRACE_MS || silentMs <= PAUSES * pod.longestPauseMs) return 0;
    const others = pod.node.minutes - pod.nodeMinutes;
    return others >= OTHERS_MIN && others * MINUTE_MS > pod.longestPauseMs ? silentMs : 0;
  }

  /** Whether other pods of its service were heard after a pod: its service goes on, and goes on without it. */
  isReplaced(number: number): boolean {
    const pod = this.#pods[number - 1 - this.#base];
    return pod !== undefined && pod.service.minutes - pod.serviceMinutes >= OTHERS_MIN;
  }

  /** Whether every resource of a sender names its pod. */
  isInPods(sender: number): boolean {
    return this.#placed.has(sender) && !this.#podless.has(sender);
  }

  /** Whether some resource of a sender names pod and node. */
  isPlaced(sender: number): boolean {
    return this.#placed.has(sender);
  }

  #seeOne(id: Uint32Array, batch: SpanBatch, resource: number, seenMs: number): void {
    if (Number.isNaN(seenMs)) return;
    const row = this.#intern(id);
    const pod = this.#pods[row] ?? newPod(seenMs);
    this.#pods[row] = pod;
    this.#hearGroups(pod, resource, Math.floor(seenMs / MINUTE_MS));
    pod.longestPauseMs = Math.max(pod.longestPauseMs, seenMs - pod.lastSeenMs);
    pod.lastSeenMs = Math.max(pod.lastSeenMs, seenMs);
    // Which of the batch's spans it was that a sampler kept does not matter: it was there.
    pod.isSampled ||= batch.weights.length > 0;
  }

  #hearGroups(pod: Pod, resource: number, minute: number): void {
    const { resources } = this.#parts;
    const fields = resources.fieldsOf(resource);
    const sender = resources.senderOf(resource);
    const { node: service, partition } = resources.senders[sender] ?? { node: 0, partition: 0 };
    count(pod.own, minute);
    pod.service = this.#hear(this.#services, `${partition} ${service}`, minute);
    pod.serviceMinutes = pod.service.minutes;
    if (fields.nodeName === undefined) {
      // What its node said before it was heard, no other pod has said after it.
      if (pod.node !== null) pod.nodeMinutes = pod.node.minutes;
      return;
    }
    this.#placed.add(sender);
    // Two clusters may call their nodes alike.
    pod.node = this.#hear(this.#nodes, `${partition} ${fields.cluster ?? ""} ${fields.nodeName}`, minute);
    pod.nodeMinutes = pod.node.minutes;
  }

  #hear(groups: Map<string, Heard>, key: string, minute: number): Heard {
    const known = groups.get(key);
    if (known === undefined && groups.size >= GROUPS_MAX) {
      // A pod that holds on to a group which was forgotten hears no more of it: nothing is found on it then.
      this.overflows++;
      groups.clear();
    }
    const group = known ?? { minutes: 0, minute: Number.NEGATIVE_INFINITY };
    if (known === undefined) groups.set(key, group);
    count(group, minute);
    return group;
  }

  #intern(id: Uint32Array): number {
    if (this.#numbers.size >= this.#parts.sizeMax && this.find(id, 0) === 0) this.#forgetHalf();
    return this.#numbers.add(this.#fill(id, 0), 4);
  }

  #fill(words: Uint32Array, at: number): Int32Array {
    for (let word = 0; word < 4; word++) this.#tuple[word] = words[at + word] ?? 0;
    return this.#tuple;
  }

  #forgetHalf(): void {
    this.overflows++;
    const [numbers, pods] = [this.#numbers, this.#pods];
    const newest = [...pods.entries()].sort(([, one], [, other]) => other.lastSeenMs - one.lastSeenMs);
    this.#base += numbers.size;
    this.#numbers = new TupleTable(ROWS_AT_FIRST);
    this.#pods = [];
    for (const [row, pod] of newest.slice(0, Math.floor(pods.length / 2))) {
      for (let word = 0; word < 4; word++) this.#tuple[word] = numbers.at(row, word);
      this.#pods[this.#numbers.add(this.#tuple, 4)] = pod;
    }
  }
}

function newPod(seenMs: number): Pod {
  const nobody = { minutes: 0, minute: Number.NEGATIVE_INFINITY };
  const rest = { node: null, service: nobody, nodeMinutes: 0, serviceMinutes: 0 };
  return { lastSeenMs: seenMs, longestPauseMs: 0, isSampled: false, own: { ...nobody }, ...rest };
}

function count(heard: Heard, minute: number): void {
  if (minute <= heard.minute) return;
  heard.minute = minute;
  heard.minutes++;
}

/** When the last span of each resource ended; NaN for one without. For captures, which come all at once. */
function lastEndsOf(batch: SpanBatch): Float64Array {
  const ends = new Float64Array(batch.resourceCount).fill(Number.NaN);
  for (let span = 0; span < batch.spanCount; span++) {
    const resource = batch.resources[span] ?? 0;
    const endMs = batch.endMs[span] ?? 0;
    if (!(endMs <= (ends[resource] ?? Number.NaN))) ends[resource] = endMs;
  }
  return ends;
}
