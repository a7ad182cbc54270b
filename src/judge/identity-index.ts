import type { Baseline, IdentityDeclaration } from "../model/baseline.ts";
import { allPresented, type CredentialProfile, type PeerIdentity } from "../model/credential.ts";

/** Finds the declared identities that credentials and certificates are of. */
export type IdentityIndex = {
  readonly of: (credential: CredentialProfile | null, peer: PeerIdentity | null) => readonly IdentityDeclaration[];
};

const NONE: readonly IdentityDeclaration[] = [];

/** Files identities under what credentials say of them, so that most lookups find none at once. */
export function indexIdentities({ identities }: Baseline, issuerNames: ReadonlyMap<string, string>): IdentityIndex {
  const all = [...identities.values()];
  const byWord = new Map<string, IdentityDeclaration[]>();
  for (const identity of all) for (const word of wordsOf(identity)) push(byWord, word, identity);
  const byGlob = all.filter(({ spiffe }) => spiffe !== null);
  const nameOf = (issuer: string): string => issuerNames.get(withoutSlash(issuer)) ?? withoutSlash(issuer);
  const ofSubject = (id: string): readonly IdentityDeclaration[] =>
    byGlob.filter(({ spiffe }) => spiffe?.matches(id) === true);
  const ofProfile = (profile: CredentialProfile): readonly IdentityDeclaration[] =>
    [...wordsIn(profile).flatMap((word) => byWord.get(word) ?? NONE), ...ofSubject(profile.subject ?? "")].filter(
      ({ issuer }) => issuer === null || (profile.issuer !== null && nameOf(issuer) === nameOf(profile.issuer)),
    );
  return {
    of: (credential, peer) => {
      if (all.length === 0 || (credential === null && peer === null)) return NONE;
      const found = allPresented(credential).flatMap(ofProfile);
      return [...new Set([...found, ...ofSubject(peer?.id ?? "")])];
    },
  };
}

/** What of an identity stands in a credential to the letter. */
function wordsOf({ client, kubernetes, key }: IdentityDeclaration): readonly string[] {
  return [
    ...(client === null ? [] : [`client ${client}`]),
    ...(kubernetes === null ? [] : [`account ${kubernetes}`]),
    ...(key === null ? [] : [`key ${key}`]),
  ];
}

function wordsIn({ client, keyId, subject }: CredentialProfile): readonly string[] {
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/u.exec(subject ?? "") ?? [];
  return [
    ...(client === null ? [] : [`client ${client}`]),
    ...(keyId === null ? [] : [`key ${keyId}`]),
    ...(subject === null ? [] : [`account ${namespace === undefined ? subject : `${namespace}/${account}`}`]),
  ];
}

function push(map: Map<string, IdentityDeclaration[]>, word: string, identity: IdentityDeclaration): void {
  const known = map.get(word);
  if (known === undefined) map.set(word, [identity]);
  else known.push(identity);
}

function withoutSlash(issuer: string): string {
  return issuer.replace(/\/+$/u, "");
}
