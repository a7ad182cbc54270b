// The process that sends: it must not take CPU time that is counted as the collector's.

import { declareFleet } from "./fleet.ts";
import { createLoad } from "./load.ts";
import { LoadRing, type Phase, sendPhase } from "./send-phase.ts";
import { Sender } from "./sender.ts";

/** What the bench asks of the generator; it answers each with one message. */
export type GeneratorCommand =
  | { readonly does: "create"; readonly seed: number; readonly spans: number }
  | { readonly does: "connect"; readonly port: number }
  | ({ readonly does: "send" } & Phase);

/** As many as make a fleet's connections share the work evenly. */
const CONNECTIONS = 8;

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
      const { fleet, requests, bytesASpan } = createLoad(command.seed, command.spans);
      ring = new LoadRing(requests);
      return { requests: requests.length, bytesASpan, baseline: declareFleet(fleet) };
    }
    case "connect":
      sender?.close();
      ring.startRound();
      sender = new Sender(command.port, CONNECTIONS);
      return {};
    case "send":
      if (sender === null) throw new Error("cannot send before there is a connection");
      return sendPhase(sender, ring, command);
  }
}
