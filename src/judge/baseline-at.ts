import type { Baseline, CallDeclaration, ServiceDeclaration } from "../model/baseline.ts";
import { hasEnded } from "./calendar.ts";

/** A baseline as it holds at a time: the mode of a call's token that has ended is none. */
export function baselineAt(baseline: Baseline, atMs: number): Baseline {
  const changed = [...baseline.services].filter(([, { calls }]) => calls.some((call) => isOver(call, atMs)));
  if (changed.length === 0) return baseline;
  const services = new Map(baseline.services);
  for (const [name, service] of changed) services.set(name, serviceAt(service, atMs));
  return { ...baseline, services };
}

function serviceAt(service: ServiceDeclaration, atMs: number): ServiceDeclaration {
  const calls = service.calls.map((call) => (isOver(call, atMs) ? withoutMode(call) : call));
  return { ...service, calls };
}

function isOver({ token }: CallDeclaration, atMs: number): boolean {
  return token !== null && token.mode !== null && hasEnded(token.expires, atMs);
}

function withoutMode(call: CallDeclaration): CallDeclaration {
  return call.token === null ? call : { ...call, token: { ...call.token, mode: null } };
}
