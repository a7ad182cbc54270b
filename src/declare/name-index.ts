import type { Position } from "../model/baseline.ts";
import type { RawDatastore, RawExternal, RawFile, RawService } from "./file-schema.ts";
import type { Report } from "./problem-codes.ts";
import type { Named } from "./readers.ts";
import { quote } from "./suggest.ts";

/** A file after reading, with the prefix that its own unqualified names take. */
export type DeclaredFile = { readonly namespace: string; readonly content: RawFile };

/** One declaration under its full name, and the namespace that the names inside it take. */
export type Declared<T> = { readonly position: Position; readonly value: T; readonly namespace: string };

/** Everything that all files together declare by name. */
export type NameIndex = {
  readonly services: ReadonlyMap<string, Declared<RawService>>;
  readonly datastores: ReadonlyMap<string, Declared<RawDatastore>>;
  readonly externals: ReadonlyMap<string, Declared<RawExternal>>;
  /** Alias to the service it stands for. */
  readonly aliases: ReadonlyMap<string, string>;
};

/** Collects what the files declare; what is declared twice is reported at its later place. */
export function indexNames(files: readonly DeclaredFile[], report: Report): NameIndex {
  const services = collect(files, { kind: "service", pick: (file) => file.values.services, fullName: qualify }, report);
  return {
    services,
    datastores: collect(
      files,
      { kind: "datastore", pick: (file) => file.values.datastores, fullName: asWritten },
      report,
    ),
    externals: collect(files, { kind: "external", pick: (file) => file.values.externals, fullName: asWritten }, report),
    aliases: collectAliases(services, report),
  };
}

/** What to take from a file, and how its names read in full. */
export type Collection<T> = {
  readonly kind: string;
  readonly pick: (file: RawFile) => readonly Named<T>[] | null;
  readonly fullName: (name: string, namespace: string) => string;
};

/** One kind of declaration of all files, by full name. */
export function collect<T>(
  files: readonly DeclaredFile[],
  collection: Collection<T>,
  report: Report,
): ReadonlyMap<string, Declared<T>> {
  const found = new Map<string, Declared<T>>();
  for (const { namespace, content } of files) {
    for (const { name, position, value } of collection.pick(content) ?? []) {
      const fullName = collection.fullName(name, namespace);
      const first = found.get(fullName);
      if (first === undefined) found.set(fullName, { position, value, namespace });
      else
        report("BL010", position, `${collection.kind} ${quote(fullName)} is declared twice, first at ${place(first)}`);
    }
  }
  return found;
}

/** For names that know no namespace. */
export function asWritten(name: string): string {
  return name;
}

/** `cart` in namespace `shop` is `shop/cart`. A name with `/` is full already, and `**` means every namespace. */
function qualify(name: string, namespace: string): string {
  return namespace === "" || name.includes("/") || name.includes("**") ? name : `${namespace}/${name}`;
}

/**
 * The full name of what a file refers to: a service, by name or alias, before a datastore or external of that name.
 * A name nobody declares is taken for a service's.
 */
export function resolveName(name: string, namespace: string, index: NameIndex): string {
  const fullName = qualify(name, namespace);
  if (index.services.has(fullName)) return fullName;
  const service = index.aliases.get(fullName) ?? index.aliases.get(name);
  if (service !== undefined) return service;
  return index.externals.has(name) || index.datastores.has(name) ? name : fullName;
}

/** Aliases as senders may report them: as written and, where unqualified, in the file's namespace. */
export function spellings(aliases: readonly string[], namespace: string): readonly string[] {
  return [...new Set(aliases.flatMap((alias) => [alias, qualify(alias, namespace)]))];
}

function collectAliases(services: NameIndex["services"], report: Report): NameIndex["aliases"] {
  const claimed = new Map<string, string>();
  for (const { service, alias, position } of [...services].flatMap(aliasesOf)) {
    const first = services.has(alias) ? alias : (claimed.get(alias) ?? service);
    if (first === service) claimed.set(alias, service);
    else report("BL011", position, `alias ${quote(alias)} already means service ${quote(first)}`);
  }
  return claimed;
}

type Alias = { readonly service: string; readonly alias: string; readonly position: Position };

function aliasesOf([service, { value, namespace }]: [string, Declared<RawService>]): readonly Alias[] {
  const position = value.at.aliases ?? value.position;
  return spellings(value.values.aliases ?? [], namespace).map((alias) => ({ service, alias, position }));
}

function place({ position }: Declared<unknown>): string {
  return `${position.file}:${position.line}:${position.column}`;
}
