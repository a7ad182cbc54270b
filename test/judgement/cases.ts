import { AUDIENCE_CASES } from "./cases/audiences.ts";
import { BINDING_CASES } from "./cases/binding.ts";
import { PATH_CASES } from "./cases/paths.ts";
import { PROPAGATION_CASES } from "./cases/propagation.ts";
import { TELEMETRY_CASES } from "./cases/telemetry.ts";
import type { JudgementCase } from "./judgement-case.ts";

/** All labelled situations. */
export const CASES: readonly JudgementCase[] = [
  ...PATH_CASES,
  ...AUDIENCE_CASES,
  ...BINDING_CASES,
  ...PROPAGATION_CASES,
  ...TELEMETRY_CASES,
];
