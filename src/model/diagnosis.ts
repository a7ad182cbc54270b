import type { RuleId } from "./finding.ts";

/** A reason why rules cannot fire on a service, and which. */
export type BlindSpot = { readonly because: string; readonly rules: readonly RuleId[] };

/** `doctor`: what rules can and cannot say of one service. */
export type ServiceDiagnosis = {
  readonly environment: string;
  readonly service: string;
  readonly isDeclared: boolean;
  /** Of its called spans, the share that shows a credential; null without any. */
  readonly visibleShare: number | null;
  /** Rules that can fire on it. */
  readonly able: readonly RuleId[];
  /** A rule that lacks several things stands under each. */
  readonly blind: readonly BlindSpot[];
};

/** The whole of it, the summary first. */
export type Diagnosis = {
  readonly services: number;
  readonly rules: number;
  /** Services on which every rule can fire that can fire anywhere. */
  readonly whole: number;
  /** Rules that can fire on no service at all. */
  readonly mute: readonly RuleId[];
  readonly rows: readonly ServiceDiagnosis[];
};
