import type { Baseline } from "../model/baseline.ts";
import type { PostureRow, Weakness } from "../model/survey.ts";
import { isBound, isKnown } from "./credential-kind.ts";
import type { Door } from "./observe-posture.ts";

const LIFETIME_MAX_S = 3_600;
const AUDIENCES_MAX = 3;
/** Audiences that mean everybody. */
const EVERYBODY: ReadonlySet<string> = new Set(["*", "account", "api://default"]);

type Row = Pick<PostureRow, "service" | "hasRefusedAudience" | "scopes" | "mtls" | "lifetimeMaxS" | "audiences">;
type Seen = Door["seen"];

/** What a door lacks, by the calls that it accepted. */
export function weaknessesOf(row: Row, accepted: Seen, baseline: Baseline): readonly Weakness[] {
  if (accepted.length === 0) return [];
  const profiles = accepted.flatMap(({ profile }) => (profile === null ? [] : [profile]));
  const isMesh = baseline.settings.meshTls.some((glob) => glob.matches(row.service));
  const found: readonly (readonly [Weakness, boolean])[] = [
    ["no credential", profiles.some(({ quality }) => quality === "absent")],
    ["plaintext bearer", !isMesh && accepted.some(isPlaintextBearer)],
    ["static credential", profiles.some(({ format }) => format === "key" || format === "basic")],
    ["over-broad audience", profiles.some(isBroad)],
    ["long lifetime", (row.lifetimeMaxS ?? 0) > LIFETIME_MAX_S],
    ["changed in transit", accepted.some(({ shape }) => shape.isCredentialChanged)],
    ["never refused", row.audiences.length > 0 && !row.hasRefusedAudience],
    ["no scopes", row.audiences.length > 0 && row.scopes.length === 0],
    ["no mTLS", row.mtls === "never seen"],
  ];
  return found.flatMap(([weakness, isFound]) => (isFound ? [weakness] : []));
}

function isPlaintextBearer({ shape, profile }: Seen[number]): boolean {
  return shape.transport === "plaintext" && profile !== null && isKnown(profile) && !isBound(profile);
}

function isBroad({ audiences }: NonNullable<Seen[number]["profile"]>): boolean {
  return audiences !== null && (audiences.length > AUDIENCES_MAX || audiences.some((one) => EVERYBODY.has(one)));
}
