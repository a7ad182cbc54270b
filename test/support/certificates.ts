import { readFileSync } from "node:fs";

/** One of the certificates and keys that tests have: all of one authority, for as long as anybody will run them. */
export function pem(name: "ca" | "server" | "server-key" | "workload" | "workload-key" | "tricky" | "plain"): Buffer {
  return readFileSync(certificateFile(name));
}

/** Where it stands. */
export function certificateFile(name: string): URL {
  return new URL(`../instrument/certificates/${name}.pem`, import.meta.url);
}

/** The bytes of a certificate. */
export function der(name: Parameters<typeof pem>[0]): Buffer {
  return Buffer.from(
    pem(name)
      .toString()
      .replace(/-----[^-]+-----|\s/gu, ""),
    "base64",
  );
}
