import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatProblem } from "../../src/declare/format-problem.ts";
import { type ParsedBaseline, parseBaseline } from "../../src/declare/parse-baseline.ts";
import { type Baseline, EMPTY_BASELINE } from "../../src/model/baseline.ts";

const HEADER = "apiVersion: trustdrift/v1\nkind: Baseline\n";

/** Parses `lines` below a valid two-line header: the first of them is line 3. */
function parse(...lines: readonly string[]): ParsedBaseline {
  return parseBaseline([{ path: "b.yaml", text: `${HEADER}${lines.join("\n")}\n` }]);
}

function checkProblems(lines: readonly string[], expected: readonly string[]): void {
  const { baseline, problems } = parse(...lines);
  expect(problems.map(formatProblem)).toEqual(expected);
  expect(baseline === null).toBe(expected.some((line) => line.includes(": error ")));
}

/** The baseline of lines that hold no error. */
function load(...lines: readonly string[]): Baseline {
  const { baseline, problems } = parse(...lines);
  if (baseline === null) throw new Error(problems.map(formatProblem).join("\n"));
  return baseline;
}

test("no files are the empty baseline", () => {
  expect(parseBaseline([])).toEqual({ baseline: EMPTY_BASELINE, problems: [] });
});

test("the reference's example loads without a doubt and means what it says", () => {
  const reference = readFileSync("baselines/README.md", "utf8");
  const text = /```yaml\n(.*?)```/su.exec(reference)?.[1] ?? "";
  const { baseline, problems } = parseBaseline([{ path: "books.yaml", text }]);
  expect(problems).toEqual([]);
  expect(baseline).toMatchObject({
    files: ["books.yaml"],
    namespace: "books",
    internal: { hosts: [{ text: "*.svc.cluster.local" }], cidrs: ["10.0.0.0/8"], probes: [{ text: "GET /healthz" }] },
    forbidden: [
      {
        position: { file: "books.yaml", line: 74, column: 5 },
        caller: { text: "books/web" },
        callee: { text: "books/billing" },
        reason: "money moves through orders only",
      },
    ],
  });
  expect(baseline?.revision).toMatch(/^[0-9a-f]{12}$/u);
  expect([...(baseline?.services.keys() ?? [])]).toEqual([
    "books/web",
    "books/catalog",
    "books/orders",
    "books/billing",
    "books/mailer",
  ]);
  expect(baseline?.services.get("books/orders")).toMatchObject({
    owner: "team-store",
    criticality: "high",
    accepts: [{ issuer: "login", audiences: [{ text: "https://orders.books.example" }] }],
    acceptsPosition: { line: 40, column: 5 },
    callers: [{ text: "books/web" }],
    callersPosition: { line: 42, column: 5 },
    calls: [
      {
        position: { line: 44, column: 7 },
        callee: { text: "books/billing" },
        operations: [{ text: "rpc:billing.v1.Billing/*" }],
        token: { position: { line: 46, column: 9 }, mode: "exchange", maxHops: 1, reason: null },
      },
      { callee: { text: "books/mailer" }, operations: [{ text: "publish:orders.placed" }], token: null },
    ],
  });
  expect(baseline?.services.get("books/catalog")).toMatchObject({
    accepts: null,
    callers: null,
    aliases: ["book-catalog", "books/book-catalog"],
    uses: new Map([["catalog-db", { position: { line: 35 }, access: ["read"], collections: ["books", "authors"] }]]),
  });
  expect(baseline?.services.get("books/mailer")?.accepts).toEqual([]);
  expect(baseline?.services.get("books/billing")?.calls[0]?.callee.text).toBe("card-payments");
  expect(baseline?.issuers.get("login")?.identifiers).toEqual([
    "https://login.books.example",
    "https://old-login.books.example",
  ]);
  expect(baseline?.datastores.get("catalog-db")).toMatchObject({ service: "books/catalog", system: "postgresql" });
  expect(baseline?.externals.get("card-payments")?.hosts.map(({ text: host }) => host)).toEqual([
    "api.cards.example",
    "*.cards.example",
  ]);
  expect(baseline?.owners.get("team-store")).toEqual({ contact: "store@books.example" });
});

