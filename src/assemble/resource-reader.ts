import type { SenderIdentity } from "../model/memory.ts";
import type { SpanBatch } from "../model/span-batch.ts";
import { type ResourceFields, readFields } from "./attribute-names.ts";
import { Interner, type NodeInterner, OVERFLOW_NAME } from "./interner.ts";
import { NameConflicts } from "./name-conflicts.ts";
import { nameService, UNRESOLVED_SERVICE } from "./name-service.ts";

/** One distinct sender: a service in an environment, with its release and runtime. Replicas and pods are one. */
export type Sender = SenderIdentity & {
  /** The service's node. */
  readonly node: number;
  /** The environment's number. */
  readonly partition: number;
};

const NOBODY: SenderIdentity = { service: UNRESOLVED_SERVICE, environment: "default", release: null, runtime: null };
const SENDERS_MAX = 100_000;
const ENVIRONMENTS_MAX = 1_000;

/** Reads who sent each resource's spans; senders are numbered from 0. */
export class ResourceReader {
  readonly #nodes: NodeInterner;
  readonly #environments = new Interner(ENVIRONMENTS_MAX);
  readonly #numbers = new Map<string, number>();
  readonly senders: Sender[] = [];
  /** The sender of each resource of the batch that was begun last. */
  #batchSenders = new Int32Array(16);
  readonly #batchFields: ResourceFields[] = [];
  readonly #nameConflicts = new NameConflicts();
  /** Resources of the batch that was begun last that are of a service which others are as well, and in what they differ. */
  readonly conflicts: { readonly resource: number; readonly attribute: string }[] = [];
  unresolved = 0;

  constructor(nodes: NodeInterner) {
    this.#nodes = nodes;
  }

  /** Lets time pass. */
  advance(nowMs: number): void {
    this.#nameConflicts.advance(nowMs);
  }

  begin(batch: SpanBatch): void {
    this.conflicts.length = 0;
    this.#batchFields.length = 0;
    if (batch.resourceCount > this.#batchSenders.length) this.#batchSenders = new Int32Array(batch.resourceCount * 2);
    for (let resource = 0; resource < batch.resourceCount; resource++) {
      this.#batchSenders[resource] = this.#senderOf(batch, resource);
    }
  }

  /** The sender of a span of the batch that was begun last. */
  sender(batch: SpanBatch, span: number): number {
    return this.#batchSenders[batch.resources[span] ?? 0] ?? 0;
  }

  /** The sender of a resource of that batch. */
  senderOf(resource: number): number {
    return this.#batchSenders[resource] ?? 0;
  }

  /** What a resource of that batch says. */
  fieldsOf(resource: number): ResourceFields {
    return this.#batchFields[resource] ?? {};
  }

  environment(partition: number): string {
    return this.#environments.name(partition) ?? "default";
  }

  /** The number of an environment. */
  partition(environment: string): number {
    return this.#environments.intern(environment);
  }

  /** Who a sender is, without our numbers. */
  identity(sender: number): SenderIdentity {
    const { service, environment, release, runtime } = this.senders[sender] ?? NOBODY;
    return { service, environment, release, runtime };
  }

  /** The number of a sender. */
  number(identity: SenderIdentity): number {
    return this.#number(this.senders.length < SENDERS_MAX ? identity : { ...identity, release: null, runtime: null });
  }

  #senderOf(batch: SpanBatch, resource: number): number {
    const start = batch.resourceAttributeStarts[resource] ?? 0;
    const end = batch.resourceAttributeStarts[resource + 1] ?? 0;
    const keys = Array.from(batch.resourceAttributeKeys.subarray(start, end));
    const values = Array.from(batch.resourceAttributeValues.subarray(start, end), (i) => batch.strings[i] ?? "");
    const fields = readFields(keys, values);
    this.#batchFields.push(fields);
    const identity = nameService(fields);
    const sender = this.number(identity);
    if (identity.service === UNRESOLVED_SERVICE) this.unresolved++;
    else this.#lookForConflicts(resource, sender, fields);
    return sender;
  }

  #lookForConflicts(resource: number, sender: number, fields: ResourceFields): void {
    const { node, partition } = this.senders[sender] ?? { node: 0, partition: 0 };
    if (this.#nodes.node(node).name === OVERFLOW_NAME) return;
    for (const attribute of this.#nameConflicts.see(node, partition, fields)) {
      this.conflicts.push({ resource, attribute });
    }
  }

  #number(identity: SenderIdentity): number {
    const key = JSON.stringify([identity.service, identity.environment, identity.release, identity.runtime]);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const node = this.#nodes.intern({ kind: "service", name: identity.service });
    const partition = this.#environments.intern(identity.environment);
    this.senders.push({ ...identity, service: this.#nodes.node(node).name, node, partition });
    this.#numbers.set(key, this.senders.length - 1);
    return this.senders.length - 1;
  }
}
