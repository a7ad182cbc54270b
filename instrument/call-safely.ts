/** Runs something whose failure is nobody's concern but its own: a span then tells less, and the application goes on. */
export function callSafely(call: () => void): void {
  try {
    call();
  } catch {
    // Nothing to be done, and an error's text might hold what must not be told.
  }
}
