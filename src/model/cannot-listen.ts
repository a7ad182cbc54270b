import { OperatingError } from "./operating-error.ts";

const REASONS: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "the port is taken"],
  ["EACCES", "this user may not open that port"],
  ["EADDRNOTAVAIL", "this machine has no such address"],
  ["ENOTFOUND", "the host name does not resolve"],
  ["EAI_AGAIN", "the host name does not resolve"],
]);

/** Where a server should listen, and the flag with which a person would change it. */
export type ListenAddress = { readonly host: string; readonly port: number; readonly flag: string };

/** The error of a server that could not listen: `address-in-use`, or `bad-argument` for what another address would cure. */
export function cannotListen({ host, port, flag }: ListenAddress, cause: unknown): OperatingError {
  const code = errorCode(cause);
  const reason = REASONS.get(code) ?? `the system refused it (${code})`;
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return new OperatingError(
    code === "EADDRINUSE" ? "address-in-use" : "bad-argument",
    `cannot listen on ${address}: ${reason}; choose another with ${flag} HOST:PORT`,
    { cause },
  );
}

function errorCode(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
}
