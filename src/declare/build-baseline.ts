import { createHash } from "node:crypto";
import {
  type AcceptDeclaration,
  type Baseline,
  type CallDeclaration,
  type DatastoreDeclaration,
  type DatastoreUse,
  DEFAULT_SETTINGS,
  EXCEPTION_TARGETS,
  type ExceptionDeclaration,
  type ExternalDeclaration,
  type ForbiddenDeclaration,
  type IdentityDeclaration,
  type IssuerDeclaration,
  type Lifecycle,
  type ServiceDeclaration,
  type Settings,
  type TokenDeclaration,
} from "../model/baseline.ts";
import type { FindingTarget } from "../model/finding.ts";
import { compileGlob, type Glob } from "../model/glob.ts";
import type {
  RawAccept,
  RawCall,
  RawException,
  RawExternal,
  RawIdentity,
  RawIssuer,
  RawLifecycle,
  RawService,
  RawToken,
  RawUse,
} from "./file-schema.ts";
import {
  asWritten,
  collect,
  type Declared,
  type DeclaredFile,
  type NameIndex,
  resolveName,
  spellings,
} from "./name-index.ts";
import type { BaselineFile } from "./open-source.ts";
import { compileOperation } from "./operation-pattern.ts";
import type { Report } from "./problem-codes.ts";
import type { Named } from "./readers.ts";
import { quote } from "./suggest.ts";

/**
 * Merges what all files declare into one baseline, names in full and patterns compiled.
 * Texts that stand in for missing required keys are empty: those were reported, and the baseline is then not used.
 */
export function buildBaseline(files: readonly DeclaredFile[], index: NameIndex, report: Report): Baseline {
  const owners = collect(files, { kind: "owner", pick: (file) => file.values.owners, fullName: asWritten }, report);
  const issuers = collect(files, { kind: "issuer", pick: (file) => file.values.issuers, fullName: asWritten }, report);
  return {
    revision: "none",
    files: [],
    namespace: files.find((file) => file.namespace !== "")?.namespace ?? "",
    owners: mapValues(owners, (_, { value }) => ({
      contact: value.find((entry) => entry.name === "contact")?.value ?? null,
    })),
    issuers: mapValues(issuers, buildIssuer),
    services: mapValues(index.services, (name, declared) => buildService(name, declared, { index, report })),
    datastores: buildDatastores(index),
    externals: mapValues(index.externals, buildExternal),
    forbidden: files.flatMap((file) => buildForbidden(file, index)),
    settings: buildSettings(files, index),
    environments: mapValues(
      collect(files, { kind: "environment", pick: (file) => file.values.environments, fullName: asWritten }, report),
      (name, { position, value }) => ({ name, position, isProduction: value.values.production ?? false }),
    ),
    identities: mapValues(
      collect(files, { kind: "identity", pick: (file) => file.values.identities, fullName: asWritten }, report),
      (name, declared) => buildIdentity(name, declared, index),
    ),
    destinations: mapValues(
      collect(files, { kind: "destination", pick: (file) => file.values.destinations, fullName: asWritten }, report),
      (name, { position, namespace, value: { values } }) => ({
        name,
        position,
        system: values.system,
        service: values.service === null ? null : resolveName(values.service, namespace, index),
      }),
    ),
    exceptions: files.flatMap((file) => buildExceptions(file, index)),
    internal: {
      hosts: files.flatMap(({ content }) => (internal(content, "hosts") ?? []).map((host) => compileGlob(host, "."))),
      cidrs: files.flatMap(({ content }) => internal(content, "cidrs") ?? []),
      people: files.flatMap(({ content }) => internal(content, "people") ?? []),
      probes: files.flatMap(({ content }) => (internal(content, "probes") ?? []).map(compileOperation)),
    },
  };
}

/** First 12 hex characters of SHA-256 over paths and texts; they are separated, so that no two sets read the same. */
export function revisionOf(files: readonly BaselineFile[]): string {
  const hash = createHash("sha256");
  for (const { path, text } of files) hash.update(JSON.stringify([path, text]));
  return hash.digest("hex").slice(0, 12);
}

function mapValues<T, R>(
  declared: ReadonlyMap<string, Declared<T>>,
  build: (name: string, declared: Declared<T>) => R,
): ReadonlyMap<string, R> {
  return new Map([...declared].map(([name, value]) => [name, build(name, value)]));
}

function internal(
  content: DeclaredFile["content"],
  key: "hosts" | "cidrs" | "people" | "probes",
): readonly string[] | null {
  return content.values.internal?.values[key] ?? null;
}

