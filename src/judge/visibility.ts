import { allPresented } from "../model/credential.ts";
import type { ServiceSighting } from "../model/facts.ts";
import type { Shape } from "../model/graph.ts";
import type { NodeIn } from "./known-shapes.ts";
import type { Taught } from "./learned.ts";

type Kind = "credentials" | "proofs" | "tls" | "peers";

/**
 * Which services have ever shown credentials, or connections, on what they were asked. Where a service never has, that
 * nothing was presented cannot be told from nothing having been looked at.
 */
export class Visibility {
  readonly #shown = new Set<string>();

  /** Whether called spans of a service show what was presented to it. */
  showsCredentials(environment: string, service: string): boolean {
    return this.#shown.has(keyOf({ environment, name: service }, "credentials"));
  }

  /** Whether called spans of a service show the proofs that come beside bound tokens. */
  showsProofs(environment: string, service: string): boolean {
    return this.#shown.has(keyOf({ environment, name: service }, "proofs"));
  }

  /** Whether a service's calls show certificates or encryption. */
  showsTls(environment: string, service: string): boolean {
    return this.#shown.has(keyOf({ environment, name: service }, "tls"));
  }

  /** Whether called spans of a service show their callers' certificates, which encryption seen by a caller is no sign of. */
  showsPeers(environment: string, service: string): boolean {
    return this.#shown.has(keyOf({ environment, name: service }, "peers"));
  }

  /** The service that is seen in another light once this has been learned. */
  concernedBy(fact: Taught): readonly NodeIn[] {
    const { node, kinds } = read(fact);
    return kinds.some((kind) => !this.#shown.has(keyOf(node, kind))) ? [node] : [];
  }

  /** Takes in what one more shape or sighting shows. */
  learn(fact: Taught): void {
    const { node, kinds } = read(fact);
    for (const kind of kinds) this.#shown.add(keyOf(node, kind));
  }
}

type Shown = { readonly node: NodeIn; readonly kinds: readonly Kind[] };

function read(fact: Taught): Shown {
  return "service" in fact ? readSighting(fact.service) : readShape(fact.shape);
}

function readSighting({ environment, service, inboundCredentialCount }: ServiceSighting): Shown {
  return { node: { environment, name: service }, kinds: inboundCredentialCount > 0 ? ["credentials"] : [] };
}

function readShape(shape: Shape): Shown {
  const { environment, callee, credential, credentialSeenBy, peer, transport } = shape;
  const node = { environment, name: callee.name };
  if (callee.kind !== "service") return { node, kinds: [] };
  const isSeen = credential !== null && credentialSeenBy === "callee";
  const kinds: readonly (readonly [Kind, boolean])[] = [
    ["credentials", isSeen],
    ["proofs", isSeen && showsProof(shape)],
    ["tls", peer !== null || transport === "tls"],
    ["peers", peer !== null],
  ];
  return { node, kinds: kinds.flatMap(([kind, isShown]) => (isShown ? [kind] : [])) };
}

function showsProof({ credential }: Shape): boolean {
  return allPresented(credential).some(({ slot, role, quality }) => {
    return (slot === "proof" || role === "proof") && quality !== "absent";
  });
}

function keyOf({ environment, name }: NodeIn, kind: Kind): string {
  return `${kind}\n${environment}\n${name}`;
}
