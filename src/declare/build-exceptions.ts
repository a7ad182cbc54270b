import { EXCEPTION_TARGETS, type ExceptionDeclaration } from "../model/baseline.ts";
import type { FindingTarget } from "../model/finding.ts";
import { compileGlob, type Glob } from "../model/glob.ts";
import { nameGlob } from "./compile-names.ts";
import type { RawException } from "./file-schema.ts";
import type { DeclaredFile, NameIndex } from "./name-index.ts";

/** The exceptions of one file. */
export function buildExceptions(
  { content, namespace }: DeclaredFile,
  index: NameIndex,
): readonly ExceptionDeclaration[] {
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
