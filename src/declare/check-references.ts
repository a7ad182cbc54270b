import type { Baseline, Position, ServiceDeclaration } from "../model/baseline.ts";
import type { Report } from "./problem-codes.ts";
import { quote, suggest } from "./suggest.ts";

/** Reports names that lead nowhere: mistyped, they say nothing about whom they mean, and nobody would notice. */
export function checkReferences(baseline: Baseline, report: Report): void {
  const check = { baseline, report };
  for (const service of baseline.services.values()) checkService(service, check);
  for (const external of baseline.externals.values()) {
    checkOwner(external, check);
    for (const text of external.tokenIssuers) checkIssuer({ text, position: external.position }, check);
  }
  for (const exception of baseline.exceptions) {
    checkOwner(exception, check);
    checkEnvironments(exception, check);
  }
  for (const { caller, callee, position } of baseline.forbidden) {
    checkName({ text: caller.text, position }, "caller", check);
    checkName({ text: callee.text, position }, "callee", check);
  }
  checkIdentities(check);
  checkOwned(check);
  for (const { services, position } of baseline.senders.values()) {
    for (const { text } of services) checkServiceName({ text, position }, check);
  }
}

type Check = { readonly baseline: Baseline; readonly report: Report };
type Reference = { readonly text: string; readonly position: Position };

function checkService(service: ServiceDeclaration, check: Check): void {
  const { accepts, calls, uses, publishes, consumes, position } = service;
  checkOwner(service, check);
  for (const accepted of accepts ?? []) checkIssuer({ text: accepted.issuer, position: accepted.position }, check);
  for (const call of calls) checkName({ text: call.callee.text, position: call.position }, "callee", check);
  const { datastores, destinations } = check.baseline;
  for (const [name, use] of uses) {
    if (datastores.has(name)) continue;
    check.report("BL023", use.position, unknown("datastore", name, datastores.keys()));
  }
  for (const { text } of [...(publishes ?? []), ...(consumes ?? [])]) {
    if (destinations.has(text) || isPattern(text)) continue;
    check.report("BL030", position, unknown("destination", text, destinations.keys()));
  }
}

type Owned = { readonly position: Position; readonly owner: string | null };

function checkOwner({ owner, position }: Owned, { baseline: { owners }, report }: Check): void {
  // An owner that is required and missing was reported with its key.
  if (owner === null || owner === "" || owners.has(owner)) return;
  report("BL020", position, unknown("owner", owner, owners.keys()));
}

function checkIssuer({ text, position }: Reference, { baseline: { issuers }, report }: Check): void {
  const isUrl = /^[a-z][a-z0-9+.-]*:/iu.test(text);
  if (isUrl || issuers.has(text)) return;
  report("BL021", position, unknown("issuer", text, issuers.keys()));
}

function checkName({ text, position }: Reference, role: string, { baseline, report }: Check): void {
  const { services, externals, datastores } = baseline;
  if (services.has(text) || externals.has(text) || datastores.has(text) || isPattern(text)) return;
  report("BL022", position, unknown(role, text, [...services.keys(), ...externals.keys(), ...datastores.keys()]));
}

function checkServiceName({ text, position }: Reference, { baseline: { services }, report }: Check): void {
  if (services.has(text) || isPattern(text)) return;
  report("BL022", position, unknown("service", text, services.keys()));
}

type Placed = { readonly position: Position; readonly environments: readonly string[] | null };

/** Where none is named, any is known. */
function checkEnvironments({ position, environments }: Placed, { baseline, report }: Check): void {
  const known = baseline.environments;
  for (const name of known.size === 0 ? [] : (environments ?? [])) {
    if (!known.has(name)) report("BL029", position, unknown("environment", name, known.keys()));
  }
}

function checkIdentities(check: Check): void {
  for (const identity of check.baseline.identities.values()) {
    const { issuer, usedBy, position } = identity;
    if (issuer !== null) checkIssuer({ text: issuer, position }, check);
    for (const { text } of usedBy ?? []) checkServiceName({ text, position }, check);
    checkEnvironments(identity, check);
  }
}

/** What services own and share. */
function checkOwned(check: Check): void {
  const { datastores, destinations } = check.baseline;
  for (const { service, position } of [...datastores.values(), ...destinations.values()]) {
    if (service !== null) checkServiceName({ text: service, position }, check);
  }
  for (const { readers, position } of datastores.values()) {
    for (const { text } of readers) checkServiceName({ text, position }, check);
  }
}

function isPattern(text: string): boolean {
  return /[*{]/u.test(text);
}

function unknown(kind: string, name: string, known: Iterable<string>): string {
  return `no file declares ${kind} ${quote(name)}${suggest(name, known)}`;
}
