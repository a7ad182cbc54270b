import { declare } from "../corp.ts";
import { type CaseStep, type CaseToken, DRAWN_S, type JudgementCase } from "../judgement-case.ts";

/** The collector's clock begins then; spans are drawn by the same one, as seconds after that of the drawings. */
const BEGIN_S = Date.UTC(2026, 5, 1) / 1000 - DRAWN_S;
const MINUTE_S = 60;
const BASELINE = declare("  orders: { calls: { pay: {} } }\n  pay: { ingress: [{ from: internal }] }\n  logs: {}");
const OK = "http.request.method=GET, http.route=/pay, http.response.status_code=200";

/** What comes in at a minute. */
type Moment = readonly [minute: number, trace: string];

const uid = (pod: number) => `0a1b2c3${pod}-4444-4555-8666-77778888999${pod}`;
const at = (minute: number) => `+${BEGIN_S + minute * MINUTE_S}`;

/** A service account's token that is bound to the first pod. */
const BOUND: CaseToken = {
  claims: {
    iss: "https://idp.example",
    aud: "pay",
    sub: "system:serviceaccount:shop:orders",
    iat: DRAWN_S + BEGIN_S,
    exp: DRAWN_S + BEGIN_S + 3600,
    "kubernetes.io": { namespace: "shop", pod: { name: "orders-1", uid: uid(1) }, serviceaccount: { name: "orders" } },
  },
};

type Where = { readonly pod: number; readonly node?: string; readonly more?: string };

function inPod({ pod, node = "n1", more = "" }: Where): string {
  return `[k8s.pod.uid=${uid(pod)}, k8s.node.name=${node}${more}]`;
}

/** A service makes a span of its own in each of these minutes. */
function heard(service: string, where: Where, minutes: readonly number[], more = ""): readonly Moment[] {
  return minutes.map((minute) => [
    minute,
    `${service} I#7@${service}${where.pod}${minute} ${inPod(where)} ${at(minute)}${more}`,
  ]);
}

const range = (from: number, to: number, every = 1) =>
  Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, step) => from + step * every);

/** orders calls pay with the token, from a pod. */
function calling(minute: number, where: Where, status = 200): Moment {
  const called = `pay S#2<1@c${minute} {${OK.replace("200", String(status))}, tok=T} ${inPod({ pod: 5, node: "n5" })}`;
  return [minute, `orders C#1@c${minute} {peer=pay} ${inPod(where)} ${at(minute)}; ${called} ${at(minute)}`];
}

/** pay is called with it by somebody who makes no spans. */
const unseen = (minute: number, parent = ""): Moment => [
  minute,
  `pay S#2${parent}@u${minute} {${OK}, tok=T} ${inPod({ pod: 5, node: "n5" })} ${at(minute)}`,
];

/** The moments in their order, and a quarter of an hour after the last. */
function told(moments: readonly (readonly Moment[])[]): Pick<JudgementCase, "trace" | "later" | "tokens" | "baseline"> {
  const sorted = [...moments.flat()].sort(([one], [other]) => one - other);
  const later = sorted.map(([minute, trace], index): CaseStep => {
    return { afterS: (minute - (sorted[index - 1]?.[0] ?? 0)) * MINUTE_S, trace };
  });
  return { baseline: BASELINE, trace: "", later: [...later, { afterS: 15 * MINUTE_S }], tokens: { T: BOUND } };
}

/** Its first pod served for twenty minutes. */
const LIFE = heard("orders", { pod: 1 }, range(0, 19));
const NODE = heard("logs", { pod: 2 }, range(0, 45));
const REPLICA = heard("orders", { pod: 3, node: "n2" }, range(18, 45));
const OUTLIVED = ["token-outlives-workload"] as const;

