import { monotonicFactory } from "ulid";
import { AlertBook } from "./alert/alert-book.ts";
import { ASSEMBLER_DEFAULTS, Assembler, type AssemblerOptions } from "./assemble/assembler.ts";
import { WANTED_ATTRIBUTES } from "./assemble/attribute-names.ts";
import { CredentialReader } from "./credential/credential-reader.ts";
import { type FingerprintKey, fingerprintText } from "./credential/fingerprint.ts";
import { Decoder } from "./decode/decoder.ts";
import { createJudgeContext } from "./judge/judge-context.ts";
import { createLearned } from "./judge/learned.ts";
import { LearnedAliases } from "./judge/learned-aliases.ts";
import { Verdicts } from "./judge/verdicts.ts";
import type { Alert } from "./model/alert.ts";
import type { AliasSighting } from "./model/alias.ts";
import type { Baseline } from "./model/baseline.ts";
import type { Relay } from "./model/facts.ts";
import type { CountedShape } from "./model/store.ts";
import type { Rooms } from "./pipeline.ts";

export type RoomsOptions = {
  readonly baseline: Baseline;
  readonly fingerprintKey: FingerprintKey;
  /** What earlier runs left in the store. */
  readonly alerts: readonly Alert[];
  readonly shapes: readonly CountedShape[];
  readonly aliases?: readonly AliasSighting[];
  readonly relays?: readonly Relay[];
  /** Where the assembler differs from its defaults. */
  readonly assembler: Partial<AssemblerOptions>;
};

/** Builds the rooms between sockets and store, each with what it needs of the others' vocabulary. */
export function buildRooms(options: RoomsOptions): Rooms {
  const { baseline, fingerprintKey, alerts, shapes, aliases = [], relays = [], assembler } = options;
  const learned = createLearned({ aliases: new LearnedAliases(aliases) });
  const verdicts = new Verdicts(createJudgeContext(baseline, learned));
  verdicts.recall(shapes, { relays });
  const spellFingerprint = (words: Uint32Array): string => fingerprintText(fingerprintKey.id, words);
  return {
    decoder: new Decoder({ wanted: WANTED_ATTRIBUTES, credentials: new CredentialReader(fingerprintKey) }),
    assembler: new Assembler({ ...ASSEMBLER_DEFAULTS, spellFingerprint, ...assembler }),
    verdicts,
    book: new AlertBook({ alerts, newId: createIds() }),
  };
}

/** ULIDs that rise also within one millisecond. */
function createIds(): (nowMs: number) => string {
  const next = monotonicFactory();
  return (nowMs) => next(Math.floor(nowMs));
}
