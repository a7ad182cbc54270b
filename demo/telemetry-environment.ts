import type { ServiceName } from "./names.ts";

/**
 * The environment that configures a service's SDK. `language` pretends another runtime, `namespace` another team.
 * Batches leave after 500 ms, so that the collector shows within a second or two what happens.
 */
export function telemetryEnvironment(service: ServiceName, collector: string): Record<string, string> {
  const stranger = "service.namespace=batch,telemetry.sdk.language=python,";
  return {
    OTEL_SERVICE_NAME: service,
    OTEL_RESOURCE_ATTRIBUTES: `${service === "report-job" ? stranger : ""}service.version=1.4.0,deployment.environment.name=demo`,
    OTEL_NODE_RESOURCE_DETECTORS: "env",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collector}`,
    OTEL_BSP_SCHEDULE_DELAY: "500",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
  };
}
