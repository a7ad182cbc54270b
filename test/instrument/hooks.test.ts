import type { IncomingMessage } from "node:http";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { expect, test } from "vitest";
import { credentialHooks, withCredentialFacts } from "../../instrument/instrument.ts";
import { recordingSpan } from "./recording-span.ts";

const PRESENT = "trustdrift.credential.authorization.present";
const FINGERPRINT = "trustdrift.credential.authorization.fingerprint";
const BEARER = "Bearer 7Fjfp0ZBr1KtDRbnfVdmIw_opaque_token";

test("hooks that an application has keep running, and their errors keep nothing from being told", () => {
  const seen: string[] = [];
  const http = new HttpInstrumentation({
    enabled: false,
    requestHook: () => {
      seen.push("mine");
      throw new Error("a bug of the application");
    },
    requireParentforOutgoingSpans: true,
  });
  expect(withCredentialFacts([[http]])).toEqual([http]);
  const span = recordingSpan();
  const incoming = { headersDistinct: { authorization: [BEARER] }, url: "/", socket: {} };
  http.getConfig().requestHook?.(span, incoming as unknown as IncomingMessage);
  expect(seen).toEqual(["mine"]);
  expect(span.attributes).toMatchObject({ [PRESENT]: true });
  expect(http.getConfig().requireParentforOutgoingSpans).toBe(true);
});

test("a hook that meets what it does not know tells less, and does not throw", () => {
  const { http, undici } = credentialHooks();
  const span = recordingSpan();
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
      has: () => true,
    },
  );
  http.requestHook(span, hostile as IncomingMessage);
  undici.requestHook(span, hostile as never);
  expect(span.attributes).toEqual({});
});

test.each([
  ["undici 5 gives them as text", `accept: */*\r\nAuthorization: ${BEARER}\r\n`],
  ["undici 6 and later gives them as a list", ["accept", "*/*", "Authorization", BEARER]],
  ["values of one name stand together", ["accept", ["a", "b"], "authorization", [BEARER]]],
])("headers are read when %s", (_, headers) => {
  const [undici] = withCredentialFacts([new UndiciInstrumentation({ enabled: false })]);
  const span = recordingSpan();
  undici?.getConfig().requestHook?.(span, { path: "/", headers } as never);
  expect(span.attributes).toMatchObject({ [PRESENT]: true, [FINGERPRINT]: expect.stringContaining("sha256:") });
});

test("a token in the address is told by its parameter's name, without what stands there", () => {
  const span = recordingSpan();
  credentialHooks().undici.requestHook(span, { path: "/v1?page=2&Access_Token=hunter2-hunter2", headers: [] });
  expect(span.attributes).toMatchObject({
    "trustdrift.credential.query.present": true,
    "trustdrift.credential.query.location": "access_token",
  });
  expect(JSON.stringify(span.attributes)).not.toContain("hunter2");
});
