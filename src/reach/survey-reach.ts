import type { BlastRadius, FixFirst } from "../model/survey.ts";
import { blastRadius } from "./blast-radius.ts";
import { findIdentityTarget, findService } from "./find-target.ts";
import { fixFirst } from "./fix-first.ts";
import { buildReachGraph, type ReachGraph } from "./reach-graph.ts";
import type { SurveyInput } from "./survey-input.ts";

/**
 * The blast radius of the service of this name, else of the identity, in each environment in which it was seen; empty
 * where it was in none.
 */
export function surveyBlastRadius(input: SurveyInput, name: string): readonly BlastRadius[] {
  return graphsOf(input).flatMap((graph) => {
    const target = findService(name, input, graph) ?? findIdentityTarget(name, input, graph);
    return target === null ? [] : [blastRadius(target, input, graph, fixFirst(input, graph))];
  });
}

/** What to fix first in each environment, the most first. */
export function surveyFixFirst(input: SurveyInput): readonly FixFirst[] {
  const rows = graphsOf(input).flatMap((graph) => fixFirst(input, graph));
  return rows.sort((one, other) => other.score - one.score);
}

function graphsOf(input: SurveyInput): readonly ReachGraph[] {
  const environments = [...new Set(input.shapes.map(({ shape }) => shape.environment))].sort();
  return environments.map((environment) => buildReachGraph(input, environment));
}
