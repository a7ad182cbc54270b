import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { send } from "./load-driver.ts";

const VISIT_EVERY_MS = 1000;

/** The world around the shop, which sends no spans: a host that takes what it is given, and a visitor at the back door. */
export type Outside = {
  readonly port: string;
  /** Logs in at `gateway` and then asks `service` directly, once a second. */
  readonly visit: (gateway: string | undefined, service: string | undefined) => void;
  readonly stopVisits: () => void;
  readonly close: () => void;
};

/** Listens on a free loopback port. */
export async function openOutside(): Promise<Outside> {
  const server = createServer((request, response) => request.resume().on("end", () => response.end("{}")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  let timer: NodeJS.Timeout | undefined;
  const stopVisits = () => clearInterval(timer);
  return {
    port: String((server.address() as AddressInfo).port),
    visit: (gateway, service) => {
      timer = setInterval(() => sneakIn(gateway, service).catch(() => undefined), VISIT_EVERY_MS);
    },
    stopVisits,
    close: () => {
      stopVisits();
      server.close().closeAllConnections();
    },
  };
}

async function sneakIn(gateway: string | undefined, service: string | undefined): Promise<void> {
  const login = await send(new URL("/v1/sessions", gateway), undefined, { user: "user-99" });
  await send(new URL("/v1/carts/199", service), (login as { readonly token: string }).token);
}
