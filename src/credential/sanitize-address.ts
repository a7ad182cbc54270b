import { REMOVED } from "../model/scrub-text.ts";
import { sanitizePath } from "./sanitize-path.ts";

/** The generic syntax of RFC 3986 appendix B, with a bounded scheme. */
const URL_PARTS = /^([a-z][a-z0-9+.-]{0,31}):\/\/([^/?#\\\s]*)([\s\S]*)$/i;
const SCHEME_PREFIX = /^[a-z][a-z0-9+.-]{0,31}:\/\//i;
const HOST = /^(?:[\p{L}\p{N}._-]+|\[[0-9a-f:.]+\])$/iu;
const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ["http", "80"],
  ["https", "443"],
  ["ws", "80"],
  ["wss", "443"],
]);

/** `scheme://host[:port]/path` of an absolute URL, the path alone of a relative one, `""` for anything else. */
export function sanitizeUrl(url: string): string {
  const match = URL_PARTS.exec(url.trim());
  if (match === null) return url.startsWith("/") ? sanitizePath(url) : "";
  const [, scheme = "", authority = "", rest = ""] = match;
  const [host, port] = splitAuthority(authority);
  if (!HOST.test(host) || !/^\d{0,5}$/.test(port)) return "";
  const lowerScheme = scheme.toLowerCase();
  const shownPort = port === "" || DEFAULT_PORTS.get(lowerScheme) === port ? "" : `:${port}`;
  return `${lowerScheme}://${host.toLowerCase()}${shownPort}${sanitizePath(rest) || "/"}`;
}

/** The host alone, in lower case: no scheme, user info, port, brackets, path or trailing dot. */
export function sanitizeHost(value: string): string {
  if (value.includes(REMOVED)) return "";
  const authority =
    value
      .trim()
      .replace(SCHEME_PREFIX, "")
      .split(/[/?#,\\\s]/, 1)[0] ?? "";
  const [host] = splitAuthority(authority);
  const bare = host.replace(/^\[/, "").replace(/\]$/, "");
  return bare.replace(/\.$/, "").toLowerCase();
}

/** Host (with its brackets, if any) and port. An address with several colons and no brackets is IPv6 without a port. */
function splitAuthority(authority: string): [host: string, port: string] {
  const address = authority.slice(authority.lastIndexOf("@") + 1);
  const colon = address.lastIndexOf(":");
  const hasPort = address.startsWith("[") ? colon > address.indexOf("]") : colon === address.indexOf(":");
  if (colon < 0 || !hasPort) return [address, ""];
  return [address.slice(0, colon), address.slice(colon + 1)];
}
