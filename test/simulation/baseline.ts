import { parseBaseline } from "../../src/declare/parse-baseline.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import type { Edge, Service, World } from "./world.ts";

/** Whom the tokens of a world are from. */
export const ISSUER = "https://id.example";

/** What the owners in a world declare: all its edges, and nothing else. */
export function declareBaseline(world: World): Baseline {
  // JSON is YAML, and this is no test of YAML.
  const text = JSON.stringify({
    apiVersion: "trustdrift/v1",
    kind: "Baseline",
    issuers: { idp: { iss: ISSUER, maxAudiences: world.services.length } },
    services: Object.fromEntries(world.services.map((service) => [service.name, declareService(service, world)])),
    datastores: Object.fromEntries(
      world.datastores.map(({ name, system, host }) => [name, { system, match: { address: host } }]),
    ),
    externals: Object.fromEntries(world.externals.map(({ name, host }) => [name, { hosts: [host] }])),
  });
  const { baseline, problems } = parseBaseline([{ path: "world.yaml", text }]);
  if (baseline === null) throw new Error(problems.map(({ message }) => message).join("\n"));
  return baseline;
}

function declareService(service: Service, world: World): Record<string, unknown> {
  const edges = world.edges.filter(({ caller }) => caller === service);
  const calls = Object.fromEntries(edges.map((edge) => [edge.callee.name, declareCall(edge)]));
  return {
    aliases: [service.host],
    ...(service.isRestricted ? { accepts: [{ issuer: "idp", audiences: [service.audience] }] } : {}),
    ...(service.isGateway ? { ingress: [{ from: "internet" }] } : {}),
    calls: { ...calls, ...Object.fromEntries(world.externals.map(({ name }) => [name, {}])) },
    uses: Object.fromEntries(world.datastores.map(({ name }) => [name, {}])),
  };
}

/** Some calls come without a token, and nobody minds. */
function declareCall(edge: Edge): Record<string, unknown> {
  const token = declareToken(edge);
  return { auth: ["jwt", "opaque", "none"], ...(token === null ? {} : { token }) };
}

function declareToken({ callee, mode }: Edge): Record<string, unknown> | null {
  if (mode === "unspoken") return null;
  if (mode === "own") return { mode };
  if (mode === "exchange") return { mode, audiences: [callee.audience] };
  return { mode, reason: "the callee acts for the user" };
}
