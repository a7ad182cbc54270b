import type { JudgementCase } from "../judgement-case.ts";

const sql = (service: string, statement: string, trace = 1): string =>
  `${service} C#1<9@${trace} {db.system.name=postgresql, server.address=db.prod, db.query.text=${statement}}`;
const READ = "SELECT * FROM items";
const WRITE = "UPDATE items SET";

/** Two services that say nothing of what they use, and a datastore. */
const plain = (datastore = ""): string => `
services: { a: {}, b: {} }
datastores: { db: { system: postgresql, ${datastore} } }
`;
const BOTH_READ = `${sql("a", READ)}; ${sql("b", READ, 2)}`;

/** Datastores that several services use. */
const SHARING: readonly JudgementCase[] = [
  {
    name: "one service uses a datastore and does not say so",
    baseline: plain(),
    trace: sql("a", READ),
    raises: ["undeclared-datastore"],
  },
  {
    name: "a declared service and one that nobody declares use one datastore",
    baseline: plain(),
    trace: `${sql("a", READ)}; ${sql("shadow", READ, 2)}`,
    raises: ["undeclared-datastore", "unknown-service"],
  },
  {
    name: "a service that nobody declares writes to a datastore that nobody owns",
    baseline: plain(),
    trace: sql("shadow", WRITE),
    raises: ["unknown-service"],
  },
  {
    name: "two services use a datastore that is declared as shared for good, and do not say so",
    baseline: plain("shared: { reason: one team }"),
    trace: BOTH_READ,
    raises: ["undeclared-datastore"],
  },
  {
    name: "two services use a datastore that was shared until yesterday, and do not say so",
    baseline: plain(`shared: { reason: move, expires: "2026-05-31" }`),
    trace: BOTH_READ,
    raises: ["shared-datastore-boundary", "undeclared-datastore"],
  },
  {
    name: "an owner and its reader use a datastore, and do not say so",
    baseline: plain("service: a, readers: [b]"),
    trace: BOTH_READ,
    raises: ["undeclared-datastore"],
  },
  {
    name: "an owner and somebody who is no reader use a datastore, and do not say so",
    baseline: plain("service: a, readers: [c]").replace("b: {}", "b: {}, c: {}"),
    trace: BOTH_READ,
    raises: ["shared-datastore-boundary", "undeclared-datastore"],
  },
  {
    name: "two readers use a datastore, and do not say so",
    baseline: plain("readers: [a, b]"),
    trace: BOTH_READ,
    raises: ["undeclared-datastore"],
  },
];

const used = (use: string, datastore: string): string => `
services:
  a: {}
  orders: { uses: { db: { ${use} } } }
datastores: { db: { system: postgresql, ${datastore} } }
`;

/** What services do with datastores that they declare. */
const ACCESS: readonly JudgementCase[] = [
  {
    name: "a service writes to a datastore that nobody owns",
    baseline: used("", ""),
    trace: sql("orders", WRITE),
    raises: [],
  },
  {
    name: "a service writes to a datastore that nobody declares",
    baseline: used("", "").replace("system: postgresql,", "system: redis,"),
    trace: sql("orders", WRITE),
    raises: ["undeclared-datastore"],
  },
  {
    name: "a service writes to another one's datastore, which is shared for good",
    baseline: used("", "service: a, shared: { reason: one team }"),
    trace: sql("orders", WRITE),
    raises: [],
  },
  {
    name: "a service reads from another one's datastore, as it declares",
    baseline: used("access: [read]", "service: a"),
    trace: sql("orders", READ),
    raises: [],
  },
  {
    name: "a service does something to a datastore of which no span says with which collection",
    baseline: used("collections: [items]", ""),
    trace: "orders C#1<9 {db.system.name=postgresql, server.address=db.prod, db.operation.name=SELECT}",
    raises: [],
  },
  {
    name: "a service touches one collection that it declares, by another case and without the schema",
    baseline: used("collections: [public.items, other]", ""),
    trace: sql("orders", "SELECT * FROM Items"),
    raises: [],
  },
  {
    name: "a service touches a collection of another schema",
    baseline: used("collections: [public.items]", ""),
    trace: sql("orders", "SELECT * FROM audit.items"),
    raises: ["undeclared-datastore-access"],
  },
  {
    name: "one of two entries covers a use, and only to read",
    baseline: used("access: [read]", `match: { address: "db.*" } }, archive: { match: { address: "db.*" }`),
    trace: sql("orders", WRITE),
    raises: ["undeclared-datastore-access"],
  },
  {
    name: "the second of two entries covers a use, and only to read",
    baseline: used("access: [read]", `match: { address: "db.*" } }, archive: { match: { address: "db.*" }`).replace(
      "uses: { db:",
      "uses: { archive:",
    ),
    trace: sql("orders", WRITE),
    raises: ["undeclared-datastore-access"],
  },
];

const topics = (fields: string): string => `services: { orders: { ${fields} }, mail: {} }`;
const publish = (service: string, rest = ""): string =>
  `${service} P#1<9 {messaging.system=kafka, messaging.destination.name=orders.created${rest}}`;

/** What services publish and consume. */
const DESTINATIONS: readonly JudgementCase[] = [
  {
    name: "a service that says nothing of what it publishes",
    baseline: topics("consumes: [orders.paid]"),
    trace: publish("orders"),
    raises: [],
  },
  {
    name: "a service that is to publish nothing",
    baseline: topics("publishes: []"),
    trace: publish("orders"),
    raises: ["undeclared-destination"],
  },
  {
    name: "a service publishes to a queue that is made for one answer",
    baseline: topics("publishes: []"),
    trace: publish("orders", ", messaging.destination.temporary=true"),
    raises: [],
  },
  {
    name: "a service that nobody declares publishes",
    baseline: topics("publishes: []"),
    trace: publish("shadow"),
    raises: [],
  },
];

/** Who uses which data. */
export const STORE_CASES: readonly JudgementCase[] = [...SHARING, ...ACCESS, ...DESTINATIONS];
