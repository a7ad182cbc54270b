import type { Attack } from "./attacks.ts";
import type { ServiceName } from "./names.ts";

/** Base addresses of services: `http://host:port` for HTTP, `host:port` for gRPC. `outside`: the port of a stranger. */
export type Addresses = Readonly<Partial<Record<ServiceName | "outside", string>>>;

/** From main to a service, over the IPC channel of `child_process.fork`. */
export type Order =
  | {
      readonly kind: "start";
      readonly name: ServiceName;
      readonly addresses: Addresses;
      /** OAuth client secrets by client: the identity provider gets all of them, everyone else its own. */
      readonly secrets: Readonly<Record<string, string>>;
    }
  /** Null: back to honest work. */
  | { readonly kind: "attack"; readonly attack: Attack | null }
  /** For `stranger`: the token that another process took from checkout. */
  | { readonly kind: "loot"; readonly token: string };

/** From a service to main. */
export type Report =
  | { readonly kind: "ready"; readonly address: string | null }
  | { readonly kind: "loot"; readonly token: string }
  | { readonly kind: "failed"; readonly message: string };
