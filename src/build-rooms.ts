import { monotonicFactory } from "ulid";
import { AlertBook } from "./alert/alert-book.ts";
import { ASSEMBLER_DEFAULTS, Assembler, type AssemblerOptions } from "./assemble/assembler.ts";
import { WANTED_ATTRIBUTES } from "./assemble/attribute-names.ts";
import type { AttributeMap } from "./credential/attribute-map.ts";
import { CredentialReader } from "./credential/credential-reader.ts";
import { type FingerprintKeys, fingerprintText } from "./credential/fingerprint.ts";
import { Decoder } from "./decode/decoder.ts";
import { createJudgeContext } from "./judge/judge-context.ts";
import { createLearned } from "./judge/learned.ts";
import { LearnedAliases } from "./judge/learned-aliases.ts";
import { Verdicts } from "./judge/verdicts.ts";
import type { Alert } from "./model/alert.ts";
import type { AliasSighting } from "./model/alias.ts";
import type { Baseline } from "./model/baseline.ts";
import type { Facts } from "./model/facts.ts";
import type { IdentityUse } from "./model/identity.ts";
import type { CountedShape } from "./model/store.ts";
import type { Rooms } from "./pipeline.ts";

export type RoomsOptions = {
  readonly baseline: Baseline;
  /** The wall's time, for what the baseline declares until a day; ms since 1970. Without it, the first commit says. */
  readonly atMs?: number;
  readonly fingerprintKey: FingerprintKeys;
  /** What attributes mean that somebody else writes already. */
  readonly attributeMap?: AttributeMap;
  /** Of so many requests one is searched as a whole for raw credentials. */
  readonly scanEvery?: number;
  /** What earlier runs left in the store. */
  readonly alerts: readonly Alert[];
  readonly shapes: readonly CountedShape[];
  readonly aliases?: readonly AliasSighting[];
  readonly facts?: Partial<Facts>;
  readonly identityUses?: readonly IdentityUse[];
  /** When the first span of all came; null where none did. */
  readonly observedSinceMs?: number | null;
  /** Where the assembler differs from its defaults. */
  readonly assembler: Partial<AssemblerOptions>;
};

/** Builds the rooms between sockets and store, each with what it needs of the others' vocabulary. */
export function buildRooms(options: RoomsOptions): Rooms {
  const { baseline, fingerprintKey, alerts, shapes, aliases = [], facts, assembler } = options;
  const { atMs = 0, attributeMap, scanEvery } = options;
  const learned = createLearned({ aliases: new LearnedAliases(aliases) });
  const verdicts = new Verdicts(createJudgeContext(baseline, learned, atMs));
  verdicts.recallUses(options.identityUses ?? []);
  verdicts.recall(shapes, facts);
  if (options.observedSinceMs != null) verdicts.observedSince(options.observedSinceMs);
  const spellFingerprint = (words: Uint32Array): string => fingerprintText(fingerprintKey, words);
  const credentials = new CredentialReader(fingerprintKey, attributeMap);
  return {
    decoder: new Decoder({
      ...{ wanted: WANTED_ATTRIBUTES, credentials },
      ...(scanEvery === undefined ? {} : { scanEvery }),
    }),
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
