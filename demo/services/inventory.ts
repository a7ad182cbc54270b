import { openGrpcDoor } from "../grpc-door.ts";
import { LEGACY_KEY } from "../names.ts";
import type { StartService } from "../service.ts";
import { laxDoor } from "../verify-token.ts";

/** Stock. Its door asks for a signature of our issuer and for nothing else: a real mistake, made on purpose. */
export const start: StartService = ({ addresses, secrets }) => {
  const stock = ({ sku }: Record<string, unknown>) => ({ sku, left: 42 });
  return openGrpcDoor(
    "inventory.v1.Inventory",
    { Check: stock, Reserve: stock },
    laxDoor(addresses.idp, secrets[LEGACY_KEY] ?? ""),
  );
};
