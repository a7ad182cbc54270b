/** Longer values are never a mask; also keeps the patterns below off long input. */
const PLACEHOLDER_CHARACTERS_MAX = 64;

const MASK_WORD =
  /^[[<({*_\s-]*(?:redacted|masked|filtered|hidden|secret|removed|sanitized|scrubbed|obfuscated|credential removed|null|none|undefined)[\])>}*_\s-]*$/i;
const MASK_CHARACTERS = /^(?:-|([*•xX#.?])\1+)$/;

/**
 * True for what pipelines put in the place of a value: `[REDACTED]`, `<redacted>`, `****`, `-`, nothing at all.
 * Taken for a credential, a placeholder would look like one token that is reused everywhere.
 */
export function isPlaceholder(value: string): boolean {
  if (value === "" || value.includes("***")) return true;
  if (value.length > PLACEHOLDER_CHARACTERS_MAX) return false;
  return MASK_CHARACTERS.test(value) || MASK_WORD.test(value);
}
