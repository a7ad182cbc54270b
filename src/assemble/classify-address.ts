import ipaddr from "ipaddr.js";

/** Where an address lies: the position in this list is its number in flags and shapes. */
export const ORIGINS = ["unknown", "private", "public"] as const;

/** 0 no IP address, 1 private, loopback, link-local or otherwise special (IANA registries), 2 public. */
export function classifyAddress(text: string): 0 | 1 | 2 {
  if (!ipaddr.isValid(text)) return 0;
  return ipaddr.process(text).range() === "unicast" ? 2 : 1;
}
