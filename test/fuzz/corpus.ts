import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Inputs to begin with, and every input that has found a defect. */
export const CORPUS = fileURLToPath(new URL("corpus/", import.meta.url));

export type CorpusInput = { readonly name: string; readonly bytes: Uint8Array };

/** The inputs of a kind, by name: protobuf ends in `.bin`, JSON in `.json`. */
export function readCorpus(kind: "bin" | "json"): readonly CorpusInput[] {
  const files = readdirSync(CORPUS).filter((file) => file.endsWith(`.${kind}`));
  return files.sort().map((file) => ({ name: basename(file), bytes: readFileSync(join(CORPUS, file)) }));
}

/** Writes an input under a name of its own and returns where it is. */
export function writeInput(folder: string, name: string, bytes: Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  const file = join(folder, `${name}-${digest}.${bytes[0] === 0x7b ? "json" : "bin"}`);
  writeFileSync(file, bytes);
  return file;
}
