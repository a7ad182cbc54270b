import { AUDIENCE_CASES } from "./cases/audiences.ts";
import { AUTHENTICATION_CASES } from "./cases/authentication.ts";
import { BINDING_CASES } from "./cases/binding.ts";
import { CALL_CASES } from "./cases/calls.ts";
import { DORMANCY_CASES } from "./cases/dormancy.ts";
import { OWNERSHIP_CASES } from "./cases/ownership.ts";
import { PASSING_ON_CASES } from "./cases/passing-on.ts";
import { PATH_CASES } from "./cases/paths.ts";
import { PERMISSION_CASES } from "./cases/permissions.ts";
import { POD_CASES } from "./cases/pods.ts";
import { PROPAGATION_CASES } from "./cases/propagation.ts";
import { REVIEW_CASES } from "./cases/reviews.ts";
import { SENDER_CASES } from "./cases/senders.ts";
import { STORE_CASES } from "./cases/stores.ts";
import { TELEMETRY_CASES } from "./cases/telemetry.ts";
import { TOKEN_CASES } from "./cases/tokens.ts";
import { TRANSPORT_CASES } from "./cases/transport.ts";
import type { JudgementCase } from "./judgement-case.ts";

/** All labelled situations. */
export const CASES: readonly JudgementCase[] = [
  ...PATH_CASES,
  ...CALL_CASES,
  ...STORE_CASES,
  ...PERMISSION_CASES,
  ...AUDIENCE_CASES,
  ...TOKEN_CASES,
  ...AUTHENTICATION_CASES,
  ...BINDING_CASES,
  ...PROPAGATION_CASES,
  ...OWNERSHIP_CASES,
  ...PASSING_ON_CASES,
  ...TRANSPORT_CASES,
  ...TELEMETRY_CASES,
  ...SENDER_CASES,
  ...DORMANCY_CASES,
  ...POD_CASES,
  ...REVIEW_CASES,
];
