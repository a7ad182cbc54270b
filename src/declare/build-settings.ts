import { DEFAULT_SETTINGS, type Settings } from "../model/baseline.ts";
import { nameGlob } from "./compile-names.ts";
import type { DeclaredFile, NameIndex } from "./name-index.ts";

/** Where several files say something about one setting, the first in the order of their names holds. */
export function buildSettings(files: readonly DeclaredFile[], index: NameIndex): Settings {
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