test("a service, a call, an owner may be empty", () => {
  const { services, owners } = load(
    "services:",
    "  a:",
    "    calls: {b: {}, c: }",
    "  b: {}",
    "  c: {uses: {d: }}",
    "owners: {o: }",
  );
  expect([...services.keys()]).toEqual(["a", "b", "c"]);
  expect(services.get("a")?.calls.map(({ callee, operations, token }) => [callee.text, operations, token])).toEqual([
    ["b", null, null],
    ["c", null, null],
  ]);
  expect(services.get("b")).toMatchObject({ owner: null, criticality: "medium", accepts: null, uses: new Map() });
  expect(services.get("c")?.uses.get("d")).toMatchObject({ access: ["read", "write"], collections: null });
  expect(owners.get("o")).toEqual({ contact: null });
});

test("names that are special to JavaScript or YAML are names like any other", () => {
  const names = ["__proto__", "constructor", "null", "1.0", "yes", "~", "0x10", "ключ"];
  const { services } = load("services:", ...names.map((name) => `  ${name}: {}`), '  "<<": {}');
  expect([...services.keys()]).toEqual([...names, "<<"]);
});

test("an unqualified name takes its own file's namespace, unless it is an external, a datastore or crosses them", () => {
  const shop = `${HEADER}settings: {namespace: shop}
services:
  cart: {callers: [web, "mobile-*", other/x, "**"], calls: {bank: {}, pay: {}, other/x: {}, db: {}}}
  pay: {}
  web: {}
datastores: {db: {service: cart}}
externals: {bank: {hosts: [bank.example]}}
forbidden: [{match: {caller: "**", callee: cart}, reason: r}]
`;
  const other = `${HEADER}settings: {namespace: other}\nservices: {x: {calls: {y: {}, shop/cart: {}}}, y: {}}\n`;
  const { baseline } = parseBaseline([
    { path: "2.yaml", text: other },
    { path: "1.yaml", text: shop },
  ]);
  const callees = (name: string) => baseline?.services.get(name)?.calls.map(({ callee }) => callee.text);
  expect(baseline?.namespace).toBe("shop");
  expect(callees("shop/cart")).toEqual(["bank", "shop/pay", "other/x", "db"]);
  expect(callees("other/x")).toEqual(["other/y", "shop/cart"]);
  expect(baseline?.services.get("shop/cart")?.callers?.map(({ text }) => text)).toEqual([
    "shop/web",
    "shop/mobile-*",
    "other/x",
    "**",
  ]);
  expect(baseline?.datastores.get("db")?.service).toBe("shop/cart");
  expect(baseline?.forbidden.map(({ caller, callee }) => [caller.text, callee.text])).toEqual([["**", "shop/cart"]]);
});

test("an alias of a service means the service wherever a name stands", () => {
  const { services, forbidden } = load(
    "services: {a: {calls: {bee: {}}}, b: {aliases: [bee]}, c: {}}",
    "forbidden: [{match: {caller: c, callee: bee}, reason: r}]",
  );
  expect(services.get("a")?.calls[0]?.callee.text).toBe("b");
  expect(forbidden[0]?.callee.text).toBe("b");
});

test("YAML aliases stand for the block they name", () => {
  const { services } = load("services:", "  a: {calls: {b: &t {operations: [GET /x]}, c: *t}}", "  b:", "  c:");
  expect(services.get("a")?.calls.map(({ operations }) => operations?.[0]?.text)).toEqual(["GET /x", "GET /x"]);
});

test("the revision follows every path and text, and not the order of the files", () => {
  const a = { path: "a.yaml", text: HEADER };
  const b = { path: "b.yaml", text: `${HEADER}services: {x: {}}\n` };
  const revision = (...files: readonly (typeof a)[]) => parseBaseline(files).baseline?.revision;
  expect(revision(a, b)).toBe(revision(b, a));
  expect(new Set([revision(a, b), revision(a), revision({ ...a, path: "c.yaml" }), revision(b)]).size).toBe(4);
});

