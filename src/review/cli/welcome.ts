import type { ServeOptions } from "./options.ts";

type Address = { readonly host: string; readonly port: number };
type Listening = {
  readonly otlpGrpc: Address;
  readonly otlpHttp: Address;
  readonly api: Address;
  readonly loaded: { readonly revision: string; readonly files: readonly string[]; readonly services: number };
};

/** What a newcomer reads first: where to send spans, and what to do next. */
export function welcome(collector: Listening, { dbFile, baselineDir, otlpTlsCert }: ServeOptions): string {
  const scheme = otlpTlsCert === undefined ? "http" : "https";
  const grpc = hostAndPort(collector.otlpGrpc);
  return `Trustdrift is collecting traces.

  OTLP/gRPC   ${grpc}
  OTLP/HTTP   ${scheme}://${hostAndPort(collector.otlpHttp)}/v1/traces
  API         http://${hostAndPort(collector.api)}  (/healthz /readyz /metrics)
  Database    ${dbFile}
  Baseline    ${describeBaseline(collector.loaded, baselineDir)}

Send spans: point an OpenTelemetry exporter here,
  OTEL_EXPORTER_OTLP_ENDPOINT=${scheme}://${grpc} OTEL_EXPORTER_OTLP_PROTOCOL=grpc
or let a demo shop do it, in a second terminal:
  npm run demo

Then see who calls whom, and what of it nobody declared:
  bin/trustdrift observe edges
  bin/trustdrift alerts list
`;
}

function describeBaseline({ revision, files, services }: Listening["loaded"], folder: string): string {
  if (files.length === 0) {
    return `none in ${folder}: only observing; \`bin/trustdrift baseline seed\` writes one from what was seen`;
  }
  return `${files.join(", ")} (${services} services, revision ${revision})`;
}

function hostAndPort({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
