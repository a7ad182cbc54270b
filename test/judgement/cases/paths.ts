import type { JudgementCase } from "../judgement-case.ts";

const BASELINE = `
services:
  web: { ingress: [{ from: internet }], calls: { orders: { operations: ["GET /orders"] } } }
  orders: {}
  stock: {}
`;

/** Who calls whom, what for, and until when. */
export const PATH_CASES: readonly JudgementCase[] = [
  {
    name: "a service calls one that it does not declare",
    baseline: BASELINE,
    trace: "web C#1<9 {http.request.method=GET, peer=stock}; stock S#2<1 {http.request.method=GET, http.route=/items}",
    raises: ["undeclared-call"],
  },
  {
    name: "a service calls one that it declares",
    baseline: BASELINE,
    trace:
      "web C#1<9 {http.request.method=GET, peer=orders}; orders S#2<1 {http.request.method=GET, http.route=/orders}",
    raises: [],
  },
];
