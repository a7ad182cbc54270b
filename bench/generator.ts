// The process that sends: it must not take CPU time that is counted as the collector's.

import { declareFleet } from "./fleet.ts";
import { createFlood, type FloodKind } from "./flood-loads.ts";
import { createLoad, type LoadPlan } from "./load.ts";
import { LoadRing } from "./load-ring.ts";
import { type Phase, sendPhase } from "./send-phase.ts";
import { Sender, type Transport } from "./sender.ts";

/** What the bench asks of the generator; it answers each with one message. */
export type GeneratorCommand =
  | { readonly does: "create"; readonly plan: LoadPlan }
  | { readonly does: "create flood"; readonly seed: number; readonly kind: FloodKind }
  | { readonly does: "connect"; readonly transport: Transport; readonly port: number }
  | ({ readonly does: "send" } & Phase);

let ring = new LoadRing([]);
let sender: Sender | null = null;

process.on("message", (command: GeneratorCommand) => {
  run(command).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run(command: GeneratorCommand): Promise<object> {
  switch (command.does) {
    case "create": {
      const { fleet, requests, bytesASpan } = createLoad(command.plan);
      ring = new LoadRing(requests);
      return { requests: requests.length, bytesASpan, baseline: declareFleet(fleet) };
    }
    case "create flood":
      ring = new LoadRing(createFlood(command.kind, command.seed));
      return {};
    case "connect":
      sender?.close();
      ring.startRound();
      sender = new Sender(command.transport, command.port);
      return {};
    case "send":
      if (sender === null) throw new Error("cannot send before there is a connection");
      return sendPhase(sender, ring, command);
  }
}
