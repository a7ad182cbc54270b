import { createHash } from "node:crypto";
import type {
  AcceptDeclaration,
  Baseline,
  CallDeclaration,
  DatastoreDeclaration,
  DatastoreUse,
  ExternalDeclaration,
  ForbiddenDeclaration,
  IssuerDeclaration,
  ServiceDeclaration,
  TokenDeclaration,
} from "../model/baseline.ts";
import { compileGlob, type Glob } from "../model/glob.ts";
import type { RawAccept, RawCall, RawExternal, RawIssuer, RawService, RawToken, RawUse } from "./file-schema.ts";
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
    internal: {
      hosts: files.flatMap(({ content }) => (internal(content, "hosts") ?? []).map((host) => compileGlob(host, "."))),
      cidrs: files.flatMap(({ content }) => internal(content, "cidrs") ?? []),
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

function internal(content: DeclaredFile["content"], key: "hosts" | "cidrs" | "probes"): readonly string[] | null {
  return content.values.internal?.values[key] ?? null;
}

function buildIssuer(name: string, { position, value }: Declared<RawIssuer>): IssuerDeclaration {
  const written = [value.values.iss ?? "", ...(value.values.aliases ?? [])];
  return { name, position, identifiers: [...new Set(written.map((issuer) => issuer.replace(/\/+$/u, "")))] };
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
    })),
  };
}

function nameGlob(name: string, namespace: string, index: NameIndex): Glob {
  return compileGlob(resolveName(name, namespace, index));
}

function buildAccept({ position, values }: RawAccept): AcceptDeclaration {
  return { position, issuer: values.issuer ?? "", audiences: globs(values.audiences ?? []) };
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
  return { position, callee, operations: values.operations?.map(compileOperation) ?? null, token };
}

function buildToken({ values }: RawToken, position: TokenDeclaration["position"]): TokenDeclaration {
  return {
    position,
    mode: values.mode,
    audiences: values.audiences === null ? null : globs(values.audiences),
    maxHops: values.maxHops ?? 1,
    reason: values.reason,
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
  }));
}

function optionalGlob(text: string | null | undefined, separator: "/" | "."): Glob | null {
  return text === null || text === undefined ? null : compileGlob(text, separator);
}

function buildExternal(name: string, { position, value }: Declared<RawExternal>): ExternalDeclaration {
  const hosts = (value.values.hosts ?? []).map((host) => compileGlob(host, "."));
  return { name, position, hosts, owner: value.values.owner };
}

function buildForbidden({ content, namespace }: DeclaredFile, index: NameIndex): readonly ForbiddenDeclaration[] {
  return (content.values.forbidden ?? []).map(({ position, values }) => ({
    position,
    caller: nameGlob(values.match?.values.caller ?? "", namespace, index),
    callee: nameGlob(values.match?.values.callee ?? "", namespace, index),
    reason: values.reason ?? "",
  }));
}
