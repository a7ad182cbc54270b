import { Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { parseBaseline } from "../../src/declare/parse-baseline.ts";
import { createJudgeContext } from "../../src/judge/judge-context.ts";
import { createLearned } from "../../src/judge/learned.ts";
import { Verdicts } from "../../src/judge/verdicts.ts";
import type { Facts } from "../../src/model/facts.ts";
import { createAssembler, createDecoder } from "../support/assemble.ts";

/** A collector's OTLP/gRPC door that keeps every export request as it came. */
export type SpanSink = {
  readonly address: string;
  readonly requests: readonly Uint8Array[];
  readonly close: () => void;
};

const same = (bytes: Buffer): Buffer => bytes;

/** Opens a sink on a free port. */
export async function openSpanSink(): Promise<SpanSink> {
  const requests: Uint8Array[] = [];
  const server = new Server();
  const definition = {
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  } as const;
  server.addService(
    { Export: definition },
    {
      Export: (call: { readonly request: Buffer }, callback: sendUnaryData<Buffer>) => {
        requests.push(call.request);
        callback(null, Buffer.alloc(0));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, requests, close: () => server.forceShutdown() };
}

/** What the assembler makes of all that has arrived. */
export function assembleAll({ requests }: SpanSink): Facts {
  const decoder = createDecoder();
  const assembler = createAssembler();
  for (const bytes of requests) assembler.add(decoder.decodeProtobuf(bytes), Date.now());
  assembler.settleAll();
  return assembler.takeFacts();
}

/** Findings as `rule caller -> callee`, sorted, each once. */
export function judgeAll(facts: Facts, baselineText: string): readonly string[] {
  const { baseline, problems } = parseBaseline([{ path: "shop.yaml", text: baselineText }]);
  if (baseline === null) throw new Error(`the baseline does not parse: ${problems[0]?.message}`);
  const hits = new Verdicts(createJudgeContext(baseline, createLearned(), Date.now())).judge(facts);
  const drift = hits.filter(({ finding }) => finding.verdict === "violation" || finding.verdict === "suspicious");
  return [...new Set(drift.map(({ finding: { rule, caller, callee } }) => `${rule} ${caller} -> ${callee}`))].sort();
}
