import type { Lifecycle, ServiceDeclaration, TokenDeclaration } from "../model/baseline.ts";
import type { Report } from "./problem-codes.ts";

/**
 * Reports what lacks what makes it reviewable: why a token is passed on, what for one is exchanged, until when a service
 * learns, and since when it is retired.
 */
export function checkService({ calls, lifecycle }: ServiceDeclaration, report: Report): void {
  for (const { token } of calls) {
    if (token !== null) checkToken(token, report);
  }
  if (lifecycle !== null) checkLifecycle(lifecycle, report);
}

function checkLifecycle({ state, since, until, position }: Lifecycle, report: Report): void {
  if (state === "retired" && since === null) report("BL018", position, "a retired service needs since, its last day");
  if (state === "learning" && until === null)
    report("BL018", position, "a learning service needs until, the end of it");
}

function checkToken({ mode, reason, audiences, position }: TokenDeclaration, report: Report): void {
  if (mode === "passthrough" && reason === null) {
    report("BL012", position, "passthrough relays a token to another service and needs a reason");
  }
  if (mode === "exchange" && (audiences ?? []).length === 0) {
    report("BL013", position, "exchange needs the audiences of the exchanged token");
  }
}
