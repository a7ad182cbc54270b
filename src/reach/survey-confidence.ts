import { allPresented } from "../model/credential.ts";
import type { SeenShape } from "../model/store.ts";
import type { SurveyConfidence } from "../model/survey.ts";

/** How much of the calls between services shows credentials, and how much of them was counted at all. */
export function surveyConfidence(shapes: readonly SeenShape[]): SurveyConfidence {
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
    attestedShare: 0,
  };
}
