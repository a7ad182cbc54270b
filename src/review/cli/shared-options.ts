import { Option } from "commander";
import type { PrintOptions } from "./print-rows.ts";

const FORMATS: readonly PrintOptions["output"][] = ["table", "wide", "json", "jsonl", "yaml"];

/** `--db`, the database that a collector writes. */
export function dbOption(): Option {
  return new Option("--db <file>", "the collector's database").default("./.trustdrift/trustdrift.db");
}

/** `--baseline`, what owners declared. */
export function baselineOption(): Option {
  return new Option("--baseline <path>", "the declared baseline: a folder, or one of its files").default("./baselines");
}

/** `--attribute-map`, what attributes mean that somebody else writes already. */
export function attributeMapOption(): Option {
  return new Option(
    "--attribute-map <file>",
    "what other attributes tell about credentials; else TRUSTDRIFT_ATTRIBUTE_MAP",
  );
}

/** `-o`, how data is printed. */
export function outputOption(formats = FORMATS): Option {
  return new Option("-o, --output <format>", "how to print").choices(formats).default("table");
}

/** `--no-headers`, for tables that another program reads. */
export function noHeadersOption(): Option {
  return new Option("--no-headers", "leave the table's titles out");
}
