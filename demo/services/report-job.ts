import { connectGrpc } from "../grpc-client.ts";
import type { StartService } from "../service.ts";

/** The stranger: another team's job that got hold of a token of checkout's, and refunds itself once a second. */
export const start: StartService = async ({ addresses, loot }) => {
  const payments = connectGrpc(addresses.payments, "payments.v1.Payments");
  setInterval(() => {
    const token = loot();
    if (token !== null) payments("Refund", { order_id: 1, cents: 999 }, `Bearer ${token}`).catch(() => undefined);
  }, 1000);
  return null;
};