/** Where several files say something about one setting, the first in the order of their names holds. */
function buildSettings(files: readonly DeclaredFile[], index: NameIndex): Settings {
  const all = files.map(({ content, namespace }) => ({ values: content.values.settings?.values, namespace }));
  const first = <T>(pick: (values: NonNullable<(typeof all)[number]["values"]>) => T | null): T | null =>
    all.map(({ values }) => (values === undefined ? null : pick(values))).find((value) => value !== null) ?? null;
  return {
    undeclared: first(({ undeclared }) => undeclared) ?? DEFAULT_SETTINGS.undeclared,
    consent: first(({ consent }) => consent) ?? DEFAULT_SETTINGS.consent,
    attestation: first(({ attestation }) => attestation) ?? DEFAULT_SETTINGS.attestation,
    meshTls: all.flatMap(({ values, namespace }) =>
      (values?.meshTls ?? []).map((name) => nameGlob(name, namespace, index)),
    ),
    staleAfterMs: first(({ staleAfter }) => staleAfter) ?? DEFAULT_SETTINGS.staleAfterMs,
    maxExceptionDays: first(({ maxExceptionDays }) => maxExceptionDays) ?? DEFAULT_SETTINGS.maxExceptionDays,
  };
}

function buildIssuer(name: string, { position, value: { values } }: Declared<RawIssuer>): IssuerDeclaration {
  const written = [values.iss ?? "", ...(values.aliases ?? [])];
  const aliases = (values.audienceAliases ?? []).flatMap((entry) =>
    (entry.value ?? []).map((spelling) => [spelling, entry.name] as const),
  );
  return {
    name,
    position,
    identifiers: [...new Set(written.map((issuer) => issuer.replace(/\/+$/u, "")))],
    isInternal: values.internal ?? false,
    audienceClaim: values.audienceClaim ?? "aud",
    subjectClaims: values.subjectClaims ?? ["sub"],
    audienceAliases: new Map(aliases),
    algorithms: values.algorithms,
    maxLifetimeS: buildLifetimes(values.maxLifetime?.values ?? null),
    maxAudiences: values.maxAudiences,
  };
}

type Lifetimes = { readonly [Role in keyof IssuerDeclaration["maxLifetimeS"]]-?: number | null };

function buildLifetimes(values: Lifetimes | null): IssuerDeclaration["maxLifetimeS"] {
  const declared = Object.entries(values ?? {}).filter(([, ms]) => ms !== null);
  return Object.fromEntries(declared.map(([role, ms]) => [role, (ms ?? 0) / 1000]));
}

function buildIdentity(
  name: string,
  { position, namespace, value: { values } }: Declared<RawIdentity>,
  index: NameIndex,
): IdentityDeclaration {
  return {
    name,
    position,
    issuer: values.issuer,
    client: values.client,
    kubernetes: values.kubernetes,
    spiffe: optionalGlob(values.spiffe, "/"),
    key: values.key,
    usedBy: values.usedBy?.map((service) => nameGlob(service, namespace, index)) ?? null,
    environments: values.environments,
    isHuman: values.human ?? false,
    retired: values.retired,
    graceMs: values.grace ?? 0,
    successor: values.successor,
  };
}

type Context = { readonly index: NameIndex; readonly report: Report };

function buildService(name: string, declared: Declared<RawService>, context: Context): ServiceDeclaration {
  const { position, namespace } = declared;
  const { values, at } = declared.value;
  return {
    name,
    position,
    owner: values.owner,
    criticality: values.criticality ?? "medium",
    aliases: spellings(values.aliases ?? [], namespace),
    accepts: values.accepts?.map(buildAccept) ?? null,
    acceptsPosition: at.accepts ?? null,
    callers: values.callers?.map((caller) => nameGlob(caller, namespace, context.index)) ?? null,
    callersPosition: at.callers ?? null,
    calls: buildCalls(declared, context),
    uses: new Map((values.uses ?? []).map((use) => [use.name, buildUse(use)])),
    ingress: (values.ingress ?? []).map((entry) => ({
      position: entry.position,
      from: entry.values.from ?? "",
      operations: entry.values.operations?.map(compileOperation) ?? null,
      token: entry.values.token,
    })),
    traits: new Set(values.traits ?? []),
    spiffe: globs(values.identity?.values.spiffe ?? []),
    kubernetes: values.identity?.values.kubernetes ?? [],
    isMtlsRequired: values.identity?.values.mtls === "required",
    public: (values.public ?? []).map(compileOperation),
    publishes: values.publishes === null ? null : globs(values.publishes),
    consumes: values.consumes === null ? null : globs(values.consumes),
    lifecycle: values.lifecycle === null ? null : buildLifecycle(values.lifecycle, at.lifecycle ?? position),
  };
}

