import { createHash } from "node:crypto";
import { type CredentialProfile, UNKNOWN_CREDENTIAL } from "../../src/model/credential.ts";
import { CREDENTIAL_ID, type SpanBatch } from "../../src/model/span-batch.ts";
import { createDecoder } from "./assemble.ts";
import { type DrawnSpan, requestOf } from "./draw.ts";
import { encodeRequest } from "./otlp.ts";

type Row = {
  readonly words: readonly number[];
  readonly profile: CredentialProfile;
  readonly expiresAtS: number;
  readonly notBeforeS: number;
  readonly issuedAtS: number;
  readonly ids: readonly (readonly [kind: number, words: readonly number[]])[];
};

const IDS = Object.entries(CREDENTIAL_ID);

/**
 * The batch of drawn spans, with credentials that are told beside the drawing's own attributes: `token`, `subject`,
 * `transaction` and `proof` name the ids of the span's credential, `nbf` and `iat` its times, `of=user` says whose it is;
 * `key` names a second credential, a static key; `cert` the far end by its certificate.
 */
export function dressedBatch(spans: readonly DrawnSpan[]): SpanBatch {
  const batch = createDecoder().decodeProtobuf(encodeRequest(requestOf(spans)));
  const rows = spans.map((span, index) => rowsOf(span, batch, index));
  const peers = spans.map(({ span }) => span.attributes?.cert);
  return {
    ...batch,
    ...columnsOf(rows),
    peerIndexes: Uint32Array.from(peers, (peer, index) => (peer === undefined ? 0 : index + 1)),
    peers: peers.map((peer) => ({ id: String(peer), source: "mesh", isVerified: true })),
  };
}

function rowsOf({ span }: DrawnSpan, batch: SpanBatch, index: number): Row[] {
  const said = span.attributes ?? {};
  const at = batch.credentialStarts[index] ?? 0;
  const hasMain = (batch.credentialStarts[index + 1] ?? 0) > at;
  const { credentials } = batch;
  const profile = credentials.profiles[credentials.profileIndexes[at] ?? 0] ?? UNKNOWN_CREDENTIAL;
  const subjectKind = said.of === "user" || said.of === "service" ? said.of : profile.subjectKind;
  const main: Row = {
    words: [...credentials.fingerprints.subarray(at * 4, at * 4 + 4)],
    profile: { ...profile, subjectKind },
    expiresAtS: credentials.expiresAtS[at] ?? Number.NaN,
    notBeforeS: Number(said.nbf ?? Number.NaN),
    issuedAtS: Number(said.iat ?? Number.NaN),
    ids: IDS.filter(([name]) => said[name] !== undefined).map(([name, kind]) => [kind, wordsOf(String(said[name]))]),
  };
  const key: CredentialProfile = { ...UNKNOWN_CREDENTIAL, slot: "api_key", format: "key", quality: "full" };
  const nothing = { expiresAtS: Number.NaN, notBeforeS: Number.NaN, issuedAtS: Number.NaN, ids: [] };
  const second = said.key === undefined ? [] : [{ words: wordsOf(String(said.key)), profile: key, ...nothing }];
  return hasMain ? [main, ...second] : second;
}

function columnsOf(rows: readonly (readonly Row[])[]): Pick<SpanBatch, "credentialStarts" | "credentials"> {
  const all = rows.flat();
  const starts = [0];
  for (const own of rows) starts.push((starts.at(-1) ?? 0) + own.length);
  const ids = all.flatMap(({ ids: own }, row) => own.map(([kind, words]) => ({ row, kind, words })));
  return {
    credentialStarts: Uint32Array.from(starts),
    credentials: {
      profileIndexes: Uint32Array.from(all, (_, row) => row),
      profiles: all.map(({ profile }) => profile),
      fingerprints: Uint32Array.from(all.flatMap(({ words }) => words)),
      expiresAtS: Float64Array.from(all, ({ expiresAtS }) => expiresAtS),
      notBeforeS: Float64Array.from(all, ({ notBeforeS }) => notBeforeS),
      issuedAtS: Float64Array.from(all, ({ issuedAtS }) => issuedAtS),
      idRows: Uint32Array.from(ids, ({ row }) => row),
      idKinds: Uint8Array.from(ids, ({ kind }) => kind),
      idWords: Uint32Array.from(ids.flatMap(({ words }) => words)),
    },
  };
}

function wordsOf(text: string): number[] {
  const digest = createHash("sha256").update(text).digest();
  return [0, 4, 8, 12].map((at) => digest.readUInt32BE(at));
}
