import { connectGrpc } from "../grpc-client.ts";
import { callHttp } from "../http-client.ts";
import { openHttpDoor } from "../http-door.ts";
import { SHOPFRONT } from "../names.ts";
import type { StartService } from "../service.ts";
import { strictDoor } from "../verify-token.ts";

/** The only way in. Logs people in and swaps their token for one of the service behind. The culprit of `shortcut`. */
export const start: StartService = async ({ addresses, tokens, attack }) => {
  const payments = connectGrpc(addresses.payments, "payments.v1.Payments");
  return openHttpDoor(
    [
      {
        on: "POST /v1/sessions",
        open: async ({ body }) => ({ token: await tokens.login(JSON.parse(body).user) }),
      },
      {
        on: "GET /v1/carts/{id}",
        handle: ({ parameters }, { token }) =>
          callHttp({ method: "GET", base: addresses.cart, template: "/v1/carts/{id}", parameters, token }),
      },
      {
        on: "POST /v1/carts/{id}/items",
        handle: ({ parameters, body }, { token }) =>
          callHttp({
            method: "POST",
            base: addresses.cart,
            template: "/v1/carts/{id}/items",
            parameters,
            token,
            body: JSON.parse(body),
          }),
      },
      {
        on: "POST /v1/orders",
        handle: async ({ body }, { token }) => {
          if (attack() === "shortcut") {
            await payments("Charge", { order_id: 1, cents: 1 }, `Bearer ${await tokens.own("payments")}`);
          }
          return callHttp({
            method: "POST",
            base: addresses.checkout,
            template: "/v1/orders",
            token: await tokens.exchange(token, "checkout"),
            body: JSON.parse(body),
          });
        },
      },
    ],
    strictDoor(addresses.idp, SHOPFRONT),
  );
};
