import type { OperationPattern } from "../model/baseline.ts";
import { compileGlob } from "../model/glob.ts";

/**
 * Compiles an operation as declared: methods and a path (`GET,DELETE /v1/carts/{id}`, `* /**`), or a glob over the
 * whole (`rpc:pkg.Service/*`, `publish:orders`). A pattern always matches its own text, so that what was observed
 * can be declared as it is.
 */
export function compileOperation(text: string): OperationPattern {
  const [, methods, path] = /^([A-Za-z*][A-Za-z*,-]*) (.*)$/su.exec(text) ?? [];
  const isRequest = methods !== undefined && path !== undefined;
  const matches = isRequest ? matchRequest(methods, path) : compileGlob(text).matches;
  return { text, matches: (operation) => operation === text || matches(operation) };
}

function matchRequest(methods: string, path: string): (operation: string) => boolean {
  const declared = new Set(methods.toUpperCase().split(","));
  const { matches } = compileGlob(path);
  return (operation) => {
    const space = operation.indexOf(" ");
    if (space < 0) return false;
    return (declared.has("*") || declared.has(operation.slice(0, space))) && matches(operation.slice(space + 1));
  };
}
