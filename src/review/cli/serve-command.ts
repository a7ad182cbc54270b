import { type Command, Option } from "commander";
import { collectOrigin, parseAddress } from "./arguments.ts";
import type { Address, SenderFlags, ServeOptions } from "./options.ts";
import type { Session } from "./session.ts";
import { attributeMapOption, dbOption } from "./shared-options.ts";

type Flags = {
  readonly otlpGrpc: Address;
  readonly otlpHttp: Address;
  readonly api: Address;
  readonly db: string;
  readonly baseline: string;
  readonly corsOrigin: readonly string[];
  readonly allowInsecureBind?: true;
  readonly attributeMap?: string;
} & SenderFlags;

/** `serve`, the collector. */
export function addServe(program: Command, { commands }: Session): void {
  program
    .command("serve")
    .description("receive spans, compare them with the baseline, raise alerts")
    .addOption(addressOption("--otlp-grpc", "where OTLP/gRPC is received", "127.0.0.1:4317"))
    .addOption(addressOption("--otlp-http", "where OTLP/HTTP is received", "127.0.0.1:4318"))
    .addOption(addressOption("--api", "where the API and the metrics are served", "127.0.0.1:4319"))
    .addOption(dbOption())
    .option("--baseline <dir>", "the folder of the declared baseline", "./baselines")
    .addOption(attributeMapOption())
    .option("--cors-origin <origin>", "a web page's origin that may send spans; repeatable", collectOrigin, [])
    .option("--ingest-keys <file>", "ids and digests of the keys by which senders prove who they are")
    .option("--otlp-tls-cert <file>", "certificate of the OTLP addresses, PEM; encrypts them")
    .option("--otlp-tls-key <file>", "its private key, PEM, readable by its owner only")
    .option("--otlp-client-ca <file>", "who certifies senders, PEM; asks them for client certificates")
    .option("--allow-insecure-bind", "listen on more than this machine, although nothing is encrypted")
    .addHelpText(
      "after",
      "\nExample:\n  $ trustdrift serve --baseline ./baselines --db /var/lib/trustdrift/trustdrift.db",
    )
    .action((flags: Flags) => commands.serve(serveOptions(flags)));
}

function addressOption(flag: string, description: string, address: string): Option {
  return new Option(`${flag} <host:port>`, description).argParser(parseAddress).default(parseAddress(address), address);
}

function serveOptions(flags: Flags): ServeOptions {
  return {
    otlpGrpc: flags.otlpGrpc,
    otlpHttp: flags.otlpHttp,
    api: flags.api,
    dbFile: flags.db,
    baselineDir: flags.baseline,
    corsOrigins: flags.corsOrigin,
    allowInsecureBind: flags.allowInsecureBind === true,
    ...(flags.attributeMap === undefined ? {} : { attributeMap: flags.attributeMap }),
    ...senderFlags(flags),
  };
}

/** Only what was said, so that what was not is nobody's file. */
function senderFlags({ otlpTlsCert, otlpTlsKey, otlpClientCa, ingestKeys }: SenderFlags): SenderFlags {
  return {
    ...(otlpTlsCert === undefined ? {} : { otlpTlsCert }),
    ...(otlpTlsKey === undefined ? {} : { otlpTlsKey }),
    ...(otlpClientCa === undefined ? {} : { otlpClientCa }),
    ...(ingestKeys === undefined ? {} : { ingestKeys }),
  };
}
