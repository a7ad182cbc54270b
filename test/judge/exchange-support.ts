import type { JudgeContext } from "../../src/judge/judge-context.ts";
import { judgeExchange } from "../../src/judge/judge-exchange.ts";
import { judgeReuse } from "../../src/judge/judge-reuse.ts";
import type { Exchange, Reuse } from "../../src/model/facts.ts";
import { EVIDENCE, service, token, told } from "./support.ts";

/** orders received a person's token and presented another one of the same person to stock. */
export function exchangeOf(fields: Partial<Exchange>): Exchange {
  return {
    environment: "prod",
    service: "orders",
    next: service("stock"),
    operation: "GET /items",
    received: token({ subjectKind: "user", audiences: ["orders"] }),
    presented: token({ subjectKind: "user", audiences: ["stock"] }),
    isSameSubject: true,
    outcome: "ok",
    count: 1,
    seenMs: 0,
    evidence: EVIDENCE,
    ...fields,
  };
}

/** Something of the token that web presents to orders was used a second later for the second time. */
export function reuseOf(fields: Partial<Reuse>): Reuse {
  return {
    kind: "token-id",
    environment: "prod",
    presenter: "web",
    recipient: service("orders"),
    operation: "GET /orders",
    credential: token({}),
    outcome: "ok",
    apartMs: 1000,
    count: 1,
    seenMs: 0,
    evidence: EVIDENCE,
    ...fields,
  };
}

export function toldOfExchange(fields: Partial<Exchange>, context: JudgeContext): readonly string[] {
  return told(judgeExchange(exchangeOf(fields), context));
}

export function toldOfReuse(fields: Partial<Reuse>, context: JudgeContext): readonly string[] {
  return told(judgeReuse(reuseOf(fields), context));
}
