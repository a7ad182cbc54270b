import type { ServiceSighting } from "../model/facts.ts";
import type { Shape } from "../model/graph.ts";
import type { NodeIn } from "./known-shapes.ts";
import type { Taught } from "./learned.ts";

/**
 * Which services have ever shown credentials, or connections, on what they were asked. Where a service never has, that
 * nothing was presented cannot be told from nothing having been looked at.
 */
export class Visibility {
  readonly #credentials = new Set<string>();
  readonly #tls = new Set<string>();

  /** Whether called spans of a service show what was presented to it. */
  showsCredentials(environment: string, service: string): boolean {
    return this.#credentials.has(keyOf(environment, service));
  }

  /** Whether a service's calls show certificates or encryption. */
  showsTls(environment: string, service: string): boolean {
    return this.#tls.has(keyOf(environment, service));
  }

  /** The service that is seen in another light once this has been learned. */
  concernedBy(fact: Taught): readonly NodeIn[] {
    const { environment, name, showsCredentials, showsTls } = read(fact);
    const key = keyOf(environment, name);
    const isNews = (showsCredentials && !this.#credentials.has(key)) || (showsTls && !this.#tls.has(key));
    return isNews ? [{ environment, name }] : [];
  }

  /** Takes in what one more shape or sighting shows. */
  learn(fact: Taught): void {
    const { environment, name, showsCredentials, showsTls } = read(fact);
    if (showsCredentials) this.#credentials.add(keyOf(environment, name));
    if (showsTls) this.#tls.add(keyOf(environment, name));
  }
}

type Shown = NodeIn & { readonly showsCredentials: boolean; readonly showsTls: boolean };

function read(fact: Taught): Shown {
  return "service" in fact ? readSighting(fact.service) : readShape(fact.shape);
}

function readSighting({ environment, service, inboundCredentialCount }: ServiceSighting): Shown {
  return { environment, name: service, showsCredentials: inboundCredentialCount > 0, showsTls: false };
}

function readShape({ environment, callee, credential, credentialSeenBy, peer, transport }: Shape): Shown {
  const isService = callee.kind === "service";
  return {
    environment,
    name: callee.name,
    showsCredentials: isService && credential !== null && credentialSeenBy === "callee",
    showsTls: isService && (peer !== null || transport === "tls"),
  };
}

function keyOf(environment: string, service: string): string {
  return `${environment}\n${service}`;
}
