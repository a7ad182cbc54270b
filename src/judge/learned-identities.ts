import type { NodeIn } from "./known-shapes.ts";
import type { Taught } from "./learned.ts";

/** Who presents which identity, as far as shapes have shown. */
export class LearnedIdentities {
  /** The services whose shapes mean something else once this has been learned. */
  concernedBy(_fact: Taught): readonly NodeIn[] {
    return [];
  }

  /** Takes in one more shape. */
  learn(_fact: Taught): void {
    // Nothing is asked of it yet.
  }
}
