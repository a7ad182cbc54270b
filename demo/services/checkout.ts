import { connectGrpc } from "../grpc-client.ts";
import { callHttp } from "../http-client.ts";
import { openHttpDoor } from "../http-door.ts";
import { audienceOf } from "../names.ts";
import type { StartService } from "../service.ts";
import { strictDoor } from "../verify-token.ts";

/** Orders: reads the cart, reserves stock, takes the money, sends a receipt. The culprit of `relay` and `expired`. */
export const start: StartService = async ({ addresses, tokens, attack, report }) => {
  const inventory = connectGrpc(addresses.inventory, "inventory.v1.Inventory", true);
  const payments = connectGrpc(addresses.payments, "payments.v1.Payments", true);
  let orders = 1000;
  let staleToken: Promise<string> | null = null;
  let stolenToken: string | null = null;

  function inventoryToken(received: string): Promise<string> {
    switch (attack()) {
      case "relay":
        return Promise.resolve(received);
      case "expired":
        staleToken ??= tokens.exchangeLongAgo(received, "inventory");
        return staleToken;
      default:
        return tokens.exchange(received, "inventory");
    }
  }

  async function paymentsToken(): Promise<string> {
    const token = await tokens.own("payments");
    if (attack() === "stranger" && token !== stolenToken) report({ kind: "loot", token });
    stolenToken = attack() === "stranger" ? token : null;
    return token;
  }

  async function placeOrder(cartId: string, received: string) {
    const id = ++orders;
    await callHttp({
      method: "GET",
      base: addresses.cart,
      template: "/v1/carts/{id}",
      parameters: { id: cartId },
      token: await tokens.exchange(received, "cart"),
    });
    await inventory("Reserve", { sku: "mug", quantity: 1 }, await inventoryToken(received));
    await payments("Charge", { order_id: id, cents: 1250 }, await paymentsToken());
    await callHttp({
      method: "POST",
      base: addresses.email,
      template: "/v1/receipts",
      token: await tokens.own("email"),
      body: { id },
    });
    return { id };
  }

  return openHttpDoor(
    [
      {
        on: "POST /v1/orders",
        handle: async ({ body }, { token }) => placeOrder(JSON.parse(body).cart, token),
      },
    ],
    strictDoor(addresses.idp, audienceOf("checkout")),
  );
};
