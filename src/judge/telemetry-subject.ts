import { type Subject, withoutCall } from "./create-finding.ts";
import type { JudgeContext } from "./judge-context.ts";
import { isDeclared, type Party } from "./party.ts";

/** A service in its environment, as the baseline knows it. */
export type Sender = { readonly environment: string; readonly party: Party };

/**
 * The service that a fact about telemetry is about; null where no baseline names it: such a one is reported once, as
 * unknown, and whoever makes up names must not make alerts of each.
 */
export function declaredSender(environment: string, service: string, { names }: JudgeContext): Sender | null {
  const party = names.caller({ kind: "service", name: service });
  return isDeclared(party) ? { environment, party } : null;
}

/** What a finding about a service's telemetry is about: the service, and no call. */
export function aboutSender({ environment, party }: Sender): Subject {
  return withoutCall(environment, { callee: party });
}
