import type { CommitBatch } from "../../../src/model/store.ts";
import { openStore } from "../../../src/record/sqlite-store.ts";
import { type Commands, runProgram, type Terminal } from "../../../src/review/cli/program.ts";
import { NOON_MS, NOTHING } from "../../record/samples.ts";

/** What a command line did: its exit code and what it wrote. */
export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Three minutes after the samples' noon. */
export const NOW_MS = NOON_MS + 180_000;

const UNUSED: Commands = {
  serve: async () => unexpected("serve"),
  check: async () => unexpected("check"),
  explain: async () => unexpected("explain"),
  survey: {
    identities: async () => unexpected("identities"),
    posture: async () => unexpected("posture"),
    fixFirst: async () => unexpected("fixFirst"),
    blastRadius: async () => unexpected("blastRadius"),
  },
  doctor: async () => unexpected("doctor"),
  credential: async () => unexpected("credential"),
  decideOffline: async () => unexpected("decideOffline"),
  ingestKey: () => unexpected("ingestKey"),
  keys: {
    list: () => unexpected("keys list"),
    rotate: () => unexpected("keys rotate"),
    erase: () => unexpected("keys erase"),
  },
};

/** Runs one command line as in a pipe, unless `terminal` says otherwise. */
export async function run(
  argv: readonly string[],
  commands: Partial<Commands> = {},
  terminal: Partial<Terminal> = {},
): Promise<Ran> {
  let out = "";
  let err = "";
  const code = await runProgram(
    argv,
    { ...UNUSED, ...commands },
    {
      stdout: (text) => {
        out += text;
      },
      stderr: (text) => {
        err += text;
      },
      isTty: false,
      isErrorTty: false,
      columns: 80,
      hasColour: false,
      nowMs: () => NOW_MS,
      user: "ada",
      ...terminal,
    },
  );
  return { code, out, err };
}

/** Makes a database as a collector would leave it. */
export async function writeDatabase(file: string, batch: Partial<CommitBatch>): Promise<void> {
  const store = openStore(file);
  await store.commit({ ...NOTHING, ...batch });
  store.close();
}

function unexpected(name: string): never {
  throw new Error(`expected ${name} not to be called`);
}
