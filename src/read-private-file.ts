import { readFileSync, statSync } from "node:fs";
import { OperatingError } from "./model/operating-error.ts";

/** Others may do nothing with it, and a group may at most read it, as volumes of Kubernetes let their pods. */
const FORBIDDEN_MODE = 0o027;

/** Reads a file that is for its owner; throws `bad-argument` where others may read or change it. */
export function readPrivateFile(file: string, flag: string): Buffer {
  const content = readNamedFile(file, flag);
  if ((statSync(file).mode & FORBIDDEN_MODE) === 0) return content;
  throw new OperatingError("bad-argument", `expected ${file} to be its owner's alone: chmod 600 ${file}`);
}

/** Reads the file that a flag names. */
export function readNamedFile(file: string, flag: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw unreadable(file, flag, cause);
  }
}

function unreadable(file: string, flag: string, cause: unknown): OperatingError {
  const message = `cannot read ${file}; ${flag} has to name a file that is there`;
  return new OperatingError("bad-argument", message, { cause });
}
