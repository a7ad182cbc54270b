import type { ServiceSighting } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { judgeRate } from "./judge-rate.ts";
import { HOUR_MS, ServiceRates } from "./service-rates.ts";
import { declaredSender } from "./telemetry-subject.ts";
import { underDeclarations } from "./under-declarations.ts";

/** How the telemetry of declared services goes on, hour by hour: what nobody sends can only be found by looking. */
export class TelemetryWatch {
  readonly #rates = new ServiceRates();
  #hour = Number.NEGATIVE_INFINITY;

  /** Takes in that a service sent spans. */
  learn(sighting: ServiceSighting, context: JudgeContext): void {
    const sender = declaredSender(sighting.environment, sighting.service, context);
    if (sender !== null) this.#rates.learn({ ...sighting, service: sender.party.name });
  }

  /** What is found now, where an hour is over; nothing in between. */
  pass(nowMs: number, context: JudgeContext): readonly Finding[] {
    const hour = Math.floor(nowMs / HOUR_MS);
    if (hour <= this.#hour) return [];
    this.#hour = hour;
    return this.again(context);
  }

  /** What was found when the last hour was over, as the baseline sees it now. */
  again(context: JudgeContext): readonly Finding[] {
    if (this.#hour === Number.NEGATIVE_INFINITY) return [];
    const findings = [...this.#rates.rates(this.#hour * HOUR_MS)].flatMap((rate) => judgeRate(rate, context));
    return underDeclarations(findings, context);
  }
}
