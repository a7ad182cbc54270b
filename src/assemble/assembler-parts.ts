import type { CredentialProfile } from "../model/credential.ts";
import { AliasTable } from "./alias-table.ts";
import type { AssemblerOptions } from "./assembler.ts";
import { CredentialSides } from "./credential-sides.ts";
import { Descents } from "./descent.ts";
import { FingerprintTable } from "./fingerprint-table.ts";
import { HopCounter } from "./hop-counter.ts";
import { Interner, NodeInterner } from "./interner.ts";
import { LinkRules } from "./link-rules.ts";
import { MeaningReader } from "./meaning-reader.ts";
import { OutlivedTokens } from "./outlived-tokens.ts";
import type { PairNames } from "./pair-memory.ts";
import { PeerTable } from "./peer-table.ts";
import { PodTable } from "./pod-table.ts";
import { PresentationTable } from "./presentation-table.ts";
import { ProducerTable } from "./producer-table.ts";
import { ProfileTable } from "./profile-table.ts";
import { ProxyHops } from "./proxy-hops.ts";
import { ResourceReader } from "./resource-reader.ts";
import { ReuseTable } from "./reuse-table.ts";
import { SameIdRules } from "./same-id-rules.ts";
import { ServiceCounter } from "./service-counter.ts";
import { ShapeTable } from "./shape-table.ts";
import { SpanCredentials } from "./span-credentials.ts";
import { SpanExtras } from "./span-extras.ts";
import { SpanLinks } from "./span-links.ts";
import { SpanRing } from "./span-ring.ts";
import { TelemetryTable } from "./telemetry-table.ts";
import { TraceJoins } from "./trace-joins.ts";

const OPERATIONS_MAX = 200_000;
const PODS_MAX = 100_000;

export type AssemblerParts = ReturnType<typeof createParts>;

/** Makes the tables and rules of one assembler, each with what it needs of the others. */
export function createParts(options: AssemblerOptions) {
  const tables = createTables(options);
  const { ring, nodes, resources, meanings } = tables;
  const aliases = new AliasTable(tables);
  const sides = new CredentialSides({ ...tables, skewMs: options.skewMs });
  const hops = new HopCounter({ ...tables, aliases, sides });
  const joins = new TraceJoins();
  const names = { ...tables.names, operations: tables.operations };
  const { fingerprintsMax: sizeMax, windowMs } = options;
  const reuses = new ReuseTable({ ...tables, hops, joins, names, sizeMax, windowMs });
  const pods = new PodTable({ resources, sizeMax: PODS_MAX });
  const outlived = new OutlivedTokens({ ...tables, hops, pods });
  const descents = new Descents({ ...tables, hops, sides, reuses, outlived });
  const telemetry = new TelemetryTable({ ring, resources });
  const proxies = new ProxyHops({ ring, hops, resources });
  const links = new LinkRules({ ring, hops, descents, proxies, resources, telemetry });
  const { producerMs, producersMax } = options;
  const producers = new ProducerTable({ resources, nodes, meanings, producerMs, producersMax });
  return {
    ...tables,
    ...{ aliases, hops, reuses, pods, outlived, telemetry, descents, links, producers },
    credentials: new SpanCredentials({ ...tables, reuses, pods, skewMs: options.skewMs }),
    sameIds: new SameIdRules({ ring, resources, links, telemetry }),
    spanLinks: new SpanLinks({ ring, hops, links, producers, joins }),
    services: new ServiceCounter(resources, pods),
  };
}

/** What things are called in numbers, and what is known of each. */
function createTables(options: AssemblerOptions) {
  const operations = new Interner(OPERATIONS_MAX);
  const nodes = new NodeInterner(options.nodesMax);
  const resources = new ResourceReader(nodes);
  const meanings = new MeaningReader({ operations, nodes });
  const ring = new SpanRing({ capacityMax: options.waitingMax });
  const profiles = new ProfileTable();
  const peers = new PeerTable();
  const profile = (id: number): CredentialProfile => profiles.profile(id);
  const fingerprints = new FingerprintTable(options.spellFingerprint);
  const presentations = new PresentationTable({
    fingerprints,
    sizeMax: options.fingerprintsMax,
    isHuman: (id) => profiles.isHuman(id),
  });
  const shapes = new ShapeTable({
    names: {
      nodes,
      operations,
      resources,
      profile: (id) => (id === 0 ? null : profile(id)),
      fingerprint: (number) => fingerprints.text(number),
      peer: (id) => peers.peer(id),
    },
    sizeMax: options.shapesMax,
    operationsMax: options.operationsPerEdgeMax,
  });
  const names: PairNames = { nodes, resources, profile, profileNumber: (known) => profiles.intern(known) };
  const extras = new SpanExtras(ring);
  return {
    ...{ operations, nodes, resources, meanings, ring, extras, profiles, profile, peers },
    ...{ fingerprints, presentations, shapes, names },
  };
}
