import ipaddr from "ipaddr.js";
import { getDomain } from "tldts";
import { networkOf } from "../model/address.ts";

/** Where cloud platforms hand out credentials to whoever can reach them. */
const METADATA_HOSTS: ReadonlySet<string> = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "fd00:ec2::254",
  "metadata.google.internal",
]);

/** The bucket into which the assembler folds peers that are known by a bare address only. */
export const ADDRESS_BUCKET = "ext:(ip)";

/** `host`, `host:port` and `[v6]:port` without the port. */
export function hostOf(name: string): string {
  if (!name.includes(":") || ipaddr.isValid(name)) return name;
  return /^\[(.+)\](?::\d+)?$/u.exec(name)?.[1] ?? /^([^:]*):\d+$/u.exec(name)?.[1] ?? name;
}

/** True for the addresses of instance metadata services, which are never "ours" however internal they look. */
export function isMetadataHost(host: string): boolean {
  return METADATA_HOSTS.has(host);
}

/** True for the machine itself. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === "loopback";
}

/** True for an IP address that is routed publicly and lies in none of the blocks; false for anything else. */
export function isPublicAddress(text: string, internalCidrs: readonly string[]): boolean {
  if (networkOf(text) !== "public") return false;
  const address = ipaddr.process(text);
  return !internalCidrs.some((cidr) => contains(cidr, address));
}

/** What groups hosts of one owner: the registrable domain (Public Suffix List), `(ip)`, or the name itself. */
export function siteOf(host: string): string {
  if (isMetadataHost(host)) return host;
  if (host === ADDRESS_BUCKET || ipaddr.isValid(host)) return "(ip)";
  return getDomain(host) ?? host;
}

function contains(cidr: string, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (!ipaddr.isValidCIDR(cidr)) return false;
  const [network, bits] = ipaddr.parseCIDR(cidr);
  return network.kind() === address.kind() && address.match([network, bits]);
}
