import type { LookupFunction } from "node:net";
import { http } from "./instrumented.ts";

/** One outgoing HTTP request; a body that is no `URLSearchParams` is sent as JSON. */
export type HttpCall = {
  readonly method: "GET" | "POST";
  readonly base: string | undefined;
  /** `/v1/carts/{id}`; what stands in braces is filled from `parameters`. */
  readonly template: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Behind the path, with its question mark. */
  readonly query?: string;
  readonly token?: string;
  readonly body?: unknown;
};

/** Sends a request and returns the parsed JSON answer; any status but 2xx is an error. */
export function callHttp(call: HttpCall): Promise<unknown> {
  const isForm = call.body instanceof URLSearchParams;
  const text = isForm ? String(call.body) : JSON.stringify(call.body);
  const path = call.template.replace(/\{(\w+)\}/g, (_, name: string) => call.parameters?.[name] ?? "");
  const options = {
    method: call.method,
    urlTemplate: call.template,
    lookup: lookUpHere,
    headers: {
      ...(text !== undefined && { "content-type": isForm ? "application/x-www-form-urlencoded" : "application/json" }),
      ...(call.token !== undefined && { authorization: `Bearer ${call.token}` }),
    },
  };
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(path + (call.query ?? ""), call.base), options, (response) => {
      let answer = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        answer += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(JSON.parse(answer));
        else reject(new Error(`${call.method} ${call.template} answered ${status}`));
      });
    });
    request.on("error", reject);
    request.end(text);
  });
}

/** Whatever name is asked for, it is on this machine: also the stranger of `--attack exfiltrate`. */
const lookUpHere: LookupFunction = (_name, { all }, found) =>
  all === true ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);
