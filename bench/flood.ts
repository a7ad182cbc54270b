import { benchRun } from "./bench-run.ts";
import { describeBounds, floodBounds } from "./flood-bounds.ts";
import { describeOverload, overload } from "./flood-overload.ts";
import type { Options } from "./options.ts";

/** More than can be taken, and more than can be kept; returns what to print. */
export async function benchFlood(options: Options): Promise<string> {
  return benchRun(async (run) => {
    const load = await run.createLoad({ seed: options.seed, spans: options.spans });
    const overloaded = await overload(run, options);
    const bounds = await floodBounds(run, options);
    if (options.isJson) return JSON.stringify({ load, overloaded, bounds }, null, 2);
    return `${load}\n\n${describeOverload(overloaded)}\n\n${describeBounds(bounds)}`;
  });
}
