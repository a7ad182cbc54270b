import { checkCapture } from "./check-capture.ts";
import { type Collector, startCollector } from "./collector.ts";
import { readAttributeMapFile, readEnvironment, readPatience } from "./config.ts";
import { decideOffline } from "./decide-offline.ts";
import { describeCredential } from "./describe-credential.ts";
import { diagnose } from "./diagnose.ts";
import { explainCall } from "./explain-call.ts";
import { eraseFingerprintKey, listFingerprintKeys, rotateFingerprintKey } from "./fingerprint-key-file.ts";
import { createIngestKey } from "./ingest-keys-file.ts";
import { scrubTelling } from "./model/scrub-text.ts";
import type { ReceiverLog } from "./receive/take-export.ts";
import type { ServeOptions } from "./review/cli/options.ts";
import { runProgram } from "./review/cli/program.ts";
import { welcome } from "./review/cli/welcome.ts";
import { survey } from "./survey.ts";

const environment = readEnvironment();

// A reader that goes away (`| head`) ends the output and not the command, whose exit code still counts.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await runProgram(
  process.argv.slice(2),
  {
    serve,
    check: (options, progress) => checkCapture(withAttributeMap(options), progress),
    explain: explainCall,
    survey,
    doctor: diagnose,
    credential: (options) => describeCredential(options),
    decideOffline,
    ingestKey: createIngestKey,
    keys: { list: listFingerprintKeys, rotate: rotateFingerprintKey, erase: eraseFingerprintKey },
  },
  {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    isTty: process.stdout.isTTY === true,
    isErrorTty: process.stderr.isTTY === true,
    columns: process.stdout.columns ?? 80,
    hasColour: process.stdout.isTTY === true && !environment.hasNoColour,
    nowMs: () => Date.now(),
    user: environment.user,
  },
);

/** Runs the collector until it is told to stop: SIGINT or SIGTERM; SIGHUP loads the baseline again. */
async function serve(options: ServeOptions): Promise<void> {
  const collector = await startCollector({ ...withAttributeMap(options), ...readPatience(), log });
  for (const warning of collector.loaded.warnings) log("warn", warning);
  // Who reads the welcome may tell it to stop at once.
  const told = stopSignal();
  process.on("SIGHUP", collector.reload);
  process.stdout.write(welcome(collector, options));
  await Promise.race([told, collector.failed]);
  await stop(collector);
}

/** A flag wins over the environment. */
function withAttributeMap<Options extends { readonly attributeMap?: string | null }>(options: Options): Options {
  return { ...options, attributeMap: options.attributeMap ?? readAttributeMapFile() };
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

async function stop(collector: Collector): Promise<void> {
  log("info", "stopping: finishing the requests that were taken");
  await collector.stop();
  log("info", "stopped");
}

function log(level: Parameters<ReceiverLog>[0], message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${level} ${scrubTelling(message)}\n`);
}
