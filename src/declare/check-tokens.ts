import type { ServiceDeclaration, TokenDeclaration } from "../model/baseline.ts";
import type { Report } from "./problem-codes.ts";

/** Reports token modes that lack what makes them reviewable: why a token is passed on, what for one is exchanged. */
export function checkTokens({ calls }: ServiceDeclaration, report: Report): void {
  for (const { token } of calls) {
    if (token !== null) checkToken(token, report);
  }
}

function checkToken({ mode, reason, audiences, position }: TokenDeclaration, report: Report): void {
  if (mode === "passthrough" && reason === null) {
    report("BL012", position, "passthrough relays a token to another service and needs a reason");
  }
  if (mode === "exchange" && audiences === null) {
    report("BL013", position, "exchange needs the audiences of the exchanged token");
  }
}
