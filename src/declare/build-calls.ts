import type { CallDeclaration, TokenDeclaration } from "../model/baseline.ts";
import type { Glob } from "../model/glob.ts";
import { nameGlob, optionalGlobs } from "./compile-names.ts";
import type { RawCall, RawService, RawToken } from "./file-schema.ts";
import type { Declared, NameIndex } from "./name-index.ts";
import { compileOperation } from "./operation-pattern.ts";
import type { Report } from "./problem-codes.ts";
import { quote } from "./suggest.ts";

/** What every name is looked up in, and where problems go. */
export type BuildContext = { readonly index: NameIndex; readonly report: Report };

/** Two spellings of one callee (`cart`, `shop/cart`, an alias) would hide each other, so they are an error. */
export function buildCalls(
  { value, namespace }: Declared<RawService>,
  { index, report }: BuildContext,
): readonly CallDeclaration[] {
  const calls = new Map<string, CallDeclaration>();
  for (const { name, position, value: call } of value.values.calls ?? []) {
    const callee = nameGlob(name, namespace, index);
    const first = calls.get(callee.text);
    if (first === undefined) calls.set(callee.text, buildCall(callee, position, call));
    else
      report("BL010", position, `callee ${quote(callee.text)} is declared twice, first on line ${first.position.line}`);
  }
  return [...calls.values()];
}

function buildCall(callee: Glob, position: CallDeclaration["position"], { values, at }: RawCall): CallDeclaration {
  const token = values.token === null ? null : buildToken(values.token, at.token ?? position);
  return {
    position,
    callee,
    operations: values.operations?.map(compileOperation) ?? null,
    token,
    auth: values.auth,
    isMtlsRequired: values.mtls === "required",
    frequency: values.frequency ?? "normal",
  };
}

function buildToken({ values }: RawToken, position: TokenDeclaration["position"]): TokenDeclaration {
  return {
    position,
    mode: values.mode,
    audiences: optionalGlobs(values.audiences),
    maxHops: values.maxHops ?? 1,
    reason: values.reason,
    scopes: optionalGlobs(values.scopes),
    isRequired: values.required ?? false,
    maxRecipients: values.maxRecipients,
    expires: values.expires,
  };
}
