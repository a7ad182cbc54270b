import type { Attack } from "../attacks.ts";
import { connectGrpc } from "../grpc-client.ts";
import { callHttp } from "../http-client.ts";
import { openHttpDoor } from "../http-door.ts";
import { audienceOf, LEGACY_KEY, RETIRED_CLIENT } from "../names.ts";
import type { StartService } from "../service.ts";
import { createTokenSource, type Wish } from "../token-source.ts";
import { strictDoor } from "../verify-token.ts";

/** What the culprit asks of the identity provider, by attack. */
const WISHES: Readonly<Partial<Record<Attack, Wish>>> = {
  expired: { issued_seconds_ago: "300" },
  downgrade: { dpop_jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" },
  confuse: { requested_token_type: "urn:ietf:params:oauth:token-type:id_token" },
  overreach: { scope: "shop stock:admin" },
};

/** Orders: reads the cart, reserves stock, takes the money, sends a receipt. The culprit of most attacks. */
export const start: StartService = async ({ addresses, tokens, secrets, attack, report }) => {
  const inventory = connectGrpc(addresses.inventory, "inventory.v1.Inventory");
  const payments = connectGrpc(addresses.payments, "payments.v1.Payments");
  const retired = createTokenSource(addresses.idp, RETIRED_CLIENT, secrets[RETIRED_CLIENT] ?? "");
  let orders = 1000;
  let stolenToken: string | null = null;

  async function inventoryAuthorization(received: string): Promise<string> {
    const current = attack();
    if (current === "sharedkey") return `ApiKey ${secrets[LEGACY_KEY]}`;
    if (current === "relay") return `Bearer ${received}`;
    if (current === "misaddress") return `Bearer ${await tokens.own("email")}`;
    return `Bearer ${await tokens.exchange(received, "inventory", current === null ? {} : WISHES[current])}`;
  }

  async function paymentsToken(): Promise<string> {
    const token = await (attack() === "retired" ? retired : tokens).own("payments");
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
    await inventory("Reserve", { sku: "mug", quantity: 1 }, await inventoryAuthorization(received));
    await payments("Charge", { order_id: id, cents: 1250 }, `Bearer ${await paymentsToken()}`);
    const token = await tokens.own("email");
    await callHttp({
      ...{ method: "POST", base: addresses.email, template: "/v1/receipts", token, body: { id } },
      ...(attack() === "shout" && { query: `?access_token=${token}` }),
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
