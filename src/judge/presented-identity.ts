import type { IdentityDeclaration } from "../model/baseline.ts";
import type { Draft } from "./create-finding.ts";
import type { JudgedHop } from "./judged-hop.ts";

type Presented = Pick<Draft, "subject" | "keyFields" | "confidence" | "about"> & {
  /** Who presents it, for a sentence. */
  readonly who: string;
};

/** What findings have in common that are about a declared identity and whoever still presents it. */
export function presentedIdentity({ name }: IdentityDeclaration, hop: JudgedHop): Presented {
  const { subject, shape } = hop;
  const presenter = subject.caller?.name ?? "";
  return {
    subject,
    keyFields: [name, presenter],
    confidence: shape.peer === null ? hop.credentialConfidence : hop.confidence,
    about: { identity: name },
    who: presenter === "" ? "an unknown caller" : presenter,
  };
}
