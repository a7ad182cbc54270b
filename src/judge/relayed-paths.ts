import type { Relay } from "../model/facts.ts";
import type { Finding, RuleId } from "../model/finding.ts";
import type { Shape } from "../model/graph.ts";
import type { JudgeContext } from "./judge-context.ts";
import { judgeRelay } from "./judge-relay.ts";
import { shapePath } from "./known-shapes.ts";

/** What a shape would say of a token that its presenter only passed on: whose it is was settled before. */
const BY_ANY: readonly RuleId[] = ["client-presenter-mismatch", "workload-subject-mismatch"];
/** `token-relayed-past-audience` says all that the mismatch would. */
const BY_PAST_AUDIENCE: readonly RuleId[] = [...BY_ANY, "audience-mismatch-accepted"];

/** Paths and credentials on which relays were seen: what the shapes' rules would find there is part of the relay. */
export class RelayedPaths {
  readonly #hidden = new Map<string, readonly RuleId[]>();

  /** The path of a relay if it hides more than before; else null. It hides only once `add` is called. */
  news(relay: Relay, context: JudgeContext): string | null {
    const path = relayPath(relay);
    return hiddenBy(relay, context).length > (this.#hidden.get(path)?.length ?? 0) ? path : null;
  }

  add(relay: Relay, context: JudgeContext): void {
    const hidden = hiddenBy(relay, context);
    const path = relayPath(relay);
    if (hidden.length > (this.#hidden.get(path)?.length ?? 0)) this.#hidden.set(path, hidden);
  }

  remove(relay: Relay): void {
    this.#hidden.delete(relayPath(relay));
  }

  clear(): void {
    this.#hidden.clear();
  }

  /** The findings on a shape that no relay speaks for. */
  unhidden(shape: Shape, findings: readonly Finding[]): readonly Finding[] {
    if (this.#hidden.size === 0 || findings.length === 0) return findings;
    const hidden = this.#hidden.get(shapePath(shape));
    return hidden === undefined ? findings : findings.filter(({ rule }) => !hidden.includes(rule));
  }
}

function hiddenBy(relay: Relay, context: JudgeContext): readonly RuleId[] {
  const isPastAudience = judgeRelay(relay, context).some(({ rule }) => rule === "token-relayed-past-audience");
  if (isPastAudience) return BY_PAST_AUDIENCE;
  const { client, subject, keyId } = relay.credential;
  return client === null && subject === null && keyId === null ? [] : BY_ANY;
}

function relayPath({ environment, service, next, credential }: Relay): string {
  return JSON.stringify([environment, service, next.name, credential]);
}
