import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { OperatingError } from "../../model/operating-error.ts";

/** `sun_path` holds 104 to 108 bytes depending on the system; the socket is born under a name 9 bytes longer. */
const PATH_BYTES_MAX = 94;

/**
 * Where the collector that writes `dbFile` listens for decisions: `<db>.sock`, or, where that is too long for a socket
 * address, a name derived from it in the user's own folder below the system's temporary one.
 */
export function decisionSocketPath(dbFile: string): string {
  const path = `${resolve(dbFile)}.sock`;
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return path;
  const name = createHash("sha256").update(path).digest("hex").slice(0, 16);
  return join(privateFolder(), `${name}.sock`);
}

/**
 * Makes sure that a socket below the shared temporary folder is in a folder only its owner can enter, made here if it
 * is missing; throws `conflict` where somebody else was first. Sockets beside the database are as safe as it is.
 */
export function checkSocketFolder(socketPath: string): void {
  const folder = dirname(socketPath);
  if (folder !== privateFolder()) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const isPrivate = found.isDirectory() && found.uid === ownUid() && (found.mode & 0o077) === 0;
  if (!isPrivate)
    throw new OperatingError("conflict", `expected ${folder} to be a folder that only its owner can enter`);
}

function privateFolder(): string {
  return join(tmpdir(), `trustdrift-${ownUid()}`);
}

/** By number: in a container it may have no name. */
function ownUid(): number {
  return process.getuid?.() ?? 0;
}
