import type { Finding } from "../model/finding.ts";

/** What becomes of a finding that nobody has decided about: a person's work, a proposal, or a line in the records. */
export function wantedStatus({ verdict, isProposal }: Finding): "open" | "proposed" | "excepted" {
  if (verdict === "declared-exception") return "excepted";
  return isProposal === true ? "proposed" : "open";
}
