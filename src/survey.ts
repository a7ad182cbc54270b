import { loadBaseline } from "./baseline-source.ts";
import { createJudgeContext, type JudgeContext } from "./judge/judge-context.ts";
import { isBound } from "./judge/unattested-service-name.ts";
import type { Relay, TelemetrySighting } from "./model/facts.ts";
import type { GraphNode } from "./model/graph.ts";
import { OperatingError } from "./model/operating-error.ts";
import type { SeenShape, StoreReader } from "./model/store.ts";
import { observeIdentities } from "./reach/observe-identities.ts";
import { observePosture } from "./reach/observe-posture.ts";
import { type SurveyInput, sentName, type TokenUse } from "./reach/survey-input.ts";
import { surveyBlastRadius, surveyFixFirst } from "./reach/survey-reach.ts";
import { tokenUses } from "./reach/token-uses.ts";
import { openReader } from "./record/sqlite-store.ts";
import type { SurveyCommands, SurveyOptions } from "./review/cli/options.ts";

const RELAYS_MAX = 10_000;
const SENDERS_MAX = 50_000;

/** The commands that look at all that was seen at once: identities, posture, and how far whoever holds what would come. */
export const survey: SurveyCommands = {
  identities: async (options) => observeIdentities(await readInput(options)),
  posture: async (options) => observePosture(await readInput(options)),
  fixFirst: async (options) => surveyFixFirst(await readInput(options)),
  blastRadius: async (name, options) => {
    const input = await readInput(options);
    const found = surveyBlastRadius(input, name);
    if (found.length > 0) return found;
    const known = "`trustdrift observe services` and `trustdrift observe identities` show what there is";
    throw new OperatingError("not-found", `cannot find a service or identity of this name; ${known}`);
  },
};

async function readInput({ dbFile, baseline: path, range, environment, nowMs }: SurveyOptions): Promise<SurveyInput> {
  const { baseline } = loadBaseline(path);
  const reader = openReader(dbFile);
  try {
    const context = createJudgeContext(baseline);
    const isWanted = (each: { readonly environment: string }) =>
      environment === null || each.environment === environment;
    const shapes = (await reader.seenShapes(range)).filter(({ shape }) => isWanted(shape));
    const relays = (await reader.relays(RELAYS_MAX)).filter(isWanted);
    const tokens = tokensIn(reader, range).filter(isWanted);
    return {
      baseline,
      shapes: shapes.map((seen) => named(seen, context)),
      relays: relays.map((relay) => relayNamed(relay, context)),
      tokens: tokens.map((use) => useNamed(use, context)),
      attested: attestedIn(await reader.telemetry(SENDERS_MAX), context),
      nowMs,
    };
  } finally {
    reader.close();
  }
}

function tokensIn(reader: StoreReader, { fromMs, toMs }: SurveyOptions["range"]): readonly TokenUse[] {
  const uses = tokenUses(reader.pairs());
  return uses.filter(({ firstMs }) => firstMs >= (fromMs ?? firstMs) && firstMs <= (toMs ?? firstMs));
}

/** One sender that may not speak for a service, or says not who it is, leaves all of it in doubt. */
function attestedIn(telemetry: readonly TelemetrySighting[], context: JudgeContext): ReadonlySet<string> {
  const attested = new Map<string, boolean>();
  for (const { kind, environment, service, detail } of telemetry) {
    if (kind !== "sender") continue;
    const party = context.names.caller({ kind: "service", name: service });
    const name = sentName(environment, party.name);
    attested.set(name, attested.get(name) !== false && isBound(detail, party, context.baseline));
  }
  return new Set([...attested].flatMap(([name, isAttested]) => (isAttested ? [name] : [])));
}

function named(seen: SeenShape, context: JudgeContext): SeenShape {
  const { shape } = seen;
  const caller = shape.caller.kind === "service" ? serviceNamed(shape.caller.name, context) : shape.caller;
  const callee = calleeNamed(shape.callee, shape.environment, context);
  return { ...seen, shape: { ...shape, caller, callee } };
}

function relayNamed(relay: Relay, context: JudgeContext): Relay {
  const next = calleeNamed(relay.next, relay.environment, context);
  return { ...relay, service: serviceNamed(relay.service, context).name, next };
}

function useNamed(use: TokenUse, context: JudgeContext): TokenUse {
  const presenter = use.presenter === null ? null : serviceNamed(use.presenter, context).name;
  return { ...use, presenter, recipient: serviceNamed(use.recipient, context).name };
}

function serviceNamed(name: string, { names }: JudgeContext): GraphNode {
  return { kind: "service", name: names.caller({ kind: "service", name }).name };
}

/** What the baseline names is that; of the rest, only what spans show is a service. */
function calleeNamed(node: GraphNode, environment: string, { names }: JudgeContext): GraphNode {
  if (node.kind === "broker") return node;
  const party = names.callee(node, environment);
  if (party.kind === "datastore") return { kind: "datastore", name: party.name };
  const isDeclared = party.kind === "service" && party.declaration !== null;
  if (isDeclared || node.kind === "service") return { kind: "service", name: party.name };
  return party.kind === "external" ? { kind: "external", name: party.name } : node;
}
