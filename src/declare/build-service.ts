import type {
  AcceptDeclaration,
  DatastoreUse,
  IngressDeclaration,
  Lifecycle,
  ServiceDeclaration,
} from "../model/baseline.ts";
import { type BuildContext, buildCalls } from "./build-calls.ts";
import { globs, nameGlob, optionalGlobs } from "./compile-names.ts";
import type { RawAccept, RawIngress, RawLifecycle, RawService, RawUse } from "./file-schema.ts";
import { type Declared, spellings } from "./name-index.ts";
import { compileOperation } from "./operation-pattern.ts";
import type { Named } from "./readers.ts";

/** A service with all that its owner says of it, names in full. */
export function buildService(name: string, declared: Declared<RawService>, context: BuildContext): ServiceDeclaration {
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
    ...buildRelations(declared.value),
    ...buildNature(declared.value),
  };
}

type Relations = Pick<ServiceDeclaration, "uses" | "ingress" | "public" | "publishes" | "consumes">;

/** What it has to do with others than services. */
function buildRelations({ values }: RawService): Relations {
  return {
    uses: new Map((values.uses ?? []).map((use) => [use.name, buildUse(use)])),
    ingress: (values.ingress ?? []).map(buildIngress),
    public: (values.public ?? []).map(compileOperation),
    publishes: optionalGlobs(values.publishes),
    consumes: optionalGlobs(values.consumes),
  };
}

type Nature = Pick<ServiceDeclaration, "traits" | "spiffe" | "kubernetes" | "isMtlsRequired" | "lifecycle">;

/** What it is, and by what it proves that. */
function buildNature({ values, at, position }: RawService): Nature {
  const identity = values.identity?.values;
  return {
    traits: new Set(values.traits ?? []),
    spiffe: globs(identity?.spiffe ?? []),
    kubernetes: identity?.kubernetes ?? [],
    isMtlsRequired: identity?.mtls === "required",
    lifecycle: values.lifecycle === null ? null : buildLifecycle(values.lifecycle, at.lifecycle ?? position),
  };
}

function buildIngress({ position, values }: RawIngress): IngressDeclaration {
  const operations = values.operations?.map(compileOperation) ?? null;
  return { position, from: values.from ?? "", operations, token: values.token };
}

function buildAccept({ position, values }: RawAccept): AcceptDeclaration {
  const scopes = values.scopes?.values;
  return {
    position,
    issuer: values.issuer ?? "",
    audiences: globs(values.audiences ?? []),
    requiredScopes: scopes?.required ?? [],
    allowedScopes: optionalGlobs(scopes?.allowed),
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
