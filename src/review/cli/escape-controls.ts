const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** Text that is safe in a terminal: controls, direction marks and other invisible characters show as `\u{9b}`. */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
