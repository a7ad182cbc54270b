import type { Baseline, ExceptionDeclaration, Position } from "../model/baseline.ts";
import { RULE_IDS } from "../model/finding.ts";
import { isBroad } from "./broad-pattern.ts";
import type { Report } from "./problem-codes.ts";
import { quote, suggest } from "./suggest.ts";

const DAY_MS = 86_400_000;
const RULES: ReadonlySet<string> = new Set(RULE_IDS);

/** Reports exceptions that would excuse too much, or that excuse nothing. `today` is `YYYY-MM-DD`; null: nobody knows. */
export function checkExceptions(baseline: Baseline, today: string | null, report: Report): void {
  const first = new Map<string, Position>();
  for (const exception of baseline.exceptions) {
    const { id, position } = exception;
    const known = first.get(id);
    if (known === undefined) first.set(id, position);
    else report("BL010", position, `exception ${quote(id)} is declared twice, first at ${known.file}:${known.line}`);
    checkMatch(exception, baseline, report);
    checkLength(exception, { maxDays: baseline.settings.maxExceptionDays, today }, report);
  }
  if (today !== null) reportPast(baseline, today, report);
}

function checkMatch({ rule, targets, position }: ExceptionDeclaration, { namespace }: Baseline, report: Report): void {
  // A rule that is missing was reported with its key.
  if (rule !== "" && !RULES.has(rule)) {
    report("BL014", position, `no rule is called ${quote(rule)}${suggest(rule, RULES)}`);
  }
  const isAboutAll = [...targets.values()].every(({ text }) => isBroad(text, namespace));
  if (isAboutAll) report("BL015", position, "an exception names at least one actor or target, and not all of them");
}

type Bounds = { readonly maxDays: number; readonly today: string | null };

function checkLength(exception: ExceptionDeclaration, { maxDays, today }: Bounds, report: Report): void {
  const { created, expires, position } = exception;
  const start = created ?? today;
  if (start === null || expires === "") return;
  const days = (Date.parse(expires) - Date.parse(start)) / DAY_MS;
  if (days > maxDays) report("BL027", position, `it is to last ${days} days, and at most ${maxDays} are allowed`);
}

/** What has ended excuses nothing any more: a reader of the file would think otherwise. */
function reportPast(baseline: Baseline, today: string, report: Report): void {
  for (const { position, expires, what } of permissions(baseline)) {
    if (expires !== null && expires !== "" && expires < today) report("BL028", position, `${what} ended on ${expires}`);
  }
}

type Permission = { readonly position: Position; readonly expires: string | null; readonly what: string };

function* permissions({ exceptions, services, datastores }: Baseline): Generator<Permission> {
  for (const { id, position, expires } of exceptions) yield { position, expires, what: `exception ${quote(id)}` };
  for (const { calls, lifecycle } of services.values()) {
    if (lifecycle?.state === "learning") {
      yield { position: lifecycle.position, expires: lifecycle.until, what: "learning" };
    }
    for (const { token } of calls) {
      if (token !== null) yield { position: token.position, expires: token.expires, what: "the token mode" };
    }
  }
  for (const { shared } of datastores.values()) {
    if (shared !== null) yield { position: shared.position, expires: shared.expires, what: "the sharing" };
  }
}
