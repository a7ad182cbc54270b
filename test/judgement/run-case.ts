import { createHash } from "node:crypto";
import type { RuleId } from "../../src/model/finding.ts";
import { type DrawnSpan, drawSpans } from "../support/draw.ts";
import type { OtlpAttributes } from "../support/otlp.ts";
import { baselineOf, runPipeline } from "../support/pipeline.ts";
import type { CaseStep, CaseToken, JudgementCase } from "./judgement-case.ts";

type Attribute = OtlpAttributes[string];
const DAY_S = 86_400;
const HEADER = "http.request.header.";

/** The rules that raised alerts on a case, each once, sorted: real OTLP bytes through the real rooms and store. */
export async function runCase(one: JudgementCase): Promise<readonly RuleId[]> {
  const { baseline, trace, sentBy, later = [], tokens = {}, windowS = DAY_S } = one;
  const first = sentBy === undefined ? {} : { sentBy };
  const steps: readonly CaseStep[] = [{ afterS: 0, trace, ...first }, ...later];
  const arrivals = steps.map(
    ({ afterS, trace: drawing = "", times = 1, baseline: changed, isReviewed = false, ...by }) => ({
      spans: drawSpans(drawing).map((drawn) => withTokens(drawn, tokens)),
      ...(by.sentBy === undefined ? {} : { principal: by.sentBy }),
      afterMs: afterS * 1000,
      times,
      baseline: changed === undefined ? null : baselineOf(changed),
      isReviewed,
    }),
  );
  const { alerts } = await runPipeline(arrivals, baselineOf(baseline), windowS * 1000);
  const open = alerts.filter(({ status }) => status === "open");
  return [...new Set(open.map(({ finding }) => finding.rule))].sort();
}

function withTokens(drawn: DrawnSpan, tokens: NonNullable<JudgementCase["tokens"]>): DrawnSpan {
  const entries = Object.entries(drawn.span.attributes ?? {}).map(([key, value]) => capture(key, value, tokens));
  return { ...drawn, span: { ...drawn.span, attributes: Object.fromEntries(entries) } };
}

function capture(key: string, value: Attribute, tokens: NonNullable<JudgementCase["tokens"]>): [string, Attribute] {
  if (key === "tok") return [`${HEADER}authorization`, [`Bearer ${textOf(String(value), tokens)}`]];
  if (key.startsWith("tok.")) return [HEADER + key.slice(4), [textOf(String(value), tokens)]];
  return key.startsWith("hdr.") ? [HEADER + key.slice(4), [String(value)]] : [key, value];
}

/** The signature is a digest of the rest: as long as one of ES256, and another one for another token. */
function textOf(name: string, tokens: { readonly [name: string]: CaseToken }): string {
  const token = tokens[name];
  if (token === undefined) throw new Error(`expected a token named ${name} in the case`);
  if (token.text !== undefined) return token.text;
  const signed = [{ alg: "ES256", ...token.header }, token.claims ?? {}].map(encode).join(".");
  return `${signed}.${createHash("sha512").update(signed).digest("base64url")}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
