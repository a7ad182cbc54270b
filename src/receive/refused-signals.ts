import type { ReceiverLog } from "./take-export.ts";

/** A signal of OpenTelemetry that is not taken here, and the doors at which exporters knock with it. */
export type RefusedSignal = { readonly name: string; readonly grpcMethod: string; readonly httpPath: string };

/** Every OTLP signal but traces (OTLP 1.x, "OTLP/gRPC" and "OTLP/HTTP Request"). */
export const REFUSED_SIGNALS: readonly RefusedSignal[] = [
  {
    name: "metrics",
    grpcMethod: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    httpPath: "/v1/metrics",
  },
  {
    name: "logs",
    grpcMethod: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    httpPath: "/v1/logs",
  },
  {
    name: "profiles",
    grpcMethod: "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
    httpPath: "/v1development/profiles",
  },
];

/** Reports the refusal to the collector's owner and returns the sentence for the sender. */
export function refuseSignal(signal: RefusedSignal, sender: string, log: ReceiverLog): string {
  log("warn", `${sender} sends ${signal.name}, and only traces are taken here; send its ${signal.name} elsewhere`);
  return `only traces are taken here: point the exporter of traces to this address, and that of ${signal.name} elsewhere`;
}
