import { randomUUID } from "node:crypto";
import { openGrpcDoor } from "../grpc-door.ts";
import { audienceOf } from "../names.ts";
import type { StartService } from "../service.ts";
import { strictDoor } from "../verify-token.ts";

/** Moves money for whoever holds a valid token with its audience. Bearer tokens do not say who that is. */
export const start: StartService = ({ addresses }) => {
  const receipt = () => ({ id: randomUUID() });
  return openGrpcDoor(
    "payments.v1.Payments",
    { Charge: receipt, Refund: receipt },
    strictDoor(addresses.idp, audienceOf("payments")),
  );
};
