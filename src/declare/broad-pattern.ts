/** Nothing but wildcards is left without the namespace, the method or the kind of operation. */
export function isBroad(text: string, namespace: string): boolean {
  const rest = text.startsWith(`${namespace}/`) ? text.slice(namespace.length + 1) : text;
  return /^(?:\S+ |[a-z]+:)?\/*(?:\*\/*)+$/u.test(rest);
}
