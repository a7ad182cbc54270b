import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { cannotListen, type ListenAddress } from "../model/cannot-listen.ts";

/** Makes a TCP or HTTP server listen and returns where it does; rejects with `address-in-use` or `bad-argument`. */
export async function listen(server: Server, address: ListenAddress): Promise<AddressInfo> {
  try {
    server.listen(address.port, address.host);
    await once(server, "listening");
  } catch (cause) {
    throw cannotListen(address, cause);
  }
  return server.address() as AddressInfo;
}
