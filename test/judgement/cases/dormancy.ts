import { declare, machine, PASS, user } from "../corp.ts";
import { drawPath } from "../draw-path.ts";
import { type CaseStep, type CaseToken, DRAWN_S, type JudgementCase } from "../judgement-case.ts";

const DAY_S = 86_400;
const BASELINE = declare("  orders: { calls: { pay: {} } }\n  pay: {}");

type Calls = Required<Pick<JudgementCase, "trace" | "later" | "tokens">>;

type Paths = {
  readonly path?: string;
  readonly tokenOf?: (claims: CaseToken["claims"]) => CaseToken;
  /** In which environment the calls are made, by day; the default one where absent. */
  readonly environments?: { readonly [day: number]: string };
};

/** The days after the first on which orders calls pay, each time with a new token. */
function calling(days: readonly number[], options: Paths = {}): Calls {
  const { path = "*orders > pay", tokenOf = (claims) => machine("refunds", claims), environments = {} } = options;
  const steps = [0, ...days].map((day, index) => {
    const environment = environments[day];
    const resource = environment === undefined ? "" : `deployment.environment.name=${environment}`;
    return { day, trace: drawPath(`${path}(T${day})`, { trace: index + 1, atS: day * DAY_S, resource }) };
  });
  const tokens = steps.map(({ day }) => {
    const atS = DRAWN_S + day * DAY_S;
    return [`T${day}`, tokenOf({ iat: atS - 60, exp: atS + 1800 })] as const;
  });
  const later = steps.slice(1).map(({ day, trace }, index): CaseStep => {
    return { afterS: (day - (steps[index]?.day ?? 0)) * DAY_S, trace };
  });
  return { trace: steps[0]?.trace ?? "", later, tokens: Object.fromEntries(tokens) };
}

/** Who comes back after a long time. */
export const DORMANCY_CASES: readonly JudgementCase[] = [
  {
    name: "a client that nobody used for forty days is used again",
    baseline: BASELINE,
    ...calling([40]),
    raises: ["dormant-identity-reactivated"],
  },
  {
    name: "a client comes back after far longer than it ever paused",
    baseline: BASELINE,
    ...calling([1, 4, 49]),
    raises: ["dormant-identity-reactivated"],
  },
  { name: "a client pauses for four weeks", baseline: BASELINE, ...calling([28]), raises: [] },
  {
    name: "a job that runs every three weeks leaves out one run",
    baseline: BASELINE,
    ...calling([21, 63]),
    raises: [],
  },
  {
    name: "a person comes back after a long holiday",
    baseline: declare(`  orders: { calls: { pay: { token: { ${PASS} } } } }\n  pay: {}`),
    ...calling([40], { path: "web > orders > pay", tokenOf: (claims) => user({ ...claims, aud: "pay" }) }),
    raises: [],
  },
  {
    name: "a client that was quiet for long is used where nothing is declared of services",
    baseline: `issuers: { corp: { iss: "https://idp.example" } }`,
    ...calling([40]),
    raises: [],
  },
  {
    name: "a client that was used in another environment all the time is used again in this one",
    baseline: BASELINE,
    ...calling([20, 40], { environments: { 20: "lab" } }),
    raises: ["dormant-identity-reactivated"],
  },
];
