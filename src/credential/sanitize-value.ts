import { isHarmless, scrubCredentials, toVisibleLine } from "../model/scrub-text.ts";
import type { Keep } from "../model/span-batch.ts";
import { sanitizeHost, sanitizeUrl } from "./sanitize-address.ts";
import { sanitizePath } from "./sanitize-path.ts";
import { summarizeQuery } from "./summarize-query.ts";

/** What is reduced may grow by its 16 path segments becoming `{id}`, and must still be one line. */
const HARMLESS_CHARACTERS_MAX = 192;
const VALUE_CHARACTERS_MAX = 64 * 1024;
/** A part of a longer value is copied: V8 would keep the whole value alive for it. */
const COPIED_CHARACTERS_MIN = 512;

/**
 * What may be kept of an attribute's value. Total, pure and linear in the value's length.
 * Scrubbed first, because the reductions change case and cut, after which a credential no longer looks like one.
 */
export function sanitizeValue(keep: Keep, value: string): string {
  if (value.length <= HARMLESS_CHARACTERS_MAX && isHarmless(value)) return REDUCERS[keep](value);
  const scrubbed = scrubCredentials(value.slice(0, VALUE_CHARACTERS_MAX));
  const line = toVisibleLine(REDUCERS[keep](scrubbed));
  return value.length > COPIED_CHARACTERS_MIN ? Buffer.from(line).toString() : line;
}

const REDUCERS: { readonly [K in Keep]: (text: string) => string } = {
  text: (text) => text,
  host: sanitizeHost,
  path: sanitizePath,
  url: sanitizeUrl,
  query: summarizeQuery,
  "user-agent": firstProduct,
};

/** The first product's name (RFC 9110 section 10.1.5), without its version. */
function firstProduct(userAgent: string): string {
  return /^\s*([\w!#$%&'*+.^`|~-]{1,40})(?![\w!#$%&'*+.^`|~-])/.exec(userAgent)?.[1] ?? "";
}
