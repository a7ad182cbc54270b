import { AUDIENCE_CASES } from "./cases/audiences.ts";
import { PATH_CASES } from "./cases/paths.ts";
import { PROPAGATION_CASES } from "./cases/propagation.ts";
import { TELEMETRY_CASES } from "./cases/telemetry.ts";
import type { JudgementCase } from "./judgement-case.ts";

/** All labelled situations. */
export const CASES: readonly JudgementCase[] = [
  ...PATH_CASES,
  ...AUDIENCE_CASES,
  ...PROPAGATION_CASES,
  ...TELEMETRY_CASES,
];
