import ipaddr from "ipaddr.js";

/** Ranges of one's own networks and of no network at all (IANA special-purpose registries), as ipaddr.js names them. */
const INSIDE = new Set([
  "private",
  "loopback",
  "linkLocal",
  "uniqueLocal",
  "carrierGradeNat",
  "unspecified",
  "broadcast",
  "multicast",
]);

/** Where an IP address (v4, v6 or v4 in v6) lies; null for text that is none. Documentation ranges count as public. */
export function networkOf(text: string): "private" | "public" | null {
  // A bare number is an address to ipaddr.js, as it is to inet_aton; to us it is a port that lost its way.
  if (!/[.:]/u.test(text) || !ipaddr.isValid(text)) return null;
  return INSIDE.has(ipaddr.process(text).range()) ? "private" : "public";
}
