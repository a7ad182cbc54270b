import { hash, randomBytes } from "node:crypto";
import { isMap, isScalar, isSeq } from "yaml";
import { OperatingError } from "./model/operating-error.ts";
import { type Fail, offsetOf, openYaml } from "./open-yaml.ts";
import { readPrivateFile } from "./read-private-file.ts";
import type { IngestKey } from "./receive/ingest-keys.ts";

/** Each one is compared with each request's. */
const KEYS_MAX = 1_000;
/** What scrubbers know these keys by, wherever one turns up. */
const PREFIX = "tdkey_";
const KEY_BYTES = 32;
const ID = /^[\w][\w.-]{0,99}$/;
const DIGEST = /^sha256:([0-9a-f]{64})$/;

/** A new key, to be shown once, and the line of the file that stands for it. */
export function createIngestKey(id: string): { readonly key: string; readonly line: string } {
  if (!ID.test(id)) {
    throw new OperatingError("bad-argument", "expected the id of a key to be letters, digits, `.`, `_` and `-`");
  }
  const key = PREFIX + randomBytes(KEY_BYTES).toString("base64url");
  return { key, line: `${id}: "sha256:${hash("sha256", key)}"` };
}

/**
 * Reads the file of `--ingest-keys`, YAML or JSON: from each id to the digest of its key, or to a list of them while one
 * takes another's place. Throws `bad-argument` with the line of what is wrong, and never with what stands there.
 */
export function readIngestKeys(file: string): readonly IngestKey[] {
  return parseIngestKeys(readPrivateFile(file, "--ingest-keys").toString("utf8"), file);
}

/** The keys in a text; `file` is named where something is wrong. */
export function parseIngestKeys(text: string, file: string): readonly IngestKey[] {
  const { root, fail } = openYaml(text, file, "expected YAML or JSON, and every id once");
  if (!isMap(root))
    return fail(0, 'expected lines such as `node-agent: "sha256:…"`; "trustdrift ingest-key ID" makes one');
  const keys = root.items.flatMap(({ key, value }) => {
    const id = isScalar(key) && typeof key.value === "string" && ID.test(key.value) ? key.value : null;
    if (id === null) return fail(offsetOf(key), "expected the id of a key: letters, digits, `.`, `_` and `-`");
    return (isSeq(value) ? value.items : [value]).map((item) => ({
      id,
      digest: digestOf(item, fail),
      at: offsetOf(item),
    }));
  });
  if (keys.length === 0) return fail(0, "expected at least one key");
  if (keys.length > KEYS_MAX) return fail(0, `expected at most ${KEYS_MAX} keys`);
  requireDistinct(keys, fail);
  return keys.map(({ id, digest }) => ({ id, digest }));
}

/** One key under two ids would be one of them only. */
function requireDistinct(keys: readonly (IngestKey & { readonly at: number })[], fail: Fail): void {
  const seen = new Set<string>();
  for (const { digest, at } of keys) {
    const digits = Buffer.from(digest).toString("hex");
    if (seen.has(digits)) fail(at, "expected every digest once");
    seen.add(digits);
  }
}

function digestOf(item: unknown, fail: Fail): Uint8Array {
  const digits = isScalar(item) && typeof item.value === "string" ? DIGEST.exec(item.value)?.[1] : undefined;
  if (digits !== undefined) return Buffer.from(digits, "hex");
  return fail(offsetOf(item), "expected `sha256:` and 64 hex digits: the digest of a key, never a key itself");
}