test("a service in two files is an error that names both places", () => {
  const text = `${HEADER}services:\n  cart: {}\n`;
  const { baseline, problems } = parseBaseline([
    { path: "b.yaml", text },
    { path: "a.yaml", text },
  ]);
  expect(baseline).toBeNull();
  expect(problems.map(formatProblem)).toEqual([
    'b.yaml:4:3: error BL010 service "cart" is declared twice, first at a.yaml:4:3',
  ]);
});

test("all problems of all files are reported, and a file that is not YAML casts no doubt on the others", () => {
  const { problems } = parseBaseline([
    { path: "b.yaml", text: `${HEADER}services: {a: {ownr: x, calls: {elsewhere: {}}, criticality: top}}\n` },
    { path: "a.yaml", text: "services: [\n" },
  ]);
  expect(problems.map(({ code, position }) => `${position.file}:${position.line}:${position.column} ${code}`)).toEqual([
    "a.yaml:2:1 BL001",
    "b.yaml:3:16 BL003",
    "b.yaml:3:62 BL006",
  ]);
});

test("columns count characters in files with Windows line ends and a byte order mark too", () => {
  const marked = "\uFEFFapiVersio: x\r\napiVersion: trustdrift/v1\r\nkind: Baseline\r\n";
  expect(parseBaseline([{ path: "b.yaml", text: marked }]).problems.map(({ position }) => position)).toEqual([
    { file: "b.yaml", line: 1, column: 1 },
  ]);
  const text = "apiVersion: trustdrift/v1\r\nkind: Baseline\r\nservices:\r\n  a: {nope: 1}\r\n";
  expect(parseBaseline([{ path: "b.yaml", text }]).problems.map(formatProblem)).toEqual([
    'b.yaml:4:7: error BL003 unknown key "nope" in "a"',
  ]);
});

