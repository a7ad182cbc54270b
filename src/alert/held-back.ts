import type { Alert } from "../model/alert.ts";
import type { Finding } from "../model/finding.ts";
import { isMoreSevere } from "./severity-rank.ts";

/** Which alerts each exception holds back, so that its end can be told with what it held back. */
export class HeldBack {
  readonly #byException = new Map<string, Map<string, Alert>>();

  /** Takes in an alert as it is now, and as it was. */
  keep(before: Alert | undefined, alert: Alert): void {
    const exception = before?.finding.exception;
    if (before !== undefined && exception !== undefined) this.#byException.get(exception)?.delete(before.key);
    if (alert.status !== "excepted" || alert.finding.exception === undefined) return;
    const held = this.#byException.get(alert.finding.exception) ?? new Map<string, Alert>();
    this.#byException.set(alert.finding.exception, held.set(alert.key, alert));
  }

  /** When an exception was needed last; 0 for never. */
  usedMs(exception: string): number {
    return Math.max(0, ...[...(this.#byException.get(exception)?.values() ?? [])].map((alert) => alert.lastSeenMs));
  }

  /** An exception's end with the count and the severity of all that it held back; any other finding as it is. */
  tell(finding: Finding): Finding {
    const { rule, exception = "", environment } = finding;
    if (rule !== "exception-expired") return finding;
    const held = [...(this.#byException.get(exception)?.values() ?? [])].filter(
      (alert) => alert.finding.environment === environment,
    );
    const count = held.reduce((sum, alert) => sum + alert.count, 0);
    if (count === 0) return finding;
    const gravest = held.reduce(
      (worst, alert) => (isMoreSevere(alert.finding, worst) ? alert.finding : worst),
      finding,
    );
    const because = `As severe as the gravest of what ${exception} held back.`;
    return {
      ...finding,
      severity: gravest.severity,
      severityReasons: gravest === finding ? finding.severityReasons : [because],
      summary: `${finding.summary} (${count} of it were held back before)`,
    };
  }
}
