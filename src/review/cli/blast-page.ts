import { createColors } from "picocolors";
import type { BlastRadius, Reach, SurveyConfidence } from "../../model/survey.ts";
import { counted } from "./counted.ts";
import { durationOf, percent } from "./survey-columns.ts";
import { type Column, tableOf } from "./table.ts";
import type { Terminal } from "./terminal.ts";

type Fact = readonly [label: string, value: string | null];

/** A blast radius for people: every number is a lower bound, and the first line says how much was visible. */
export function blastPage(radius: BlastRadius, terminal: Terminal): string {
  const colours = createColors(terminal.hasColour);
  const facts = factsOf(radius).filter(([, value]) => value !== null && value !== "");
  const table = tableOf(facts, COLUMNS, { output: "wide", headers: false }, terminal);
  const all = radius.compromise.at(-1)?.services.length ?? 0;
  const reach = `within reach: at least ${counted(all, "service")}, ${visible(radius.confidence)}`;
  return `${colours.bold(radius.name)}  ${radius.of} in ${radius.environment}\n${reach}\n\n${table}`;
}

const COLUMNS: readonly Column<Fact>[] = [
  { title: "", text: ([label]) => label, paint: (text, colours) => colours.dim(text) },
  { title: "", text: ([, value]) => value },
];

function factsOf(radius: BlastRadius): readonly Fact[] {
  const { declared, harvest, exposure, confidence } = radius;
  return [
    ["accepted at", atLeast(radius.direct)],
    ["its credentials would open", atLeast(radius.acceptance)],
    ["with its key as well", radius.acceptanceOfBound.services.length === 0 ? null : atLeast(radius.acceptanceOfBound)],
    ["mostly through", radius.through.map((one) => `${one.credentials} (${one.services})`).join("; ")],
    ["declared to call", declared === null ? "nothing is declared about it" : listOf(declared.services)],
    ["beyond what is declared", declared === null ? null : atLeast(declared.excess)],
    ["declared and never seen", declared === null ? null : unusedOf(declared)],
    ["credentials held by", listOf(radius.holders)],
    ["presented by", listOf(radius.presenters)],
    ["environments", radius.environments.join(", ")],
    ...radius.compromise.map((step): Fact => [stepLabel(step.steps), atLeast(step)]),
    ["datastores behind it", atLeastNames(radius.datastores, "datastore")],
    ["hosts outside behind it", atLeastNames(radius.egress, "host")],
    ["tokens that pass by", harvest === null ? "not told apart" : `at least ${harvest.tokensPerHour} an hour`],
    ["people's tokens", harvest === null ? null : `at least ${harvest.userTokensPerDay} a day; people are not counted`],
    [
      "tokens still live for",
      exposure === null ? null : `${durationOf(exposure.p50S)} (half), ${durationOf(exposure.p95S)} (19 of 20)`,
    ],
    ["token-hours", exposure === null ? null : `at least ${exposure.tokenHours}`],
    ["static secrets", radius.staticSecrets.map((one) => `${one.credentials}, ${one.ageDays} days`).join("; ")],
    [
      "choke score",
      radius.choke === null
        ? null
        : `at least ${radius.choke}: reach lost if it stops relaying and has an audience of its own`,
    ],
    ["composite, for sorting", String(radius.composite)],
    ["rests on", restsOn(confidence)],
  ];
}

function stepLabel(steps: number | null): string {
  if (steps === null) return "taken over, in the end";
  return `taken over, in ${counted(steps, "step")}`;
}

function atLeast({ services, weight }: Reach): string {
  const names = services.length === 0 ? "" : `: ${listOf(services)}`;
  return `at least ${counted(services.length, "service")} (weight ${weight})${names}`;
}

function atLeastNames(names: readonly string[], noun: string): string {
  return `at least ${counted(names.length, noun)}${names.length === 0 ? "" : `: ${listOf(names)}`}`;
}

function unusedOf({ unused, overprivilege }: NonNullable<BlastRadius["declared"]>): string {
  const share = overprivilege === null ? "" : `, ${percent(overprivilege)} of what is declared`;
  return unused.length === 0 ? "none" : `${listOf(unused)}${share}`;
}

const NAMES_MAX = 10;

/** Some names stand for a long list, which `-o json` has in full. */
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).join(", ");
  return names.length > NAMES_MAX ? `${shown} and ${names.length - NAMES_MAX} more` : shown;
}

function visible({ visibleShare }: SurveyConfidence): string {
  return visibleShare === null ? "no hops seen" : `${percent(visibleShare)} of hops visible`;
}

function restsOn(confidence: SurveyConfidence): string {
  const sampled = confidence.sampledShare === null ? "" : `, ${percent(confidence.sampledShare)} of calls sampled`;
  return `${counted(confidence.hops, "hop")}, ${visible(confidence)}${sampled}; ${attested(confidence)}`;
}

function attested({ attestedShare }: SurveyConfidence): string {
  if (attestedShare === 0) return "no sender has proved who it is";
  return `${percent(attestedShare)} of services sent by who may speak for them`;
}
