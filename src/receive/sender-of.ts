/** The address of a peer without its port; IPv4 that came through an IPv6 socket is written as IPv4. */
export function senderOf(peer: string): string {
  return peer.replace(/^(?:::ffff:)?([0-9.]+)(?::\d+)?$/i, "$1");
}
