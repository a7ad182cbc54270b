/** Every `--attack`, with what a person should know while it runs. */
export const ATTACKS = {
  relay: {
    does: "checkout forwards the token it received to inventory, which is not its audience and never looks",
    rule: "token-relayed-past-audience",
    also: "undeclared-audience",
  },
  stranger: {
    does: "report-job presents a token stolen from checkout to payments: right issuer, right audience, wrong hands",
    rule: "token-multi-presenter",
    also: "undeclared-call, caller-refused, unknown-service",
  },
  shortcut: {
    does: "edge-gateway charges payments directly, past checkout, with a valid token of its own",
    rule: "forbidden-call",
    also: "caller-refused",
  },
  expired: {
    does: "checkout goes on using a token that ran out minutes ago at inventory, which never looks at the expiry",
    rule: "expired-token-accepted",
    also: null,
  },
} as const;

/** What `--attack` names. */
export type Attack = keyof typeof ATTACKS;
