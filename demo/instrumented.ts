import { createRequire } from "node:module";

/**
 * The two libraries that OpenTelemetry patches. Its patches reach what is loaded with `require` after the SDK has
 * started; an `import` would be hoisted above that start, and its spans silently missing.
 */
const require = createRequire(import.meta.url);

/** `node:http`, with spans for requests in both directions. */
export const http = require("node:http") as typeof import("node:http");

/** `@grpc/grpc-js`, with spans for calls in both directions. */
export const grpc = require("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
