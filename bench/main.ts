import { benchIngest } from "./ingest.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { benchStages } from "./stages.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: Options | null;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (options === null) console.log(USAGE);
  else console.log(await (options.bench === "ingest" ? benchIngest(options) : benchStages(options)));
  return 0;
}
