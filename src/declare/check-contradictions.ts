import type { Baseline, CallDeclaration, Position, ServiceDeclaration } from "../model/baseline.ts";
import type { Glob } from "../model/glob.ts";
import { isBroad } from "./broad-pattern.ts";
import type { Report } from "./problem-codes.ts";
import { quote } from "./suggest.ts";

/** Reports what one declaration says and another one takes back. */
export function checkContradictions(baseline: Baseline, report: Report): void {
  for (const service of baseline.services.values()) {
    for (const call of service.calls) checkCall({ service, call, baseline, report });
    checkWrites(service, baseline, report);
    if (service.criticality === "critical") checkBreadth(service, baseline, report);
  }
}

type CallCheck = {
  readonly service: ServiceDeclaration;
  readonly call: CallDeclaration;
  readonly baseline: Baseline;
  readonly report: Report;
};

function checkCall(check: CallCheck): void {
  const callee = check.baseline.services.get(check.call.callee.text);
  if (callee !== undefined) checkCallee(callee, check);
  checkForbidden(check);
}

function checkCallee(callee: ServiceDeclaration, { service, call, baseline, report }: CallCheck): void {
  const { name, callers, lifecycle } = callee;
  if (callers?.every((caller) => !caller.matches(service.name))) {
    report("BL024", call.position, `${quote(name)} does not name ${quote(service.name)} in its callers`);
  }
  if (callers === null && baseline.settings.consent === "both") {
    report("BL019", call.position, `both sides have to consent, and ${quote(name)} has no callers`);
  }
  if (lifecycle?.state === "retired") report("BL033", call.position, `${quote(name)} is retired`);
  checkExchange(callee, call, { baseline, report });
}

/** What the caller would exchange its token for, the callee would refuse. */
function checkExchange(
  { name, accepts }: ServiceDeclaration,
  { token }: CallDeclaration,
  { baseline, report }: Pick<CallCheck, "baseline" | "report">,
): void {
  if (accepts === null || token?.mode !== "exchange") return;
  const accepted = accepts.flatMap(({ audiences }) => audiences);
  for (const audience of token.audiences ?? []) {
    const spellings = spellingsOf(audience.text, baseline);
    const isAccepted = accepted.some(
      (pattern) =>
        spellings.some((text) => covers(pattern, text)) ||
        spellingsOf(pattern.text, baseline).some((text) => covers(audience, text)),
    );
    if (isAccepted) continue;
    report("BL031", token.position, `${quote(name)} accepts no token for ${quote(audience.text)}`);
  }
}

/** An audience, and what it is an alias of. */
function spellingsOf(audience: string, { issuers }: Baseline): readonly string[] {
  const meant = [...issuers.values()].map(({ audienceAliases }) => audienceAliases.get(audience));
  return [audience, ...meant.filter((each) => each !== undefined)];
}

function checkForbidden({ service, call, baseline, report }: CallCheck): void {
  const { callee, position } = call;
  const forbidden = baseline.forbidden.find(
    (entry) => covers(entry.caller, service.name) && covers(entry.callee, callee.text),
  );
  if (forbidden === undefined) return;
  const { file, line } = forbidden.position;
  report("BL025", position, `the call to ${quote(callee.text)} is forbidden at ${file}:${line}, which wins`);
}

/** Whether a pattern matches a name, or is the very pattern that stands in the name's place. */
function covers(pattern: Glob, name: string): boolean {
  return pattern.text === name || pattern.matches(name);
}

/** A use that names no access may write. */
function checkWrites({ name, uses }: ServiceDeclaration, { datastores }: Baseline, report: Report): void {
  for (const [used, { access, position }] of uses) {
    const { service: owner = null, shared = null } = datastores.get(used) ?? {};
    if (owner === null || owner === name || shared !== null || !access.includes("write")) continue;
    report("BL032", position, `${quote(used)} belongs to ${quote(owner)}: declare access [read], or it as shared`);
  }
}

type Pattern = { readonly text: string; readonly position: Position };

/** On a critical service a pattern that matches everything says that nobody decided. */
function checkBreadth(service: ServiceDeclaration, baseline: Baseline, report: Report): void {
  for (const { text, position } of patternsOf(service)) {
    if (!isBroad(text, baseline.namespace)) continue;
    report("BL026", position, `${quote(text)} matches everything, and ${quote(service.name)} is critical`);
  }
}

function* patternsOf(service: ServiceDeclaration): Generator<Pattern> {
  const { callers, callersPosition, accepts, calls, ingress, publishes, consumes, position } = service;
  yield* placed(callers, callersPosition ?? position);
  for (const accepted of accepts ?? []) {
    yield* placed(accepted.audiences, accepted.position);
    // In a scope, what stands before a colon is a name, not a kind of operation.
    const scopes = accepted.allowedScopes?.filter(({ text }) => !text.includes(":"));
    yield* placed(scopes ?? [], accepted.position);
  }
  for (const call of calls) yield* placed([call.callee, ...(call.operations ?? [])], call.position);
  for (const entry of ingress) yield* placed(entry.operations, entry.position);
  for (const patterns of [service.public, publishes, consumes]) yield* placed(patterns, position);
}

function placed(patterns: readonly { readonly text: string }[] | null, position: Position): readonly Pattern[] {
  return (patterns ?? []).map(({ text }) => ({ text, position }));
}
