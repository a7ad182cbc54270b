import type { Baseline, CallDeclaration, Position, ServiceDeclaration } from "../model/baseline.ts";
import type { Glob } from "../model/glob.ts";
import type { Report } from "./problem-codes.ts";
import { quote, suggest } from "./suggest.ts";

/** Reports what is well formed but doubtful: names that lead nowhere, and declarations that contradict each other. */
export function checkReferences(baseline: Baseline, report: Report): void {
  for (const service of baseline.services.values()) {
    checkOwner(service, baseline, report);
    checkIssuers(service, baseline, report);
    checkUses(service, baseline, report);
    for (const call of service.calls) checkCall({ service, call, baseline, report });
    if (service.criticality === "critical") checkBreadth(service, baseline, report);
  }
  for (const external of baseline.externals.values()) checkOwner(external, baseline, report);
  checkDatastores(baseline, report);
  checkForbidden(baseline, report);
}

type Owned = { readonly position: Position; readonly owner: string | null };

function checkOwner({ owner, position }: Owned, { owners }: Baseline, report: Report): void {
  if (owner === null || owners.has(owner)) return;
  report("BL020", position, `no file declares owner ${quote(owner)}${suggest(owner, owners.keys())}`);
}

function checkIssuers({ accepts }: ServiceDeclaration, { issuers }: Baseline, report: Report): void {
  for (const { issuer, position } of accepts ?? []) {
    const isUrl = /^[a-z][a-z0-9+.-]*:/iu.test(issuer);
    if (isUrl || issuers.has(issuer)) continue;
    report("BL021", position, `no file declares issuer ${quote(issuer)}${suggest(issuer, issuers.keys())}`);
  }
}

function checkUses({ uses }: ServiceDeclaration, { datastores }: Baseline, report: Report): void {
  for (const [name, { position }] of uses) {
    if (datastores.has(name)) continue;
    report("BL023", position, `no file declares datastore ${quote(name)}${suggest(name, datastores.keys())}`);
  }
}

type CallCheck = {
  readonly service: ServiceDeclaration;
  readonly call: CallDeclaration;
  readonly baseline: Baseline;
  readonly report: Report;
};

function checkCall({ service, call, baseline, report }: CallCheck): void {
  const { callee, position } = call;
  checkName({ text: callee.text, position }, "callee", baseline, report);
  const callers = baseline.services.get(callee.text)?.callers ?? null;
  if (callers?.every((caller) => !caller.matches(service.name))) {
    report("BL024", position, `${quote(callee.text)} does not name ${quote(service.name)} in its callers`);
  }
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

type Reference = { readonly text: string; readonly position: Position };

function checkName({ text, position }: Reference, role: string, baseline: Baseline, report: Report): void {
  const { services, externals, datastores } = baseline;
  if (services.has(text) || externals.has(text) || datastores.has(text) || /[*{]/u.test(text)) return;
  const names = [...services.keys(), ...externals.keys(), ...datastores.keys()];
  report("BL022", position, `no file declares ${role} ${quote(text)}${suggest(text, names)}`);
}

function checkDatastores(baseline: Baseline, report: Report): void {
  for (const { service, position } of baseline.datastores.values()) {
    if (service === null || baseline.services.has(service)) continue;
    const hint = suggest(service, baseline.services.keys());
    report("BL022", position, `no file declares service ${quote(service)}${hint}`);
  }
}

/** A name mistyped here forbids nothing, and nobody would notice. */
function checkForbidden(baseline: Baseline, report: Report): void {
  for (const { caller, callee, position } of baseline.forbidden) {
    checkName({ text: caller.text, position }, "caller", baseline, report);
    checkName({ text: callee.text, position }, "callee", baseline, report);
  }
}

/** On a critical service a pattern that matches everything says that nobody decided. */
function checkBreadth(service: ServiceDeclaration, baseline: Baseline, report: Report): void {
  for (const { text, position } of patternsOf(service)) {
    if (!isBroad(text, baseline.namespace)) continue;
    report("BL026", position, `${quote(text)} matches everything, and ${quote(service.name)} is critical`);
  }
}

function patternsOf(service: ServiceDeclaration): readonly Reference[] {
  const callers = service.callers?.map(({ text }) => ({ text, position: service.callersPosition ?? service.position }));
  const accepted = service.accepts?.flatMap(({ audiences, position }) =>
    audiences.map(({ text }) => ({ text, position })),
  );
  const called = service.calls.flatMap(({ callee, operations, position }) =>
    [callee, ...(operations ?? [])].map(({ text }) => ({ text, position })),
  );
  const entered = service.ingress.flatMap(({ operations, position }) =>
    (operations ?? []).map(({ text }) => ({ text, position })),
  );
  return [...(callers ?? []), ...(accepted ?? []), ...called, ...entered];
}

/** Nothing but wildcards is left without the namespace, the method or the kind of operation. */
function isBroad(text: string, namespace: string): boolean {
  const rest = text.startsWith(`${namespace}/`) ? text.slice(namespace.length + 1) : text;
  return /^(?:\S+ |[a-z]+:)?\/*(?:\*\/*)+$/u.test(rest);
}
