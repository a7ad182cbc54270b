import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { Span } from "@opentelemetry/api";
import { callSafely } from "./call-safely.ts";
import { type Describe, listOf, readHeaders } from "./describe-request.ts";
import { peerAttributes } from "./peer-attributes.ts";

type Request = ClientRequest | IncomingMessage;

/** The hooks of `@opentelemetry/instrumentation-http` that are used. */
export type HttpHooks = {
  readonly requestHook: (span: Span, request: Request) => void;
  readonly applyCustomAttributesOnSpan: (
    span: Span,
    request: Request,
    response: IncomingMessage | ServerResponse,
  ) => void;
};

/** Hooks that run those of `before` and then tell. */
export function httpHooks(describe: Describe, before: Partial<HttpHooks>): HttpHooks {
  return {
    requestHook: (span, request) => {
      callSafely(() => before.requestHook?.(span, request));
      callSafely(() => {
        if (isOutgoing(request)) tellSent(span, request, describe);
        else tellReceived(span, request, describe);
      });
    },
    // A request may get its headers after it was made, and then still has them when it is answered.
    applyCustomAttributesOnSpan: (span, request, response) => {
      callSafely(() => before.applyCustomAttributesOnSpan?.(span, request, response));
      callSafely(() => {
        if (isOutgoing(request)) span.setAttributes(describe(sentFacts(request)));
      });
    },
  };
}

/** Not yet that there is none: a header may still be set. */
function tellSent(span: Span, request: ClientRequest, describe: Describe): void {
  const attributes = describe(sentFacts(request));
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) span.setAttribute(name, value);
  }
}

function tellReceived(span: Span, request: IncomingMessage, describe: Describe): void {
  // `headers` would show only the first of two `Authorization` headers.
  span.setAttributes(describe({ header: readHeaders(request.headersDistinct), path: request.url ?? "" }));
  span.setAttributes(peerAttributes(request.socket));
}

function sentFacts(request: ClientRequest) {
  return { header: (name: string) => listOf(request.getHeader(name)), path: request.path };
}

function isOutgoing(request: Request): request is ClientRequest {
  return "getHeader" in request;
}
