import { connectGrpc } from "../grpc-client.ts";
import { openHttpDoor } from "../http-door.ts";
import { audienceOf, LEGACY_KEY, SHOPFRONT } from "../names.ts";
import type { StartService } from "../service.ts";
import { strictDoor } from "../verify-token.ts";

/** Carts. Its spans carry the raw `authorization` header (see telemetry.ts): the collector digests it. */
export const start: StartService = ({ addresses, tokens, secrets, attack }) => {
  const inventory = connectGrpc(addresses.inventory, "inventory.v1.Inventory");
  const carts = new Map<string, string[]>();
  return openHttpDoor(
    [
      {
        on: "GET /v1/carts/{id}",
        handle: async ({ parameters: { id = "" } }) => ({ id, items: carts.get(id) ?? [] }),
      },
      {
        on: "POST /v1/carts/{id}/items",
        handle: async ({ parameters: { id = "" }, body }, caller) => {
          const { sku } = JSON.parse(body);
          const isOld = attack() === "sharedkey";
          const token = isOld ? "" : await tokens.exchange(caller.token, "inventory");
          await inventory("Check", { sku, quantity: 1 }, isOld ? `ApiKey ${secrets[LEGACY_KEY]}` : `Bearer ${token}`);
          carts.set(id, [sku, ...(carts.get(id) ?? [])].slice(0, 5));
          return { id };
        },
      },
    ],
    strictDoor(addresses.idp, audienceOf("cart"), SHOPFRONT),
  );
};
