import { createHash } from "node:crypto";
import type {
  Baseline,
  DestinationDeclaration,
  ExternalDeclaration,
  ForbiddenDeclaration,
  SenderDeclaration,
} from "../model/baseline.ts";
import { compileGlob } from "../model/glob.ts";
import { buildDatastore } from "./build-datastore.ts";
import { buildExceptions } from "./build-exceptions.ts";
import { buildIdentity } from "./build-identity.ts";
import { buildIssuer } from "./build-issuer.ts";
import { buildService } from "./build-service.ts";
import { buildSettings } from "./build-settings.ts";
import { nameGlob } from "./compile-names.ts";
import type { RawDestination, RawExternal, RawFile, RawSender } from "./file-schema.ts";
import { asWritten, collect, type Declared, type DeclaredFile, type NameIndex, resolveName } from "./name-index.ts";
import { compileRewrite } from "./name-rewrite.ts";
import type { BaselineFile } from "./open-source.ts";
import { compileOperation } from "./operation-pattern.ts";
import type { Report } from "./problem-codes.ts";
import type { Named } from "./readers.ts";

/**
 * Merges what all files declare into one baseline, names in full and patterns compiled.
 * Texts that stand in for missing required keys are empty: those were reported, and the baseline is then not used.
 */
export function buildBaseline(files: readonly DeclaredFile[], index: NameIndex, report: Report): Baseline {
  const all = <T>(kind: string, pick: (file: RawFile) => readonly Named<T>[] | null) =>
    collect(files, { kind, pick, fullName: asWritten }, report);
  return {
    revision: "none",
    files: [],
    namespace: files.find((file) => file.namespace !== "")?.namespace ?? "",
    owners: mapValues(
      all("owner", ({ values }) => values.owners),
      (_, { value }) => ({ contact: value.find((entry) => entry.name === "contact")?.value ?? null }),
    ),
    issuers: mapValues(
      all("issuer", ({ values }) => values.issuers),
      (name, declared) => buildIssuer(name, declared, report),
    ),
    services: mapValues(index.services, (name, declared) => buildService(name, declared, { index, report })),
    datastores: mapValues(index.datastores, (name, declared) => buildDatastore(name, declared, index)),
    externals: mapValues(index.externals, buildExternal),
    forbidden: files.flatMap((file) => buildForbidden(file, index)),
    settings: buildSettings(files, index),
    environments: mapValues(
      all("environment", ({ values }) => values.environments),
      (name, { position, value }) => ({ name, position, isProduction: value.values.production ?? false }),
    ),
    identities: mapValues(
      all("identity", ({ values }) => values.identities),
      (name, declared) => buildIdentity(name, declared, index),
    ),
    destinations: mapValues(
      all("destination", ({ values }) => values.destinations),
      (name, declared) => buildDestination(name, declared, index),
    ),
    senders: mapValues(
      all("sender", ({ values }) => values.senders),
      (name, declared) => buildSender(name, declared, index),
    ),
    exceptions: files.flatMap((file) => buildExceptions(file, index)),
    normalize: files
      .flatMap(({ content }) => content.values.normalize ?? [])
      .map((rewrite) => compileRewrite(rewrite, report))
      .filter((rewrite) => rewrite !== null),
    internal: buildInternal(files),
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

function buildInternal(files: readonly DeclaredFile[]): Baseline["internal"] {
  const all = (key: "hosts" | "cidrs" | "people" | "probes"): readonly string[] =>
    files.flatMap(({ content }) => content.values.internal?.values[key] ?? []);
  return {
    hosts: all("hosts").map((host) => compileGlob(host, ".")),
    cidrs: all("cidrs"),
    people: all("people"),
    probes: all("probes").map(compileOperation),
  };
}

function buildDestination(
  name: string,
  { position, namespace, value: { values } }: Declared<RawDestination>,
  index: NameIndex,
): DestinationDeclaration {
  const service = values.service === null ? null : resolveName(values.service, namespace, index);
  return { name, position, system: values.system, service };
}

function buildSender(
  name: string,
  { position, namespace, value: { values } }: Declared<RawSender>,
  index: NameIndex,
): SenderDeclaration {
  const services = (values.services ?? []).map((service) => nameGlob(service, namespace, index));
  return { name, position, principal: compileGlob(values.principal ?? "", "/"), services };
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
