import type { CallDeclaration } from "../model/baseline.ts";
import type { DecidingLine } from "../model/finding.ts";
import { isPublicOperation } from "./acceptance.ts";
import { isProbe } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";

/** What clients have to ask before they can authenticate, and what health checks ask all day. */
const OPEN_BY_NATURE: readonly RegExp[] = [
  /^OPTIONS /u,
  /\/\.well-known\/|\/jwks(?:\.json)?$/u,
  /^(?:GET|HEAD) \/(?:healthz?|livez?|readyz?|ready|ping)$/u,
  /^rpc:grpc\.(?:health|reflection)\./u,
];

/** The line by which the call has to authenticate, by whatever means; null where none says so. */
export function requiresAuthentication(hop: JudgedHop): DecidingLine | null {
  const { call, caller } = hop;
  if (isOpen(hop)) return null;
  if (call === null || call.auth === null) return requiresToken(hop);
  if (call.auth.length === 0 || call.auth.includes("none")) return null;
  const says = `services.${caller.name}.calls.${call.callee.text}.auth has no way without a credential`;
  return { position: call.position, says };
}

/** The line by which the call has to show a token; null where none says so. What the caller declares goes first. */
export function requiresToken(hop: JudgedHop): DecidingLine | null {
  const { call, caller, shape } = hop;
  if (isOpen(hop)) return null;
  if (call?.token?.isRequired === true) {
    const says = `services.${caller.name}.calls.${call.callee.text}.token is required`;
    return { position: call.token.position, says };
  }
  if (isIncoming(hop)) return ingressRequires(hop) ?? acceptsRequire(hop);
  // A message may well lie in a queue for longer than any token lives.
  return isWithoutToken(call) || isUnspoken(hop) || shape.type === "logical" ? null : acceptsRequire(hop);
}

/** True where a call is to be let in whoever makes it, or was let in further out. */
function isOpen(hop: JudgedHop): boolean {
  const { context, caller, callee, shape } = hop;
  const { operation } = shape;
  if (isPublicOperation(hop) || isProbe(context, operation)) return true;
  if (operation !== null && OPEN_BY_NATURE.some((pattern) => pattern.test(operation))) return true;
  // It hands out credentials to who has none yet. A proxy may have checked and taken off what the caller showed.
  const isIssuing = serviceDeclaration(callee)?.traits.has("control-plane") === true;
  return isIssuing || serviceDeclaration(caller)?.traits.has("proxy") === true;
}

/**
 * Unspecified is unchecked: where a call is declared and nothing is said about its credentials, that none was noticed
 * is no drift from anything. That the callee says itself that none came is another matter.
 */
function isUnspoken({ call, shape }: JudgedHop): boolean {
  if (call === null || call.auth !== null || call.token !== null) return false;
  return shape.credential === null || shape.credentialSeenBy !== "callee";
}

function isWithoutToken(call: CallDeclaration | null): boolean {
  if (call === null) return false;
  return (
    call.token?.mode === "none" || (call.auth !== null && !call.auth.includes("jwt") && !call.auth.includes("opaque"))
  );
}

/** True for who comes from outside, under whatever name that is no declared service's. */
function isIncoming({ caller, shape }: JudgedHop): boolean {
  return serviceDeclaration(caller) === null && shape.type === "direct";
}

function ingressRequires({ callee, shape }: JudgedHop): DecidingLine | null {
  const entry = ingressOf({ callee, shape });
  if (entry?.token !== "required") return null;
  return { position: entry.position, says: `services.${callee.name}.ingress requires a token` };
}

function ingressOf({ callee, shape }: Pick<JudgedHop, "callee" | "shape">) {
  const { operation } = shape;
  return serviceDeclaration(callee)?.ingress.find(({ operations }) => {
    return operations === null || (operation !== null && operations.some((pattern) => pattern.matches(operation)));
  });
}

/** Who comes in by a declared ingress is asked for a token only where the ingress says so. */
function acceptsRequire(hop: JudgedHop): DecidingLine | null {
  const { callee } = hop;
  const declaration = serviceDeclaration(callee);
  if (declaration?.accepts == null || declaration.accepts.length === 0) return null;
  if (isIncoming(hop) && ingressOf(hop) !== undefined) return null;
  const position = declaration.acceptsPosition ?? declaration.position;
  return { position, says: `services.${callee.name}.accepts names the tokens to be let in by` };
}
