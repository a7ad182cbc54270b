import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";

/** A `forbidden` entry matches caller and callee. It wins over whatever else the baseline says. */
export function forbiddenCall({
  caller,
  callee,
  forbidden,
  subject,
  shape,
  confidence,
}: JudgedHop): readonly Finding[] {
  if (forbidden === null || shape.type === "unattributed") return [];
  return [
    createFinding({
      rule: "forbidden-call",
      subject,
      keyFields: [caller.name, callee.name],
      summary: `${caller.name} called ${callee.name}, which is forbidden: ${forbidden.reason}`,
      decidedBy: {
        position: forbidden.position,
        says: `forbidden names caller ${forbidden.caller.text} and callee ${forbidden.callee.text}`,
      },
      confidence,
    }),
  ];
}
