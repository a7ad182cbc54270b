import type { Baseline, ServiceDeclaration } from "../model/baseline.ts";
import { allPresented, type CredentialProfile } from "../model/credential.ts";
import type { BlindSpot, ServiceDiagnosis } from "../model/diagnosis.ts";
import type { RuleId } from "../model/finding.ts";
import type { ObservedService, SeenShape } from "../model/store.ts";
import { NEEDS, type Need, needsOf } from "./catalogue/rule-needs.ts";
import type { JudgeContext } from "./judge-context.ts";
import { serviceDeclaration } from "./party.ts";
import { RULES } from "./rules.ts";

const DAY_MS = 86_400_000;
const WEEK_MS = 8 * DAY_MS;
const MONTH_MS = 30 * DAY_MS;

/** What is known of one service in one environment. */
export type Examined = {
  readonly sent: ObservedService;
  /** Shapes that it is the caller of, or the callee. */
  readonly outbound: readonly SeenShape[];
  readonly inbound: readonly SeenShape[];
  /** Whether who sent its spans was ever asked who they are. */
  readonly isSenderAsked: boolean;
  /** When the first span of all came. */
  readonly observedSinceMs: number;
  readonly nowMs: number;
};

/** Which rules can fire on a service, and what keeps the others from it. Pure and total. */
export function diagnoseService(examined: Examined, context: JudgeContext): ServiceDiagnosis {
  const { environment, service, inbound, inboundWithCredential } = examined.sent;
  const declaration = serviceDeclaration(context.names.caller({ kind: "service", name: service }));
  const met = new Set(needsMet(examined, declaration, context));
  const isAble = (rule: RuleId) => needsOf(rule).every((need) => met.has(need));
  const ids = RULES.map(({ id }) => id);
  return {
    environment,
    service,
    isDeclared: declaration !== null,
    visibleShare: inbound === 0 ? null : inboundWithCredential / inbound,
    able: ids.filter(isAble),
    blind: blindSpots(ids, met),
  };
}

function blindSpots(rules: readonly RuleId[], met: ReadonlySet<Need>): readonly BlindSpot[] {
  return (Object.keys(NEEDS) as Need[])
    .filter((need) => !met.has(need))
    .map((need) => ({ because: NEEDS[need], rules: rules.filter((rule) => needsOf(rule).includes(need)) }))
    .filter((spot) => spot.rules.length > 0);
}

function needsMet(examined: Examined, declaration: ServiceDeclaration | null, context: JudgeContext): readonly Need[] {
  const met = { ...metBySpans(examined), ...metByBaseline(context), ...metByService(declaration, examined, context) };
  return (Object.keys(met) as (keyof typeof met)[]).filter((need) => met[need]);
}

type Met = { readonly [Each in Need]?: boolean };

function metBySpans({ sent, inbound, outbound, ...examined }: Examined): Met {
  const received = inbound.flatMap(({ shape }) => allPresented(shape.credential));
  const presented = outbound.flatMap(({ shape }) => allPresented(shape.credential));
  const both = [...received, ...presented];
  const all = [...inbound, ...outbound];
  return {
    calls: all.length > 0,
    inbound: sent.inbound > 0,
    credentials: sent.inboundWithCredential > 0 || received.length > 0,
    outboundCredentials: sent.outboundWithCredential > 0 || presented.length > 0,
    tokens: both.some(({ audiences, issuer }) => audiences !== null || issuer !== null),
    fingerprints: both.some(isComparable),
    proofs: received.some(
      ({ slot, role, possession }) => slot === "proof" || role === "proof" || possession === "shown",
    ),
    tls: inbound.some(({ shape }) => shape.peer !== null || shape.transport !== "unknown"),
    peers: inbound.some(({ shape }) => shape.peer !== null),
    environment: sent.environment !== "default",
    pods: sent.isInPods,
    unsampled: sumOf(all, "estimated") <= 2 * sumOf(all, "count"),
    ingestPrincipals: examined.isSenderAsked,
    week: examined.nowMs - Date.parse(sent.firstSeen) >= WEEK_MS,
    month: examined.nowMs - examined.observedSinceMs >= MONTH_MS,
  };
}

function isComparable({ quality, format }: CredentialProfile): boolean {
  return quality === "full" && format !== "signature";
}

function sumOf(shapes: readonly SeenShape[], field: "count" | "estimated"): number {
  return shapes.reduce((sum, seen) => sum + seen[field], 0);
}

function metByBaseline({ baseline }: JudgeContext): Met {
  const [issuers, identities] = [[...baseline.issuers.values()], [...baseline.identities.values()]];
  return {
    issuers: issuers.length > 0,
    internalIssuers: issuers.some(({ isInternal }) => isInternal),
    identities: identities.length > 0,
    retiredIdentities: identities.some(({ retired }) => retired !== null),
    successors: identities.some(({ successor }) => successor !== null),
    environments: baseline.environments.size > 0,
    datastores: baseline.datastores.size > 0,
    forbidden: baseline.forbidden.length > 0,
    exceptions: baseline.exceptions.length > 0,
    people: baseline.internal.people.length > 0,
    senders: isSenderJudged(baseline),
  };
}

function isSenderJudged({ settings, senders }: Baseline): boolean {
  return settings.attestation === "require" || (settings.attestation === "prefer" && senders.size > 0);
}

function metByService(service: ServiceDeclaration | null, { sent }: Examined, { baseline }: JudgeContext): Met {
  if (service === null) return {};
  const called = [...baseline.services.values()].flatMap(({ calls }) => {
    return calls.filter(({ callee }) => callee.matches(service.name) || callee.matches(sent.service));
  });
  const accepts = service.accepts ?? [];
  const isAuthenticated =
    service.isMtlsRequired || called.some(({ auth, token }) => auth !== null || token?.isRequired);
  return {
    declared: true,
    accepts: service.accepts !== null,
    callers: service.callers !== null,
    auth: isAuthenticated || service.ingress.some(({ token }) => token === "required"),
    mtls: service.isMtlsRequired || called.some(({ isMtlsRequired }) => isMtlsRequired),
    scopes:
      accepts.some(({ requiredScopes, allowedScopes }) => requiredScopes.length > 0 || allowedScopes !== null) ||
      called.some(({ token }) => token !== null && token.scopes !== null),
    modes: service.calls.some(({ token }) => token !== null && token.mode !== null),
    workload: service.spiffe.length > 0 || service.kubernetes.length > 0,
    destinations: service.publishes !== null || service.consumes !== null,
    retired: service.lifecycle?.state === "retired",
  };
}
