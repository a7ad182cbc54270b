/** Names by which this machine calls itself, as `URL.hostname` writes them. */
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Whether a request's Host header names us. A page on the internet can point its own name at 127.0.0.1 (DNS rebinding)
 * and would then read this server as its own origin; its Host header gives it away. An address that the network can
 * reach has names we cannot know, and its reader needs no such trick.
 */
export function isOwnHost(header: string | undefined, boundHost: string): boolean {
  const bound = hostname(boundHost.includes(":") ? `[${boundHost}]` : boundHost);
  if (bound === null || !LOOPBACK.test(bound)) return true;
  const asked = hostname(header ?? "");
  return asked !== null && LOOPBACK.test(asked);
}

function hostname(host: string): string | null {
  return URL.parse(`http://${host}`)?.hostname ?? null;
}
