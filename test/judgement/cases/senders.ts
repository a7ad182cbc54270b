import type { JudgementCase } from "../judgement-case.ts";

const SENDERS = `
  web-pods: { principal: "spiffe://shop/ns/web/sa/{any}", services: [web] }
  payments: { principal: "key:payments", services: [payments] }
  ledger: { principal: "key:ledger", services: [ledger] }
  ledger-too: { principal: "key:{ledger,both}", services: [payments, ledger] }
  agent: { principal: "key:agent", services: ["**"] }`;

/** Payments is still learning whom it calls. */
const shop = (attestation: "ignore" | "prefer" | "require", rest = ""): string => `
settings: { attestation: ${attestation} }
senders: ${SENDERS}
services:
  web: { calls: { payments: {} } }
  payments: { aliases: [pay], ingress: [{ from: internet }], lifecycle: { state: learning, until: "2026-07-31" } }
  ledger: {}
${rest}`;

const WEB = "spiffe://shop/ns/web/sa/web";
/** A call of payments that nobody declared: its own half, and that of who was called. */
const CALLING = "payments C#1<9 {peer=ledger}";
const CALLED = { afterS: 1, trace: "ledger S#2<1", sentBy: "key:ledger" };
const RAISED = ["unattested-service-name"] as const;
const RAISED_UNTAUGHT = ["unattested-service-name", "undeclared-call"] as const;
const EXCEPTION =
  'exceptions: [{ id: moving, match: { rule: unattested-service-name, service: payments }, reason: x, owner: x, expires: "2026-12-31" }]';

/** Who may send whose spans, and what they teach. */
export const SENDER_CASES: readonly JudgementCase[] = [
  {
    name: "somebody with a key of its own sends spans as payments, with perfect claims",
    baseline: shop("prefer"),
    trace: CALLING,
    sentBy: WEB,
    later: [CALLED],
    raises: RAISED_UNTAUGHT,
  },
  {
    name: "payments itself sends them, and its new call is a proposal",
    baseline: shop("prefer"),
    trace: CALLING,
    sentBy: "key:payments",
    later: [CALLED],
    raises: [],
  },
  {
    name: "an agent that forwards for all sends them",
    baseline: shop("require"),
    trace: CALLING,
    sentBy: "key:agent",
    later: [CALLED],
    raises: [],
  },
  {
    name: "a sender of two entries may send for the services of both",
    baseline: shop("require"),
    trace: CALLING,
    sentBy: "key:both",
    later: [{ ...CALLED, sentBy: "key:both" }],
    raises: [],
  },
  {
    name: "a sender of one service sends for another, and calls nobody",
    baseline: shop("prefer"),
    trace: "payments S#1",
    sentBy: WEB,
    raises: RAISED,
  },
  {
    name: "a sender uses a service's other name",
    baseline: shop("prefer"),
    trace: "pay C#1<9 {peer=ledger}",
    sentBy: WEB,
    later: [CALLED],
    raises: RAISED_UNTAUGHT,
  },
  {
    name: "the same under a service's other name by itself",
    baseline: shop("prefer"),
    trace: "pay C#1<9 {peer=ledger}",
    sentBy: "key:payments",
    later: [CALLED],
    raises: [],
  },
  {
    name: "somebody claims another environment, so as not to be seen in this one",
    baseline: shop("prefer"),
    trace: `${CALLING} [deployment.environment.name=elsewhere]`,
    sentBy: WEB,
    later: [{ ...CALLED, trace: `${CALLED.trace} [deployment.environment.name=prod]` }],
    raises: ["cross-environment-call", ...RAISED_UNTAUGHT],
  },
  {
    name: "what was proposed before somebody spoke for the service is for people as well",
    baseline: shop("prefer"),
    trace: CALLING,
    sentBy: "key:payments",
    later: [CALLED, { afterS: 60, trace: "payments S#3@3", sentBy: WEB }],
    raises: RAISED_UNTAUGHT,
  },
  {
    name: "a wrong sender that the baseline names from then on teaches again",
    baseline: shop("prefer"),
    trace: "payments S#1",
    sentBy: WEB,
    later: [
      { afterS: 60, baseline: shop("prefer").replace("services: [web]", "services: [web, payments]") },
      { afterS: 60, trace: CALLING.replaceAll("#", "#7"), sentBy: WEB },
      { ...CALLED, trace: "ledger S#72<71" },
    ],
    raises: [],
  },
  {
    name: "where an exception allows the sender, the call is a proposal",
    baseline: shop("prefer", EXCEPTION),
    trace: CALLING,
    sentBy: WEB,
    later: [CALLED],
    raises: [],
  },
  {
    name: "a service of which something else is odd still proposes its calls",
    baseline: shop("prefer"),
    trace: `${CALLING}; payments I#5<9 {note=ghp_0123456789abcdefABCDEF0123456789abcd}`,
    sentBy: "key:payments",
    later: [CALLED],
    raises: ["raw-credential-in-telemetry"],
  },
  {
    name: "where senders are ignored, nobody's name is disputed",
    baseline: shop("ignore"),
    trace: CALLING,
    sentBy: WEB,
    later: [CALLED],
    raises: [],
  },
  {
    name: "a sender that proves nothing, where proofs are preferred",
    baseline: shop("prefer"),
    trace: CALLING,
    sentBy: null,
    later: [CALLED],
    raises: [],
  },
  {
    name: "a sender that proves nothing, where proofs are required",
    baseline: shop("require"),
    trace: CALLING,
    sentBy: null,
    later: [CALLED],
    raises: RAISED_UNTAUGHT,
  },
  {
    name: "a sender that nobody is asked about, where proofs are required",
    baseline: shop("require"),
    trace: CALLING,
    later: [{ afterS: 1, trace: CALLED.trace }],
    raises: [],
  },
  {
    name: "a sender that no entry names, where proofs are required",
    baseline: shop("require"),
    trace: CALLING,
    sentBy: "key:new",
    later: [CALLED],
    raises: RAISED_UNTAUGHT,
  },
  {
    name: "a sender that no entry names, where proofs are preferred",
    baseline: shop("prefer"),
    trace: CALLING,
    sentBy: "key:new",
    later: [CALLED],
    raises: [],
  },
  {
    name: "an undeclared service from any sender is unknown, and disputed by nobody",
    baseline: shop("require"),
    trace: "made-up C#1<9 {peer=ledger}",
    sentBy: WEB,
    later: [CALLED],
    raises: ["undeclared-call", "unknown-service"],
  },
  {
    name: "what is undeclared is to be proposed, and somebody sends it in another's name",
    baseline: shop("prefer")
      .replace("attestation", "undeclared: propose, attestation")
      .replace(/, lifecycle.*/u, " }"),
    trace: CALLING,
    sentBy: WEB,
    later: [CALLED],
    raises: RAISED_UNTAUGHT,
  },
];
