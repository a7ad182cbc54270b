import { parseBaseline } from "../../src/declare/parse-baseline.ts";
import { type Baseline, EMPTY_BASELINE } from "../../src/model/baseline.ts";
import type { CredentialProfile } from "../../src/model/credential.ts";
import type { GraphNode, Shape } from "../../src/model/graph.ts";
import type { SeenShape } from "../../src/model/store.ts";
import type { SurveyInput } from "../../src/reach/survey-input.ts";
import { credential, NOON_MS, relay, shape } from "../record/samples.ts";

/** A token of `client` for audiences from one issuer. */
export function tokenFor(audience: string, fields: Partial<CredentialProfile> = {}): CredentialProfile {
  return credential({ audiences: [audience], ...fields });
}

/** Hops of a shape between services, accepted unless said otherwise; names with a prefix are other nodes. */
export function call(
  path: `${string} -> ${string}`,
  profile: CredentialProfile | null = null,
  fields: Partial<Shape> & Partial<Omit<SeenShape, "shape">> = {},
): SeenShape {
  const [caller = "", callee = ""] = path.split(" -> ");
  const { count = 1, estimated = count, firstSeenMs = NOON_MS, lastSeenMs = NOON_MS, ...rest } = fields;
  const credentialSeenBy = profile === null ? null : "callee";
  const ends = { caller: nodeOf(caller), callee: nodeOf(callee), credential: profile, credentialSeenBy } as const;
  return { shape: shape({ ...ends, ...rest }), count, estimated, firstSeenMs, lastSeenMs };
}

function nodeOf(name: string): GraphNode {
  if (name.startsWith("db:")) return { kind: "datastore", name };
  if (name === "external" || name.includes(".")) return { kind: "external", name };
  return { kind: "service", name };
}

/** A relay of what `from` received to `to`. */
export function relayed(path: `${string} -> ${string}`, profile: CredentialProfile) {
  const [service = "", next = ""] = path.split(" -> ");
  return relay({ service, next: { kind: "service", name: next }, credential: profile });
}

/** What was seen, without a baseline unless there is one. */
export function inputOf(shapes: readonly SeenShape[], fields: Partial<SurveyInput> = {}): SurveyInput {
  return { baseline: EMPTY_BASELINE, shapes, relays: [], tokens: [], attested: new Set(), nowMs: NOON_MS, ...fields };
}

/** The baseline of YAML without its header. */
export function baselineOf(yaml: string): Baseline {
  const text = `apiVersion: trustdrift/v1\nkind: Baseline\n${yaml}`;
  const { baseline, problems } = parseBaseline([{ path: "shop.yaml", text }]);
  if (baseline === null) throw new Error(problems.map(({ message }) => message).join("\n"));
  return baseline;
}
