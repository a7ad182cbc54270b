import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { alternativeNames } from "../../instrument/alternative-names.ts";
import { credentialHooks } from "../../instrument/instrument.ts";
import { rawPeerAttributes } from "../../instrument/peer-attributes.ts";
import { recordingSpan } from "./recording-span.ts";

function read(name: string): Buffer {
  return readFileSync(new URL(`certificates/${name}.pem`, import.meta.url));
}

function der(name: string): Buffer {
  return Buffer.from(
    read(name)
      .toString()
      .replace(/-----[^-]+-----|\s/gu, ""),
    "base64",
  );
}

test.each([
  ["a SPIFFE id", "workload", "spiffe://shop.example/ns/shop/sa/orders"],
  ["a DNS name", "server", "localhost"],
  ["its subject", "plain", "CN=billing,O=shop"],
  ["nothing, where it is a person's", "person", undefined],
  ["nothing that a DNS name only pretends to be", "tricky", "CN=evil"],
])("a certificate is known by %s", (_, name, id) => {
  expect(rawPeerAttributes(der(name))["trustdrift.peer.identity.id"]).toBe(id);
});

test("bytes that are no certificate, or the beginning of one, are refused and read no further", () => {
  const whole = der("workload");
  for (let length = 0; length < whole.length; length += 7) {
    const cut = whole.subarray(0, length);
    expect(() => length === 0 || alternativeNames(cut)).not.toThrow(TypeError);
  }
  expect(() => alternativeNames(Buffer.from("3084ffffffff00", "hex"))).toThrow(RangeError);
});

test("the server's span tells the client certificate that Node has verified, and the hook costs no request", async () => {
  const span = recordingSpan();
  const hooks = credentialHooks();
  const tls = { key: read("server-key"), cert: read("server"), ca: read("ca") };
  const server = createServer({ ...tls, requestCert: true }, (incoming, response) => {
    hooks.http.requestHook(span, incoming);
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const own = { key: read("workload-key"), cert: read("workload"), ca: read("ca") };
  const sent = request({
    port,
    host: "127.0.0.1",
    servername: "localhost",
    ...own,
    headers: { "x-api-key": "k" },
  }).end();
  const [answer] = await once(sent, "response");
  answer.resume();
  await once(answer, "end");
  server.close().closeAllConnections();
  expect(span.attributes).toMatchObject({
    "trustdrift.peer.identity.id": "spiffe://shop.example/ns/shop/sa/orders",
    "trustdrift.peer.identity.source": "certificate",
    "trustdrift.peer.identity.verified": true,
    "trustdrift.peer.certificate.thumbprint": expect.stringMatching(/^[\w-]{43}$/u),
    "trustdrift.credential.authorization.present": false,
    "trustdrift.credential.api_key.present": true,
  });
});
