import { parseBaseline } from "../../src/declare/parse-baseline.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import { SCOPES, USER } from "./tokens.ts";
import type { Edge, Service, World } from "./world.ts";

/** Whom the tokens of a world are from. */
export const ISSUER = "https://id.example";

const OPERATIONS = ["GET /r1", "POST /r*", "rpc:shop.v1.Api/*", "publish:placed", "publish:mails"];

/** What the owners in a world declare: all its edges, and in honest ones whatever else they know. */
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
    ...(world.manner === "honest" ? declareMore(world) : {}),
    externals: Object.fromEntries(world.externals.map(({ name, host }) => [name, { hosts: [host] }])),
  });
  const { baseline, problems } = parseBaseline([{ path: "world.yaml", text }]);
  if (baseline === null) throw new Error(problems.map(({ message }) => message).join("\n"));
  return baseline;
}

/** What owners say who are thorough: the more is declared, the more could be mistaken for drift. */
function declareMore({ environments, services }: World): Record<string, unknown> {
  const named = environments.filter((name) => name !== "default");
  const identities = services.map(({ name, shortName }) => {
    const where = named.length === 0 ? {} : { environments: named };
    return [shortName, { issuer: "idp", client: name, usedBy: [name], ...where }];
  });
  return {
    ...(named.length === 0 ? {} : { environments: Object.fromEntries(named.map((name) => [name, {}])) }),
    identities: { ...Object.fromEntries(identities), people: { issuer: "idp", client: USER, human: true } },
  };
}

function declareService(service: Service, world: World): Record<string, unknown> {
  const edges = world.edges.filter(({ caller }) => caller === service);
  const topics = world.topics.map(({ name }) => name);
  const calls = Object.fromEntries(
    edges.map((edge) => [
      edge.callee.name,
      { ...declareCall(edge), ...(world.manner === "honest" ? { operations: OPERATIONS } : {}) },
    ]),
  );
  return {
    aliases: [service.host],
    ...(service.isRestricted ? { accepts: [declareAccepted(service, world)] } : {}),
    ...(service.trait === null ? {} : { traits: [service.trait] }),
    ...(world.manner === "honest"
      ? { publishes: topics, consumes: topics, callers: declareCallers(service, world) }
      : {}),
    ...(service.isGateway ? { ingress: [{ from: "internet" }] } : {}),
    calls: { ...calls, ...Object.fromEntries(world.externals.map(({ name }) => [name, {}])) },
    uses: Object.fromEntries(world.datastores.map(({ name }) => [name, {}])),
  };
}

/** Those that declare the call, and the app that says its name. */
function declareCallers(service: Service, { edges }: World): readonly string[] {
  return ["mobile", ...edges.filter(({ callee }) => callee === service).map(({ caller }) => caller.name)];
}

function declareAccepted({ audience }: Service, { manner }: World): Record<string, unknown> {
  const scopes = { required: [SCOPES[0]], allowed: SCOPES.slice(1) };
  return { issuer: "idp", audiences: [audience], ...(manner === "honest" ? { scopes } : {}) };
}

/** Some calls come without a token, and nobody minds. */
function declareCall(edge: Edge): Record<string, unknown> {
  const token = declareToken(edge);
  return { auth: ["jwt", "opaque", "none"], ...(token === null ? {} : { token }) };
}

function declareToken({ callee, mode, hopsMax }: Edge): Record<string, unknown> | null {
  if (mode === "unspoken") return null;
  if (mode === "own") return { mode };
  if (mode === "exchange") return { mode, audiences: [callee.audience] };
  return { mode, reason: "the callee acts for the user", ...(hopsMax === 1 ? {} : { maxHops: hopsMax }) };
}
