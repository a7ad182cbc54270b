import type { RuleId } from "../src/model/finding.ts";

/** What an attack does, who is to be caught, and by which rule; `also`: rules that may well fire beside it. */
export type AttackPlan = {
  readonly family: string;
  readonly does: string;
  readonly rule: RuleId;
  /** Null where nobody knows who calls. */
  readonly caller: string | null;
  /** Without the port, which is another one every time. */
  readonly callee: string;
  readonly also: readonly RuleId[];
  /** Who else does it. */
  readonly accomplice?: string;
};

/** Every `--attack`, at least one a family of rules, in the order of `--attack all`. */
export const ATTACKS = {
  shortcut: {
    family: "paths",
    does: "edge-gateway charges payments directly, past checkout, with a valid token of its own",
    rule: "forbidden-call",
    caller: "edge-gateway",
    callee: "payments",
    also: ["caller-refused"],
  },
  backdoor: {
    family: "ingress",
    does: "a visitor calls cart from the internet, past the gateway, with the token the gateway gave out",
    rule: "undeclared-ingress",
    caller: null,
    callee: "cart",
    also: [],
  },
  misaddress: {
    family: "audience",
    does: "checkout calls inventory with a token that was made for email, and inventory never looks at the audience",
    rule: "audience-mismatch-accepted",
    caller: "checkout",
    callee: "inventory",
    also: ["undeclared-audience", "token-fan-out"],
  },
  relay: {
    family: "relay",
    does: "checkout forwards the token it received to inventory, which is not its audience and never looks",
    rule: "token-relayed-past-audience",
    caller: "checkout",
    callee: "inventory",
    also: ["undeclared-audience"],
  },
  stranger: {
    family: "reuse",
    does: "report-job presents a token stolen from checkout to payments: right issuer, right audience, wrong hands",
    rule: "token-multi-presenter",
    caller: "batch/report-job",
    callee: "payments",
    also: ["undeclared-call", "caller-refused", "unknown-service", "client-presenter-mismatch", "shared-identity"],
  },
  expired: {
    family: "lifetime",
    does: "checkout goes on using a token that ran out minutes ago at inventory, which never looks at the expiry",
    rule: "expired-token-accepted",
    caller: "checkout",
    callee: "inventory",
    also: [],
  },
  downgrade: {
    family: "binding",
    does: "checkout presents a token that is bound to a key as a plain bearer token, and inventory asks for no proof",
    rule: "sender-constraint-downgrade",
    caller: "checkout",
    callee: "inventory",
    also: [],
  },
  confuse: {
    family: "token type",
    does: "checkout presents an ID token where an access token belongs, and inventory takes it",
    rule: "token-type-confusion",
    caller: "checkout",
    callee: "inventory",
    also: [],
  },
  sharedkey: {
    family: "static secrets",
    does: "checkout and cart go back to one old key of inventory's, the same for both",
    rule: "shared-static-secret",
    caller: "checkout",
    callee: "inventory",
    also: ["auth-method-drift", "static-credential-on-service-hop", "undeclared-audience", "credential-missing"],
    accomplice: "cart",
  },
  overreach: {
    family: "scope",
    does: "checkout swaps its token for one with a scope that nobody gave it: stock:admin",
    rule: "undeclared-scope",
    caller: "checkout",
    callee: "inventory",
    also: [],
  },
  shout: {
    family: "telemetry",
    does: "checkout puts its token into the address of a request to email, where every log on the way keeps it",
    rule: "credential-in-url",
    caller: "checkout",
    callee: "email",
    also: ["raw-credential-in-telemetry"],
  },
  retired: {
    family: "life cycle",
    does: "checkout still pays with the identity of a batch job that was retired years ago",
    rule: "retired-identity-active",
    caller: "checkout",
    callee: "payments",
    also: ["client-presenter-mismatch", "actor-chain-mismatch"],
  },
  // Last, because what it raises shows late: a call whose other end sends no spans is waited for.
  exfiltrate: {
    family: "egress",
    does: "email sends every receipt, and the token it came with, to a host outside that nobody declared",
    rule: "undeclared-egress",
    caller: "email",
    callee: "receipts.stranger.example",
    also: ["internal-token-to-external-host", "token-relayed"],
  },
} as const satisfies Record<string, AttackPlan>;

/** What `--attack` names, beside `all`. */
export type Attack = keyof typeof ATTACKS;

/** All of them, in order. */
export const ATTACK_NAMES = Object.keys(ATTACKS) as readonly Attack[];
