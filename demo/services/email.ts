import { openHttpDoor } from "../http-door.ts";
import { audienceOf } from "../names.ts";
import type { StartService } from "../service.ts";
import { strictDoor } from "../verify-token.ts";

/** Sends receipts (to nobody). */
export const start: StartService = ({ addresses }) =>
  openHttpDoor(
    [{ on: "POST /v1/receipts", handle: async () => ({ queued: true }) }],
    strictDoor(addresses.idp, audienceOf("email")),
  );
