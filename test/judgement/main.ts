import { styleText } from "node:util";
import { RULE_IDS, type RuleId } from "../../src/model/finding.ts";
import { CASES } from "./cases.ts";
import { runCase } from "./run-case.ts";

type Score = { right: number; missed: number; wrong: number };

const scores = new Map<RuleId, Score>();
const wrong: string[] = [];
let benign = 0;
for (const one of CASES) {
  const raised = new Set(await runCase(one));
  const expected = new Set(one.raises);
  if (expected.size === 0) benign += 1;
  for (const rule of expected) scoreOf(rule)[raised.has(rule) ? "right" : "missed"] += 1;
  for (const rule of raised) if (!expected.has(rule)) scoreOf(rule).wrong += 1;
  if (list(expected) === list(raised)) continue;
  wrong.push(`${one.name}: expected ${list(expected)}, raised ${list(raised)}`);
}

console.log(`${"rule".padEnd(42)} cases  precision  recall`);
for (const rule of RULE_IDS.filter((id) => scores.has(id))) print(rule, scoreOf(rule));
const total = { right: 0, missed: 0, wrong: 0 };
for (const score of scores.values())
  for (const part of ["right", "missed", "wrong"] as const) total[part] += score[part];
print("overall", total);
console.log(`${CASES.length} cases, ${benign} of them benign; ${wrong.length} judged otherwise than labelled`);
for (const line of wrong) console.log(styleText("red", line));
process.exitCode = wrong.length === 0 ? 0 : 1;

function scoreOf(rule: RuleId): Score {
  const score = scores.get(rule) ?? { right: 0, missed: 0, wrong: 0 };
  scores.set(rule, score);
  return score;
}

function print(name: string, { right, missed, wrong: false_ }: Score): void {
  const [precision, recall] = [share(right, false_), share(right, missed)];
  console.log(
    `${name.padEnd(42)} ${String(right + missed).padStart(5)}  ${precision.padStart(9)}  ${recall.padStart(6)}`,
  );
}

/** Three digits; of nothing, all was right. */
function share(right: number, rest: number): string {
  return right + rest === 0 ? "-" : (right / (right + rest)).toFixed(3);
}

function list(rules: ReadonlySet<RuleId>): string {
  return [...rules].sort().join(", ") || "nothing";
}
