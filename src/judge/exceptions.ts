import type { ExceptionDeclaration } from "../model/baseline.ts";
import type { Finding, FindingTarget, RuleId } from "../model/finding.ts";
import { hasEnded, startOfDay } from "./calendar.ts";
import { exceptionExpired } from "./exception-expired.ts";
import { hostOf } from "./host.ts";
import type { JudgeContext } from "./judge-context.ts";
import { permanentException } from "./permanent-exception.ts";

/** What nobody can be excused from, and what is about exceptions themselves. */
const NEVER: ReadonlySet<RuleId> = new Set([
  "forbidden-call",
  "exception-expired",
  "permanent-exception",
  "exception-unused",
]);

/**
 * What findings are under the baseline's exceptions: what one in date matches is recorded and not raised, and what one
 * that has ended matches is told as that. Pure and total.
 */
export function underExceptions(findings: readonly Finding[], context: JudgeContext): readonly Finding[] {
  if (context.exceptions.size === 0) return findings;
  return findings.flatMap((finding) => underException(finding, context));
}

function underException(finding: Finding, context: JudgeContext): readonly Finding[] {
  if (NEVER.has(finding.rule) || finding.verdict === "insufficient-evidence") return [finding];
  const matching = (context.exceptions.get(finding.rule) ?? []).filter(
    (exception) => hasBegun(exception, context) && isMatch(exception, finding, context),
  );
  const inDate = matching.find(({ expires }) => !hasEnded(expires, context.atMs));
  if (inDate !== undefined) return [excepted(finding, inDate), ...permanentException(finding, inDate, context)];
  // Of several that have ended, the one that held longest.
  const ended = matching.sort((one, other) => (one.expires < other.expires ? 1 : -1))[0];
  return [ended === undefined ? finding : exceptionExpired(finding, ended)];
}

function excepted(finding: Finding, { id, position, expires, reason }: ExceptionDeclaration): Finding {
  const says = `exception ${id} allows it until ${expires}: ${reason}`;
  return { ...finding, verdict: "declared-exception", exception: id, decidedBy: { position, says } };
}

function hasBegun({ created }: ExceptionDeclaration, { atMs }: JudgeContext): boolean {
  return created === null || atMs >= startOfDay(created);
}

function isMatch({ targets, environments }: ExceptionDeclaration, finding: Finding, context: JudgeContext): boolean {
  if (environments !== null && !environments.includes(finding.environment)) return false;
  for (const [target, glob] of targets) {
    if (!namesOf(target, finding, context).some((name) => glob.matches(name))) return false;
  }
  return true;
}

type Naming = (finding: Finding, context: JudgeContext) => readonly (string | null | undefined)[];

/** All that a match may call what a finding is about. */
const NAMES: { readonly [Target in "caller" | "callee" | FindingTarget]: Naming } = {
  caller: ({ caller }, context) => spellingsOf(caller, context),
  callee: ({ callee }, context) => spellingsOf(callee, context),
  service: ({ caller, callee, about }, context) =>
    [caller, callee, about?.service ?? null].flatMap((name) => spellingsOf(name, context)),
  identity: ({ credential, about }, context) => [
    about?.identity,
    credential?.client,
    credential?.subject,
    credential?.keyId,
    ...context.owners.presented(credential, null).map(({ name }) => name),
  ],
  issuer: ({ credential, about }, { issuerNames }) =>
    [about?.issuer, credential?.issuer].flatMap((issuer) => [issuer, issuerNames.get(issuer ?? "")]),
  destination: ({ about }) => [about?.destination],
  datastore: ({ callee, about }) => [about?.datastore, callee],
  host: ({ callee, about }) => [about?.host, callee === null ? null : hostOf(callee)],
  scope: ({ about }) => [about?.scope],
};

function namesOf(
  target: "caller" | "callee" | FindingTarget,
  finding: Finding,
  context: JudgeContext,
): readonly string[] {
  return NAMES[target](finding, context).filter((name) => name !== null && name !== undefined);
}

/** A service has two names where the baseline has a namespace, and a match may use either. */
function spellingsOf(name: string | null, { names }: JudgeContext): readonly string[] {
  return name === null ? [] : [name, ...names.caller({ kind: "service", name }).spellings];
}