/** Tokens that are bound to a pod, and when it ended. */
export const POD_CASES: readonly JudgementCase[] = [
  {
    name: "a pod uses the token of another one that ended ten minutes before",
    ...told([LIFE, NODE, [calling(30, { pod: 3, node: "n2" })]]),
    raises: OUTLIVED,
  },
  {
    name: "a pod uses the token of another one, as its spans tell without showing it",
    ...told(
      [LIFE, NODE, [calling(30, { pod: 3, node: "n2" })]].map((moments) => {
        const fact = `fp=t, trustdrift.credential.authorization.token.pod=${uid(1)}`;
        return moments.map(([minute, trace]): Moment => [minute, trace.replace("tok=T", fact)]);
      }),
    ),
    raises: OUTLIVED,
  },
  {
    name: "somebody who makes no spans uses the token of a pod that a deployment replaced",
    ...told([LIFE, NODE, REPLICA, [unseen(30)]]),
    raises: OUTLIVED,
  },
  {
    name: "a pod tells that a recipient without spans took the token of another one that has ended",
    ...told([LIFE, NODE, [[30, `orders C#1 {peer=pay, ${OK}, tok=T} ${inPod({ pod: 3, node: "n2" })} ${at(30)}`]]]),
    windowS: 30,
    raises: OUTLIVED,
  },
  {
    name: "a pod that was silent for ten minutes is heard again",
    ...told([LIFE, NODE, REPLICA, [unseen(30)], heard("orders", { pod: 1 }, [39])]),
    raises: [],
  },
  {
    name: "a message is read after the pod that sent it has ended",
    ...told([
      LIFE,
      NODE,
      REPLICA,
      [
        [19, `orders P#1 {messaging.destination.name=bills} ${inPod({ pod: 1 })} ${at(19)}`],
        [
          30,
          `pay K#2<1 {messaging.destination.name=bills, http.response.status_code=200, tok=T} ${inPod({ pod: 5, node: "n5" })} ${at(30)}`,
        ],
      ],
    ]),
    raises: [],
  },
  {
    name: "a message of nobody knows whom is read after the pod whose token it bears has ended",
    ...told([LIFE, NODE, REPLICA, [[30, unseen(30)[1].replace("pay S", "pay K")]]]),
    raises: [],
  },
  {
    name: "a topic pushes a message as a request, after the pod that sent it has ended",
    ...told([
      LIFE,
      NODE,
      REPLICA,
      [
        [19, `orders P#1 {messaging.destination.name=bills} ${inPod({ pod: 1 })} ${at(19)}`],
        [30, `pay S#2<1 {${OK}, tok=T} ${inPod({ pod: 5, node: "n5" })} ${at(30)}`],
      ],
    ]),
    raises: [],
  },
  {
    name: "a proxy passes on the token of a pod that it heard nothing of",
    ...told(
      [LIFE, NODE, [calling(30, { pod: 3, node: "n2" })]].map((moments) => {
        return moments.map(
          ([minute, trace]): Moment => [minute, trace.replace("{peer=pay}", "{peer=pay, component=proxy}")],
        );
      }),
    ),
    raises: [],
  },
  {
    name: "some spans of a caller name no pod: it may be the token's",
    ...told([LIFE, NODE, [[5, `orders I#7@n ${at(5)}`], calling(30, { pod: 3, node: "n2" })]]),
    raises: [],
  },
  {
    name: "a pod uses its own token",
    ...told([LIFE, NODE, REPLICA, [calling(19, { pod: 1 })]]),
    raises: [],
  },
  {
    name: "a pod that was idle for long uses its own token",
    ...told([LIFE, NODE, REPLICA, [calling(40, { pod: 1 })]]),
    raises: [],
  },
  {
    name: "runner-up 16: a pod that is replaced flushes what it has, 90 s after its last span",
    ...told([LIFE, NODE, REPLICA, [unseen(20.5)]]),
    raises: [],
  },
  {
    name: "a pod's exporter is late: its calling span comes eight minutes after the called one",
    ...told([
      LIFE,
      NODE,
      REPLICA,
      [unseen(30, "<1")],
      [[38, `orders C#1@u30 {peer=pay} ${inPod({ pod: 1 })} ${at(30)}`]],
    ]),
    windowS: 30,
    raises: [],
  },
  {
    name: "a pod is cut off from the collector, and its calls name spans that never come",
    ...told([LIFE, NODE, REPLICA, [unseen(30, "<1")]]),
    windowS: 30,
    raises: [],
  },
  {
    name: "all telemetry of a node stops, and the tokens of its pods are used on",
    ...told([
      LIFE,
      heard("logs", { pod: 2 }, range(0, 19)),
      REPLICA,
      [unseen(30), calling(31, { pod: 3, node: "n2" })],
    ]),
    raises: [],
  },
  {
    name: "the node's telemetry stops, and comes back for a moment",
    ...told([LIFE, heard("logs", { pod: 2 }, [...range(0, 19), 29]), REPLICA, [unseen(30)]]),
    raises: [],
  },
  {
    name: "a node of that name in another cluster goes on",
    ...told([LIFE, heard("logs", { pod: 2, more: ", k8s.cluster.uid=east" }, range(0, 45)), REPLICA, [unseen(30)]]),
    raises: [],
  },
  {
    name: "one in a hundred of a pod's spans is sampled",
    ...told([heard("orders", { pod: 1 }, range(0, 19), " th:fd70a4"), NODE, REPLICA, [unseen(30)]]),
    raises: [],
  },
  {
    name: "a pod that pauses between two jobs for five minutes or more is on its way to the next",
    ...told([heard("orders", { pod: 1 }, range(0, 45, 5)), NODE, REPLICA, [unseen(59)]]),
    raises: [],
  },
  {
    name: "a pod that is new was heard for nine minutes, and serves nobody since",
    ...told([heard("orders", { pod: 1 }, range(0, 8)), NODE, REPLICA, [unseen(30)]]),
    raises: [],
  },
  {
    name: "at night nobody calls a service, and a client in its pod that makes no spans goes on",
    ...told([LIFE, NODE, heard("orders", { pod: 3, node: "n2" }, range(0, 19)), [unseen(30)]]),
    raises: [],
  },
  {
    name: "a pod of which nobody ever saw a span presents its token",
    ...told([NODE, REPLICA, [unseen(30)]]),
    raises: [],
  },
  {
    name: "the recipient refuses the token of a pod that has ended",
    ...told([LIFE, NODE, [calling(30, { pod: 3, node: "n2" }, 401)]]),
    raises: [],
  },
  {
    name: "the clock of the recipient runs half an hour ahead",
    ...told([LIFE, NODE, REPLICA, [[20, unseen(50)[1]]]]),
    raises: [],
  },
  {
    name: "a call of before the pod's end is told half an hour later",
    ...told([LIFE, NODE, REPLICA, [[45, unseen(15)[1]]]]),
    raises: [],
  },
];
