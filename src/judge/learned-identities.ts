import { allPresented, type CredentialProfile } from "../model/credential.ts";
import type { Shape } from "../model/graph.ts";
import type { NodeIn } from "./known-shapes.ts";
import type { Taught } from "./learned.ts";

/** Identities that are told apart; of further ones nothing is learned. */
const IDENTITIES_MAX = 50_000;
/** Services that are remembered of one identity; then everybody may have received it, and nobody new shares it. */
const SERVICES_MAX = 64;
/** How often a service's shapes are looked at again: a flood of names must not make each of them cost all the others. */
const CHANGES_MAX = 16;

type Holders = { readonly presenters: Set<string>; readonly recipients: Set<string> };

/** Who presents and who receives which machine identity, as far as shapes have shown, under the names in spans. */
export class LearnedIdentities {
  readonly #holders = new Map<string, Holders>();
  readonly #changes = new Map<string, number>();

  /** Services that presented one of a credential's identities without ever having received it. */
  presenters(environment: string, credential: CredentialProfile): readonly string[] {
    return namesOf(credential).flatMap((name) => presentersOf(this.#holders.get(keyOf(environment, name))));
  }

  /** Services that received a credential of the same client, subject or key; null where they are too many to tell. */
  recipients(environment: string, credential: CredentialProfile): readonly string[] | null {
    const holders = namesOf(credential).flatMap((name) => this.#holders.get(keyOf(environment, name)) ?? []);
    const isFull = holders.some(({ recipients }) => recipients.size >= SERVICES_MAX);
    return isFull ? null : holders.flatMap(({ recipients }) => [...recipients]);
  }

  /** The services whose shapes mean something else once this has been learned. */
  concernedBy(fact: Taught): readonly NodeIn[] {
    if (!("shape" in fact)) return [];
    const { environment } = fact.shape;
    const names = new Set<string>();
    for (const { key, presenter, recipient } of teachingsOf(fact.shape)) {
      const known = this.#holders.get(key);
      if (known === undefined) continue;
      const before = presentersOf(known);
      const after = presentersOf(withHolders(known, presenter, recipient));
      // From one to several, and back to one, it means something else for all of them.
      if (before.length > 1 !== after.length > 1) for (const name of [...before, ...after]) names.add(name);
    }
    return [...names].map((name) => ({ environment, name })).filter((node) => this.#mayChange(node));
  }

  /** Takes in one more shape. */
  learn(fact: Taught): void {
    if (!("shape" in fact)) return;
    for (const { key, presenter, recipient } of teachingsOf(fact.shape)) {
      const known = this.#holders.get(key);
      if (known === undefined && this.#holders.size >= IDENTITIES_MAX) continue;
      const holders = known ?? { presenters: new Set(), recipients: new Set() };
      this.#holders.set(key, holders);
      if (presenter !== null && holders.presenters.size < SERVICES_MAX) holders.presenters.add(presenter);
      if (recipient !== null && holders.recipients.size < SERVICES_MAX) holders.recipients.add(recipient);
    }
  }

  #mayChange({ environment, name }: NodeIn): boolean {
    const key = keyOf(environment, name);
    const changes = (this.#changes.get(key) ?? 0) + 1;
    this.#changes.set(key, changes);
    return changes <= CHANGES_MAX;
  }
}

type Teaching = { readonly key: string; readonly presenter: string | null; readonly recipient: string | null };

function teachingsOf({ environment, type, caller, callee, credential }: Shape): readonly Teaching[] {
  if (type !== "direct" && type !== "logical" && type !== "unattributed") return [];
  const presenter = type !== "unattributed" && caller.kind === "service" ? caller.name : null;
  const recipient = callee.kind === "service" && callee.name !== caller.name ? callee.name : null;
  return allPresented(credential).flatMap((each) => {
    // People's tokens are passed on in more ways than are worth counting.
    const ofMachine = isOfMachine(each) ? presenter : null;
    return namesOf(each).map((name) => ({ key: keyOf(environment, name), presenter: ofMachine, recipient }));
  });
}

/** True for a credential that says it is a workload's, and for a static key. */
export function isOfMachine({ subjectKind, subject, keyId }: CredentialProfile): boolean {
  return subjectKind === "service" || (subjectKind === null && (subject !== null || keyId !== null));
}

/** Client, subject and key, as far as they are known; a transaction's are of whoever began it. */
function namesOf({ role, issuer, client, subject, keyId }: CredentialProfile): readonly string[] {
  if (role === "transaction" || role === "proof") return [];
  return [
    ...(client === null ? [] : [`client\n${issuer ?? ""}\n${client}`]),
    ...(subject === null || subject === client ? [] : [`subject\n${subject}`]),
    ...(keyId === null ? [] : [`key\n${keyId}`]),
  ];
}

function presentersOf(holders: Holders | undefined): readonly string[] {
  if (holders === undefined || holders.recipients.size >= SERVICES_MAX) return [];
  return [...holders.presenters].filter((name) => !holders.recipients.has(name));
}

function withHolders({ presenters, recipients }: Holders, presenter: string | null, recipient: string | null): Holders {
  return { presenters: withOne(presenters, presenter), recipients: withOne(recipients, recipient) };
}

function withOne(names: ReadonlySet<string>, name: string | null): Set<string> {
  return name === null || names.size >= SERVICES_MAX ? new Set(names) : new Set([...names, name]);
}

function keyOf(environment: string, name: string): string {
  return `${environment}\n${name}`;
}
