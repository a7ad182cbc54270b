/** The `iss` of every token in the demo. A name only: the key set is fetched from the identity provider's local port. */
export const ISSUER = "https://idp.shop.example";

/** The shop's services in starting order: each is started after those it calls. */
export const SHOP = ["idp", "inventory", "payments", "email", "cart", "checkout", "edge-gateway"] as const;

/** A process of the demo: one of the shop's own, or the stranger of `--attack stranger`. */
export type ServiceName = (typeof SHOP)[number] | "report-job";

/** The `aud` of the tokens that people get when they log in; the gateway and, for its sake, cart accept it. */
export const SHOPFRONT = "https://shop.example";

/** A client of checkout's that was retired; its secret was never taken back. */
export const RETIRED_CLIENT = "checkout-batch";

/** Where the demo's secrets keep the key of inventory's that is older than the identity provider. */
export const LEGACY_KEY = "inventory-key";

/** The `aud` of tokens meant for one service. */
export function audienceOf(service: ServiceName): string {
  return `https://${service}.shop.example`;
}
