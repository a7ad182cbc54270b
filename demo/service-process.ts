import type { Attack } from "./attacks.ts";
import type { Door } from "./http-door.ts";
import type { Order, Report } from "./messages.ts";
import type { ServiceName } from "./names.ts";
import type { StartService } from "./service.ts";
import { startTelemetry } from "./telemetry.ts";

// The entry of every child process. What sends requests is imported only after the SDK has started, see instrumented.ts.
const SERVICES: Record<ServiceName, () => Promise<{ readonly start: StartService }>> = {
  idp: () => import("./services/idp.ts"),
  inventory: () => import("./services/inventory.ts"),
  payments: () => import("./services/payments.ts"),
  email: () => import("./services/email.ts"),
  cart: () => import("./services/cart.ts"),
  checkout: () => import("./services/checkout.ts"),
  "edge-gateway": () => import("./services/edge-gateway.ts"),
  "report-job": () => import("./services/report-job.ts"),
};

let sdk: ReturnType<typeof startTelemetry> | null = null;
let door: Door | null = null;
let attack: Attack | null = null;
let loot: string | null = null;

process.on("message", (order: Order) => {
  if (order.kind === "attack") attack = order.attack;
  else if (order.kind === "loot") loot = order.token;
  else run(order).catch((error: unknown) => report({ kind: "failed", message: String(error) }));
});
// The channel closes when main says so and also when main dies, however it does: nothing is left behind.
process.on("disconnect", () => stop());
// Ctrl-C reaches every process of the terminal; main decides when its services end.
process.on("SIGINT", () => undefined);

async function run({ name, addresses, secrets }: Extract<Order, { kind: "start" }>): Promise<void> {
  sdk = startTelemetry(name);
  const { createTokenSource } = await import("./token-source.ts");
  const { start } = await SERVICES[name]();
  const tokens = createTokenSource(addresses.idp, name, secrets[name] ?? "");
  door = await start({ addresses, secrets, tokens, report, attack: () => attack, loot: () => loot });
  report({ kind: "ready", address: door?.address ?? null });
}

async function stop(): Promise<void> {
  setTimeout(() => process.exit(0), 3000).unref();
  await door?.close();
  await sdk?.shutdown().catch(() => undefined);
  process.exit(0);
}

function report(message: Report): void {
  process.send?.(message, undefined, {}, () => undefined);
}
