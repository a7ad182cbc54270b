import { loadBaseline } from "./baseline-source.ts";
import { diagnoseService, type Examined } from "./judge/diagnose-service.ts";
import { createJudgeContext } from "./judge/judge-context.ts";
import { createLearned } from "./judge/learned.ts";
import { LearnedAliases } from "./judge/learned-aliases.ts";
import { RULES } from "./judge/rules.ts";
import type { Diagnosis, ServiceDiagnosis } from "./model/diagnosis.ts";
import type { TelemetrySighting } from "./model/facts.ts";
import type { SeenShape } from "./model/store.ts";
import { openReader } from "./record/sqlite-store.ts";
import type { SurveyOptions } from "./review/cli/options.ts";

const SENDERS_MAX = 50_000;

/** Says of each service which rules cannot fire on it, and why, from what was seen of it and is declared. */
export async function diagnose({
  dbFile,
  baseline: path,
  range,
  environment,
  nowMs,
}: SurveyOptions): Promise<Diagnosis> {
  const { baseline } = loadBaseline(path);
  const reader = openReader(dbFile);
  try {
    const aliases = new LearnedAliases(reader.aliasSightings());
    const context = createJudgeContext(baseline, createLearned({ aliases }));
    const services = (await reader.services(range)).filter(
      (sent) => environment === null || sent.environment === environment,
    );
    const shapes = await reader.seenShapes(range);
    const [inbound, outbound] = [byEnd(shapes, "callee"), byEnd(shapes, "caller")];
    const asked = askedSenders(await reader.telemetry(SENDERS_MAX));
    const observedSinceMs = reader.observedSinceMs() ?? nowMs;
    const rows = services.map((sent) => {
      const key = keyOf(sent.environment, sent.service);
      const seen = { inbound: inbound.get(key) ?? [], outbound: outbound.get(key) ?? [] };
      const examined: Examined = { sent, ...seen, isSenderAsked: asked.has(key), observedSinceMs, nowMs };
      return diagnoseService(examined, context);
    });
    return summarize(rows);
  } finally {
    reader.close();
  }
}

function askedSenders(telemetry: readonly TelemetrySighting[]): ReadonlySet<string> {
  const sent = telemetry.filter(({ kind }) => kind === "sender");
  return new Set(sent.map(({ environment, service }) => keyOf(environment, service)));
}

function summarize(rows: readonly ServiceDiagnosis[]): Diagnosis {
  const able = new Set(rows.flatMap((row) => row.able));
  const mute = RULES.map(({ id }) => id).filter((id) => !able.has(id));
  const whole = rows.filter((row) => row.able.length >= RULES.length - mute.length).length;
  return { services: rows.length, rules: RULES.length, whole, mute, rows };
}

function byEnd(shapes: readonly SeenShape[], end: "caller" | "callee"): ReadonlyMap<string, readonly SeenShape[]> {
  return Map.groupBy(shapes, ({ shape }) => keyOf(shape.environment, shape[end].name));
}

function keyOf(environment: string, service: string): string {
  return `${environment}\n${service}`;
}
