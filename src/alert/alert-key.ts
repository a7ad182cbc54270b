import type { Finding } from "../model/finding.ts";
import { stableHash } from "../model/stable-hash.ts";

/** The version of the key's recipe: it changes with the recipe, so that old keys can be told and migrated. */
const VERSION = 1;

/** What makes two findings the same alert, as `v1:` and 26 base32 characters: rule, environment and key fields. */
export function alertKey(finding: Finding): string {
  return `v${VERSION}:${stableHash([VERSION, finding.rule, finding.environment, ...finding.keyFields])}`;
}
