import { hash, timingSafeEqual } from "node:crypto";
import { OperatingError } from "../model/operating-error.ts";

/** A key's id, and the SHA-256 of the key. */
export type IngestKey = { readonly id: string; readonly digest: Uint8Array };

/** `Authorization: Bearer KEY` (RFC 6750 section 2.1). */
const BEARER = /^Bearer +([\w.~+/-]{1,512}=*)$/i;

/** The keys by which senders prove who they are. Only digests of them are known here. */
export class IngestKeys {
  readonly #keys: readonly IngestKey[];

  constructor(keys: readonly IngestKey[]) {
    this.#keys = keys;
  }

  /** The id of the key in a header; throws `unauthenticated` where it holds none that is known. */
  identify(authorization: string): string {
    const presented = BEARER.exec(authorization)?.[1];
    const id = presented === undefined ? null : this.#find(hash("sha256", presented, "buffer"));
    if (id === null) {
      throw new OperatingError("unauthenticated", "expected authorization to be Bearer and an ingest key known here");
    }
    return id;
  }

  /** Looks at all of them, whichever it is: how long that takes tells nothing. */
  #find(digest: Uint8Array): string | null {
    let found: string | null = null;
    for (const key of this.#keys) if (timingSafeEqual(key.digest, digest)) found = key.id;
    return found;
  }
}
