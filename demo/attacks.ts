/** Every `--attack`, with what a person should know while it runs. */
export const ATTACKS = {
  relay: {
    culprit: "checkout",
    does: "forwards the token it received (audience checkout) to inventory, which never looks at the audience",
    expect: "token-relayed-past-audience  checkout → inventory  (critical)",
  },
  stranger: {
    culprit: "report-job",
    does: "presents a token stolen from checkout to payments: right issuer, right audience, wrong hands",
    expect: "token-multi-presenter  checkout, batch/report-job → payments  (critical; also undeclared-call)",
  },
  shortcut: {
    culprit: "edge-gateway",
    does: "charges payments directly, past checkout, with a valid token of its own",
    expect: "forbidden-call  edge-gateway → payments  (critical)",
  },
  expired: {
    culprit: "checkout",
    does: "goes on using a token that expired minutes ago at inventory, which never looks at the expiry",
    expect: "expired-token-accepted  checkout → inventory  (critical)",
  },
} as const;

/** What `--attack` names. */
export type Attack = keyof typeof ATTACKS;
