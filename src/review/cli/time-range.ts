import { type Command, Option } from "commander";
import { OperatingError } from "../../model/operating-error.ts";
import type { TimeRange } from "../../model/store.ts";
import { parseDuration, parseTime } from "./arguments.ts";

/** What {@link addTimeOptions} reads. */
export type TimeFlags = { readonly since?: number; readonly from?: number; readonly to?: number };

/** `--since`, or `--from` and `--to`: what was seen when. */
export function addTimeOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--since <duration>", "only what was seen in the last 24h, 7d, …")
        .argParser(parseDuration)
        .conflicts(["from", "to"]),
    )
    .option("--from <time>", "only what was seen from this ISO 8601 time on", parseTime)
    .option("--to <time>", "only what was seen until this ISO 8601 time", parseTime);
}

/** The range that the flags mean; without any, all there is. */
export function timeRange(flags: TimeFlags, nowMs: number): TimeRange {
  const fromMs = flags.since === undefined ? (flags.from ?? null) : nowMs - flags.since;
  const toMs = flags.to ?? null;
  if (fromMs !== null && toMs !== null && fromMs > toMs) {
    throw new OperatingError("bad-argument", "expected --from to be a time before --to");
  }
  return { fromMs, toMs };
}
