import { loadBaseline } from "./baseline-source.ts";
import { createJudgeContext } from "./judge/judge-context.ts";
import { judgeShape } from "./judge/judge-shape.ts";
import { createLearned } from "./judge/learned.ts";
import { underDeclarations } from "./judge/under-declarations.ts";
import type { Baseline } from "./model/baseline.ts";
import { type CredentialProfile, UNKNOWN_CREDENTIAL } from "./model/credential.ts";
import type { Finding } from "./model/finding.ts";
import type { Evidence, GraphNode, Protocol, Shape } from "./model/graph.ts";
import type { ExplainOptions, Explanation } from "./review/cli/options.ts";

const NO_EVIDENCE: Evidence = {
  traceId: "",
  callerSpanId: null,
  calleeSpanId: null,
  atMs: 0,
  clientAddress: null,
  fingerprint: null,
  release: null,
};

/** Says what the baseline makes of a call that may never have happened: an accepted call with the given token. */
export async function explainCall(options: ExplainOptions): Promise<Explanation> {
  const { baseline } = loadBaseline(options.baseline);
  const context = createJudgeContext(baseline, createLearned(), Date.now());
  const all = underDeclarations(judgeShape(shapeOf(options), NO_EVIDENCE, context), context);
  const findings = all.filter(({ verdict }) => verdict !== "declared-exception" && verdict !== "insufficient-evidence");
  const call = `${options.caller} -> ${options.callee}${options.operation === null ? "" : ` ${options.operation}`}`;
  if (baseline.revision === "none") {
    return {
      verdict: "declared",
      findings,
      lines: [`${call}: no baseline in ${options.baseline}, so nothing is checked`],
    };
  }
  if (findings.length > 0) return { verdict: "drift", findings, lines: findings.flatMap(explainFinding) };
  const excepted = all.flatMap(explainFinding);
  const verdict = excepted.length > 0 ? "allowed by an exception" : "declared";
  return {
    verdict: "declared",
    findings,
    lines: [`${call} is ${verdict}`, ...excepted, ...declaredAt(baseline, options)],
  };
}

function explainFinding(finding: Finding): string[] {
  const { decidedBy } = finding;
  const line = `${finding.rule} (${finding.severity}): ${finding.summary}`;
  if (decidedBy === null) return [line];
  const { file, line: row, column } = decidedBy.position;
  return [line, `  ${file}:${row}:${column}: ${decidedBy.says}`];
}

/** The declaring line: the call's own entry in the caller's `calls`. */
function declaredAt({ services }: Baseline, { caller, callee }: ExplainOptions): string[] {
  const calls = services.get(caller)?.calls ?? [];
  const entry = calls.find((call) => call.callee.text === callee) ?? calls.find((call) => call.callee.matches(callee));
  if (entry === undefined) return [];
  const { file, line, column } = entry.position;
  return [`  ${file}:${line}:${column}: services.${caller}.calls.${entry.callee.text}`];
}

function shapeOf({ caller, callee, operation, audience }: ExplainOptions): Shape {
  const credential = audience === null ? null : tokenFor(audience);
  return {
    key: "",
    environment: "default",
    callerEnvironment: null,
    caller: nodeOf(caller),
    callee: nodeOf(callee),
    type: operation?.startsWith("publish:") === true ? "logical" : "direct",
    via: null,
    operation,
    protocol: protocolOf(operation),
    credential,
    credentialSeenBy: credential === null ? null : "callee",
    transport: "unknown",
    outcome: "ok",
    isExpired: false,
    isPremature: false,
    isCredentialChanged: false,
    peer: null,
    isInteractive: false,
    origin: "unknown",
  };
}

/** Names with a host's look are hosts; `db:` names are datastores as `observe edges` shows them; all else is a service. */
function nodeOf(name: string): GraphNode {
  if (name.startsWith("db:")) return { kind: "datastore", name };
  return { kind: /\.[a-z]{2,}(:\d+)?$/iu.test(name) && !name.includes("/") ? "external" : "service", name };
}

function protocolOf(operation: string | null): Protocol {
  if (operation === null) return "unknown";
  const [prefix] = operation.split(":", 1);
  const protocols: Readonly<Record<string, Protocol>> = {
    rpc: "rpc",
    publish: "messaging",
    query: "database",
    write: "database",
    graphql: "graphql",
  };
  return protocols[prefix ?? ""] ?? "http";
}

function tokenFor(audience: string): CredentialProfile {
  return {
    ...UNKNOWN_CREDENTIAL,
    scheme: "bearer",
    format: "jwt",
    role: "access_token",
    quality: "full",
    audiences: [audience],
  };
}
