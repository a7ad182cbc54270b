import { allPresented } from "../model/credential.ts";
import type { SeenShape } from "../model/store.ts";
import type { SurveyConfidence } from "../model/survey.ts";
import { type SurveyInput, sentName } from "./survey-input.ts";

/**
 * How much of the calls between services shows credentials, how much of them was counted at all, and how many of the
 * services are heard from nobody but who may speak for them.
 */
export function surveyConfidence(shapes: readonly SeenShape[], { attested }: SurveyInput): SurveyConfidence {
  const sum = { hops: 0, visible: 0, estimated: 0 };
  for (const { shape, count, estimated } of shapes) {
    if (shape.callee.kind !== "service") continue;
    sum.hops += count;
    sum.estimated += estimated;
    if (allPresented(shape.credential).some(({ quality }) => quality === "full" || quality === "absent")) {
      sum.visible += count;
    }
  }
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    hops: sum.hops,
    visibleShare: share(sum.visible, sum.hops),
    sampledShare: share(sum.hops, Math.max(sum.hops, sum.estimated)),
    attestedShare: attestedShare(shapes, attested),
  };
}

function attestedShare(shapes: readonly SeenShape[], attested: ReadonlySet<string>): number {
  const names = new Set<string>();
  for (const { shape } of shapes) {
    const { environment, callerEnvironment, caller, callee } = shape;
    if (caller.kind === "service") names.add(sentName(callerEnvironment ?? environment, caller.name));
    if (callee.kind === "service") names.add(sentName(environment, callee.name));
  }
  return names.size === 0 ? 0 : [...names].filter((name) => attested.has(name)).length / names.size;
}
