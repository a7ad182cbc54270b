import type { Finding } from "../model/finding.ts";
import type { Shape } from "../model/graph.ts";
import { createFinding } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { type Party, serviceDeclaration } from "./party.ts";

/** A service publishes to, or consumes from, a destination that its `publishes` or `consumes` does not name. */
export function undeclaredDestination({ shape, caller, callee, subject, confidence }: JudgedHop): readonly Finding[] {
  const isOut = shape.callee.kind === "broker";
  const [service, broker]: readonly [Party, Party] = isOut ? [caller, callee] : [callee, caller];
  const declaration = serviceDeclaration(service);
  const key = isOut ? "publishes" : "consumes";
  const destination = destinationOf(shape);
  if (declaration === null || destination.startsWith("(")) return [];
  const declared = declaration[key];
  if (declared === null || declared.some((glob) => glob.matches(destination))) return [];
  return [
    createFinding({
      rule: "undeclared-destination",
      subject: { ...subject, caller: service, callee: broker },
      keyFields: [service.name, key, destination],
      summary: `${service.name} ${isOut ? "publishes to" : "consumes from"} ${destination}, which it does not declare`,
      decidedBy: {
        position: declaration.position,
        says: `services.${service.name}.${key} does not name ${destination}`,
      },
      confidence,
      about: { destination },
    }),
  ];
}

/** A broker's node is called `mq:system/destination`; temporary destinations are all `(temporary)`. */
function destinationOf({ caller, callee }: Shape): string {
  const { name } = callee.kind === "broker" ? callee : caller;
  return name.replace(/^mq:[^/]*\//u, "");
}
