/** An address, without a port, as logs and spans name their sender; IPv4 that came through an IPv6 socket is IPv4. */
export function senderOf(address: string | undefined): string {
  return address?.replace(/^::ffff:([0-9.]+)$/i, "$1") ?? "unknown";
}
