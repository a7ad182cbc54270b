import type { Baseline, SenderDeclaration } from "../model/baseline.ts";
import type { Report } from "./problem-codes.ts";
import { quote } from "./suggest.ts";

/** Reports two senders of one principal: whoever reads one of them would believe that it says all. */
export function checkSenders({ senders }: Baseline, report: Report): void {
  const claimed = new Map<string, SenderDeclaration>();
  for (const sender of senders.values()) {
    const { text } = sender.principal;
    const first = claimed.get(text);
    if (first === undefined) claimed.set(text, sender);
    else report("BL047", sender.position, `${quote(text)} is sender ${quote(first.name)} already`);
  }
}