function nameGlob(name: string, namespace: string, index: NameIndex): Glob {
  return compileGlob(resolveName(name, namespace, index));
}

function buildAccept({ position, values }: RawAccept): AcceptDeclaration {
  const scopes = values.scopes?.values;
  return {
    position,
    issuer: values.issuer ?? "",
    audiences: globs(values.audiences ?? []),
    requiredScopes: scopes?.required ?? [],
    allowedScopes: scopes?.allowed ? globs(scopes.allowed) : null,
    subjects: values.subjects,
    maxLifetimeS: values.maxLifetime === null ? null : values.maxLifetime / 1000,
  };
}

function buildLifecycle({ values }: RawLifecycle, position: Lifecycle["position"]): Lifecycle {
  return {
    position,
    state: values.state ?? "active",
    since: values.since,
    until: values.until,
    stabilizationMs: values.stabilization,
    mustObserve: values.mustObserve ?? [],
  };
}

function buildUse({ position, value }: Named<RawUse>): DatastoreUse {
  const { access, collections } = value.values;
  return { position, access: access ?? ["read", "write"], collections };
}

/** Two spellings of one callee (`cart`, `shop/cart`, an alias) would hide each other, so they are an error. */
function buildCalls(
  { value, namespace }: Declared<RawService>,
  { index, report }: Context,
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
    audiences: values.audiences === null ? null : globs(values.audiences),
    maxHops: values.maxHops ?? 1,
    reason: values.reason,
    scopes: values.scopes === null ? null : globs(values.scopes),
    isRequired: values.required ?? false,
    maxRecipients: values.maxRecipients,
    expires: values.expires,
  };
}

function globs(texts: readonly string[]): readonly Glob[] {
  return texts.map((text) => compileGlob(text));
}

function buildDatastores(index: NameIndex): ReadonlyMap<string, DatastoreDeclaration> {
  return mapValues(index.datastores, (name, { position, namespace, value: { values } }) => ({
    name,
    position,
    service: values.service === null ? null : resolveName(values.service, namespace, index),
    system: values.system,
    namespace: optionalGlob(values.match?.values.namespace, "/"),
    address: optionalGlob(values.match?.values.address, "."),
    readers: (values.readers ?? []).map((reader) => nameGlob(reader, namespace, index)),
    shared: values.shared && {
      position: values.shared.position,
      reason: values.shared.values.reason ?? "",
      expires: values.shared.values.expires,
    },
  }));
}

function optionalGlob(text: string | null | undefined, separator: "/" | "."): Glob | null {
  return text === null || text === undefined ? null : compileGlob(text, separator);
}

function buildExternal(name: string, { position, value }: Declared<RawExternal>): ExternalDeclaration {
  const hosts = (value.values.hosts ?? []).map((host) => compileGlob(host, "."));
  return { name, position, hosts, owner: value.values.owner, tokenIssuers: value.values.tokenIssuers ?? [] };
}

function buildForbidden({ content, namespace }: DeclaredFile, index: NameIndex): readonly ForbiddenDeclaration[] {
  return (content.values.forbidden ?? []).map(({ position, values }) => ({
    position,
    caller: nameGlob(values.match?.values.caller ?? "", namespace, index),
    callee: nameGlob(values.match?.values.callee ?? "", namespace, index),
    reason: values.reason ?? "",
  }));
}

function buildExceptions({ content, namespace }: DeclaredFile, index: NameIndex): readonly ExceptionDeclaration[] {
  return (content.values.exceptions ?? []).map(({ position, values }) => ({
    id: values.id ?? "",
    position,
    rule: values.match?.values.rule ?? "",
    targets: buildTargets(values.match?.values ?? null, namespace, index),
    environments: values.environments,
    reason: values.reason ?? "",
    owner: values.owner ?? "",
    ticket: values.ticket,
    created: values.created,
    expires: values.expires ?? "",
    renewals: values.renewals ?? 0,
  }));
}

const OF_SERVICES: ReadonlySet<string> = new Set(["caller", "callee", "service"]);

function buildTargets(
  match: NonNullable<RawException["values"]["match"]>["values"] | null,
  namespace: string,
  index: NameIndex,
): ExceptionDeclaration["targets"] {
  const targets = new Map<"caller" | "callee" | FindingTarget, Glob>();
  for (const target of EXCEPTION_TARGETS) {
    const text = match?.[target] ?? null;
    if (text === null) continue;
    targets.set(
      target,
      OF_SERVICES.has(target) ? nameGlob(text, namespace, index) : compileGlob(text, separatorOf(target)),
    );
  }
  return targets;
}

function separatorOf(target: FindingTarget | "caller" | "callee"): "/" | "." {
  return target === "host" ? "." : "/";
}