test("random text, however broken, is a baseline or a list of problems", () => {
  const fragment = fc.constantFrom(
    "a: ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&x ",
    "*x",
    "\n",
    "  ",
    "!!t ",
    '"',
    "services",
    "? ",
  );
  const broken = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fragment, { maxLength: 60 }).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(broken, fc.boolean(), (text, isBelowHeader) => {
      const { baseline, problems } = parseBaseline([{ path: "r.yaml", text: isBelowHeader ? HEADER + text : text }]);
      const hasError = problems.some(({ level }) => level === "error");
      expect(baseline === null).toBe(hasError);
      expect(problems.every(({ position }) => position.line >= 1 && position.column >= 1)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("a key that stands twice in any map is always reported, where it stands the second time", () => {
  const places = [
    "",
    "services: ",
    "services: {a: {calls: ",
    "owners: ",
    "forbidden: [{match: ",
    "unknown: [",
    "settings: ",
  ];
  const key = fc.constantFrom("x", "owner", "__proto__", "1.0", "null", "namespace", "caller");
  fc.assert(
    fc.property(fc.constantFrom(...places), key, fc.boolean(), (place, name, isQuoted) => {
      const closing = [...place.matchAll(/[{[]/gu)].reverse().map(([open]) => (open === "{" ? "}" : "]"));
      const start = `${HEADER}x: {${place}{${name}: {}, `.replace(/x: \{$/u, "");
      const text = `${start}${isQuoted ? `"${name}"` : name}: {}}${closing.join("")}}\n`;
      const found = parseBaseline([{ path: "d.yaml", text }]).problems.filter(({ code }) => code === "BL002");
      const column = start.length - start.lastIndexOf("\n");
      expect(found.map(({ position }) => [position.line, position.column])).toEqual([[3, column]]);
    }),
  );
});

test("aliases that would unfold into a flood are an error, and quick", () => {
  const calls = Array.from({ length: 1100 }, (_, index) => `s${index}: {calls: *all}`);
  const { baseline, problems } = parse(`services: {first: {calls: &all {x: {}}}, ${calls.join(", ")}}`);
  expect(baseline).toBeNull();
  expect(problems.filter(({ level }) => level === "error").map(({ code }) => code)).toEqual(["BL008"]);
});

const MATCH = "match: {rule: undeclared-call, caller: s}";

/** One exception with what is not the point of any test. */
function exception(body: string, end = 'expires: "2026-02-01"'): string {
  return `owners: {o: }\nexceptions: [‸{id: e, reason: r, owner: o, ${body}${end === "" ? "" : `, ${end}`}}]`;
}

/** A call with a token for `audience`; the callee accepts some. */
function exchange(audience: string): string {
  const accepts = 'accepts: [{issuer: i, audiences: [aud-t, "x-*"]}]';
  return `issuers: {i: {iss: x, audienceAliases: {aud-t: [guid]}}}
services: {s: {calls: {t: {‸token: {mode: exchange, audiences: [${audience}]}}}}, t: {${accepts}}}`;
}

/** The one service `s`, beside a service `t`. */
function service(body: string): string {
  return `services: {s: {${body}}, t: {}}`;
}

/** Each ‸ marks a place where a problem is due; `codes` are the problems in that order. */
test.each<[what: string, drawn: string, codes: string]>([
  ["a syntax error", "services: ‸a: x", "BL001"],
  ["a tab as indentation", "services:\n‸\ta: {}", "BL001"],
  ["a tag", "services: ‸!mine {}", "BL001"],
  ["a merge key", "services:\n  ‸<<: {}", "BL001"],
  ["a second document", "‸---\na: 1", "BL001"],
  ["an alias without its anchor", "services: ‸*gone", "BL001"],
  ["a duplicate key", "services:\n  a: {}\n  b: {}\n  ‸a: {}", "BL002"],
  ["an unknown key", "‸servces: {}", "BL003"],
  ["a list where a map is due", "services: ‸[]", "BL004"],
  ["a number where a name is due", service("owner: ‸12"), "BL004"],
  ["a text where a list is due", service("callers: ‸web"), "BL004"],
  ["nothing where a list is due", "services:\n  s:\n    ‸accepts:", "BL004"],
  ["a fraction where a count is due", service("calls: {t: {token: {maxHops: ‸0.5}}}"), "BL004"],
  ["a missing key of a list's entry", service('accepts: [‸{issuer: "https://x"}]'), "BL005"],
  ["a forbidden call without a reason", "forbidden: [‸{match: {caller: '*', callee: '*'}}]", "BL005"],
  ["a wrong word", service("criticality: ‸hihg"), "BL006"],
  ["a range that is none", "internal: {cidrs: [‸10.0.0.1]}", "BL006"],
  ["an empty name", 'services: {‸"": {}}', "BL007"],
  ["an empty entry", service('aliases: [‸""]'), "BL007"],
  ["a map as key", "services: {? ‸[a] : {}}", "BL007"],
  ["a credential", `services: {}\n‸# ghp_${"0123456789".repeat(3)}`, "BL009"],
  ["one callee in two spellings", `settings: {namespace: n}\n${service("calls: {t: {}, ‸n/t: {}}")}`, "BL010"],
  ["an alias of two services", "services: {a: {aliases: [x]}, b: {‸aliases: [x]}}", "BL011"],
  ["an alias that is a service", "services: {a: {‸aliases: [b]}, b: {}}", "BL011"],
  ["passthrough without a reason", service("calls: {t: {‸token: {mode: passthrough}}}"), "BL012"],
  ["exchange without audiences", service("calls: {t: {‸token: {mode: exchange}}}"), "BL013"],
  ["an unknown owner", "services: {‸s: {owner: nobody}}", "BL020"],
  ["an unknown issuer", service("accepts: [‸{issuer: who, audiences: []}]"), "BL021"],
  ["an issuer by its URL", service('accepts: [{issuer: "https://who", audiences: []}]'), ""],
  ["an unknown callee", service("calls: {‸x: {}}"), "BL022"],
  ["an unknown name in a forbidden call", "forbidden: [‸{match: {caller: '*', callee: x}, reason: r}]", "BL022"],
  ["an unknown owner of a datastore", "datastores: {‸d: {service: x}}", "BL022"],
  ["an unknown datastore", service("uses: {‸d: {}}"), "BL023"],
  ["a call the callee refuses", "services: {s: {calls: {‸t: {}}}, t: {callers: [u]}}", "BL024"],
  [
    "a call declared and forbidden",
    `${service("calls: {‸t: {}}")}\nforbidden: [{match: {caller: "*", callee: t}, reason: r}]`,
    "BL025",
  ],
  [
    "a pattern for everything on a critical service",
    service('criticality: critical, calls: {‸"*": {}, ‸t: {operations: ["* /**"]}}'),
    "BL026 BL026",
  ],
  [
    "a public pattern for everything on a critical service",
    `services: {‸s: {criticality: critical, public: ["* /**"]}}`,
    "BL026",
  ],
  ["a narrow pattern on a critical service", service('criticality: critical, callers: ["mobile-*"]'), ""],
  ["an exception from no rule", exception("match: {rule: undeclared-cal, caller: s}"), "BL014"],
  ["an exception for nobody", exception("match: {rule: undeclared-call}"), "BL015"],
  ["an exception for everybody", exception("match: {rule: undeclared-call, caller: '**', callee: '*'}"), "BL015"],
  [
    "an exception for somebody",
    exception("match: {rule: undeclared-call, caller: '**', callee: s}").replace("‸", ""),
    "",
  ],
  ["an exception without an end", exception("match: {rule: undeclared-call, caller: s}", ""), "BL005"],
  [
    "two exceptions of one id",
    exception(
      `${MATCH}, expires: "2026-02-01"}, ‸{id: e, reason: r, owner: o, ${MATCH}`,
      `expires: "2026-02-01"`,
    ).replace("‸", ""),
    "BL010",
  ],
  ["an exception that is too long", exception(`created: "2026-01-01", ${MATCH}`, 'expires: "2026-04-02"'), "BL027"],
  [
    "an exception of 90 days",
    exception(`created: "2026-01-01", ${MATCH}`, 'expires: "2026-04-01"').replace("‸", ""),
    "",
  ],
  [
    "an exception for an environment nobody knows",
    `environments: {prod: }\n${exception(`environments: [prd], ${MATCH}`)}`,
    "BL029",
  ],
  ["an exception of nobody's", `exceptions: [‸{id: e, reason: r, owner: x, expires: "2026-02-01", ${MATCH}}]`, "BL020"],
  ["an identity without a mark", "identities: {‸i: {human: true}}", "BL016"],
  ["an identity by its key", "identities: {i: {key: AKIA1}}", ""],
  ["a successor that is not there", "identities: {‸i: {client: c, successor: j}}", "BL017"],
  ["a successor of itself", "identities: {‸i: {client: c, successor: i}}", "BL017"],
  ["a successor", "identities: {i: {client: c, successor: j}, j: {client: d}}", ""],
  ["an identity of an unknown issuer", "identities: {‸i: {client: c, issuer: who}}", "BL021"],
  ["an identity of an unknown service", "identities: {‸i: {client: c, usedBy: [who]}}", "BL022"],
  [
    "an identity of an unknown environment",
    "environments: {prod: }\nidentities: {‸i: {client: c, environments: [qa]}}",
    "BL029",
  ],
  ["an identity's environment where none is named", "identities: {i: {client: c, environments: [qa]}}", ""],
  ["retirement without a day", service("‸lifecycle: {state: retired}"), "BL018"],
  ["learning without an end", service('‸lifecycle: {state: learning, since: "2026-01-01"}'), "BL018"],
  ["consent that the callee cannot give", `settings: {consent: both}\n${service("calls: {‸t: {}}")}`, "BL019"],
  ["consent given", "settings: {consent: both}\nservices: {s: {calls: {t: {}}}, t: {callers: [s]}}", ""],
  ["an unknown issuer of an external", "externals: {‸x: {hosts: [x.example], tokenIssuers: [who]}}", "BL021"],
  ["an unknown reader", "datastores: {‸d: {readers: [who, 'report-*']}}", "BL022"],
  ["an unknown owner of a destination", "destinations: {‸d: {service: who}}", "BL022"],
  ["an unknown destination", 'services: {‸s: {publishes: [t, "a.*"], consumes: [u]}}\ndestinations: {u: {}}', "BL030"],
  ["an exchange for nothing", service("calls: {t: {‸token: {mode: exchange, audiences: []}}}"), "BL013"],
  ["an exchange that the callee refuses", exchange("aud-s"), "BL031"],
  ["an exchange that the callee accepts", exchange("aud-t").replace("‸", ""), ""],
  ["an exchange that it accepts by a pattern", exchange("x-any").replace("‸", ""), ""],
  ["an exchange that it accepts under another name", exchange("guid").replace("‸", ""), ""],
  ["a write to another's datastore", `${service("uses: {‸d: {}}")}\ndatastores: {d: {service: t}}`, "BL032"],
  ["a read of another's datastore", `${service("uses: {d: {access: [read]}}")}\ndatastores: {d: {service: t}}`, ""],
  [
    "a write to a shared datastore",
    `${service("uses: {d: {}}")}\ndatastores: {d: {service: t, shared: {reason: r}}}`,
    "",
  ],
  [
    "a call to a retired service",
    'services: {s: {calls: {‸t: {}}}, t: {lifecycle: {state: retired, since: "2026-01-01"}}}',
    "BL033",
  ],
  ["a rewriting of every name", 'normalize: [‸{match: "{a}-{b}", to: "{a}"}]', "BL040"],
  ["a type that is none", 'normalize: [‸{match: "{a:number}", to: a}]', "BL040"],
  ["an unknown capture", 'normalize: [‸{match: "x-{n:int}", to: "{m}"}]', "BL040"],
  ["a pattern where a capture is due", 'normalize: [‸{match: "x-*", to: x}]', "BL040"],
  ["captures that touch", 'normalize: [‸{match: "{a}{n:int}", to: "{a}"}]', "BL040"],
  ["a capture twice", 'normalize: [‸{match: "{n:int}-{n:int}", to: x}]', "BL040"],
  ["too many captures", 'normalize: [‸{match: "{a}-{b}-{c}-{d}-{n:int}", to: x}]', "BL040"],
  ["an include of nothing", "‸include: [teams/*.yaml]", "BL041"],
  ["an include of itself", "‸include: [b.yaml]", "BL041"],
  ["an include from outside", "‸‸include: [../b.yaml, /etc/b.yaml]", "BL042 BL042"],
  ["an audience alias of two", "issuers: {i: {iss: x, audienceAliases: {a: [g], ‸b: [g]}}}", "BL044"],
  ["an audience alias that is an audience", "issuers: {i: {iss: x, audienceAliases: {‸a: [b], b: []}}}", "BL044"],
  ["a subject of no claim", "issuers: {i: {iss: x, ‸subjectClaims: []}}", "BL045"],
  ["a subject of one claim twice", "issuers: {i: {iss: x, ‸subjectClaims: [sub, sub]}}", "BL045"],
  ["an issuer under two names", 'issuers: {i: {iss: "https://x"}, ‸j: {iss: "https://x/"}}', "BL046"],
  ["a sender of no known shape", 'senders: {a: {principal: ‸"agent", services: []}}', "BL006"],
  ["a sender without services", 'senders: {a: ‸{principal: "key:a"}}', "BL005"],
  ["a sender of an unknown service", 'senders: {‸a: {principal: "key:a", services: [web, "**"]}}', "BL022"],
  [
    "a principal twice",
    'senders: {a: {principal: "key:a", services: []}, ‸b: {principal: "key:a", services: []}}',
    "BL047",
  ],
])("%s is found where it stands", (_, drawn, codes) => {
  const { problems } = parse(drawn.replaceAll("‸", ""));
  const expected = codes.split(" ").filter((code) => code !== "");
  expect(problems.map(({ code }) => code)).toEqual(expected);
  expect(problems.map(({ position }) => `${position.line}:${position.column}`)).toEqual(markedPlaces(drawn));
});

function markedPlaces(drawn: string): readonly string[] {
  const headerLines = HEADER.split("\n").length - 1;
  return drawn.split("\n").flatMap((line, index) => {
    const pieces = line.split("‸").slice(0, -1);
    return pieces.map((_, mark) => `${headerLines + index + 1}:${pieces.slice(0, mark + 1).join("").length + 1}`);
  });
}

test("messages say what was expected, what stands there, and what was probably meant", () => {
  checkProblems(
    [service("calls: {t: {opertions: [GET /x]}}")],
    ['b.yaml:3:28: error BL003 unknown key "opertions" in "t"; did you mean "operations"?'],
  );
  checkProblems(
    [service("criticality: hihg")],
    [
      'b.yaml:3:29: error BL006 expected criticality to be "low" or "medium" or "high" or "critical", got "hihg"; did you mean "high"?',
    ],
  );
  checkProblems(
    [service("aliases: [7]")],
    ["b.yaml:3:26: error BL004 expected aliases[0] to be a string, got the number 7"],
  );
  checkProblems(
    ["owners: {team-cart: {}}", service("owner: team-crat")],
    ['b.yaml:4:12: warning BL020 no file declares owner "team-crat"; did you mean "team-cart"?'],
  );
});

test("what has ended is a warning from the day after, where somebody tells the time", () => {
  const text = `${HEADER}${`
owners: {o: }
services:
  s:
    calls: {t: {token: {mode: passthrough, reason: r, expires: "2026-02-01"}}}
    lifecycle: {state: learning, until: "2026-02-01"}
  t: {}
datastores: {d: {shared: {reason: r, expires: "2026-02-01"}}}
exceptions: [{id: e, reason: r, owner: o, match: {rule: undeclared-call, caller: s}, expires: "2026-02-01"}]`.trim()}`;
  const problems = (time: string | null) =>
    parseBaseline([{ path: "b.yaml", text }], time === null ? null : Date.parse(time)).problems.map(formatProblem);
  expect(problems(null)).toEqual([]);
  expect(problems("2026-02-01T23:59:59Z")).toEqual([]);
  expect(problems("2026-02-02T00:00:00Z")).toEqual([
    "b.yaml:6:17: warning BL028 the token mode ended on 2026-02-01",
    "b.yaml:7:5: warning BL028 learning ended on 2026-02-01",
    "b.yaml:9:26: warning BL028 the sharing ended on 2026-02-01",
    'b.yaml:10:14: warning BL028 exception "e" ended on 2026-02-01',
  ]);
  // Nobody wrote down when it began, so it is to last from today.
  expect(problems("2025-01-01T00:00:00Z")).toEqual([
    "b.yaml:10:14: warning BL027 it is to last 396 days, and at most 90 are allowed",
  ]);
});

test("a problem is one line, whatever the file is called or holds", () => {
  const { problems } = parseBaseline([{ path: "a\nb.yaml", text: `${HEADER}"\\e[2J": 1\nx: *a\u001b\n` }]);
  expect(problems.length).toBeGreaterThan(1);
  expect(problems.map(formatProblem).join("")).not.toMatch(/\p{Cc}/u);
});

test("a file says which format it is", () => {
  const { problems } = parseBaseline([
    { path: "a.yaml", text: "" },
    { path: "b.yaml", text: "apiVersion: trustdrift/v2\nkind: Baseline\n" },
  ]);
  expect(problems.map(formatProblem)).toEqual([
    'a.yaml:1:1: error BL005 missing key "apiVersion" in a baseline file',
    'a.yaml:1:1: error BL005 missing key "kind" in a baseline file',
    'b.yaml:1:13: error BL006 expected apiVersion to be "trustdrift/v1", got "trustdrift/v2"; did you mean "trustdrift/v1"?',
  ]);
});
