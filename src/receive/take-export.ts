/** One export request as it came off the wire, decompressed and otherwise untouched. */
export type ExportRequest = {
  readonly bytes: Uint8Array;
  readonly encoding: "protobuf" | "json";
  /** The peer's address without its port. */
  readonly sender: string;
  /**
   * Who the sender proved to be: `spiffe://…`, `cert:NAME` or `key:ID`. Null where it was asked and proved nothing;
   * absent where nobody is asked.
   */
  readonly principal?: string | null;
};

/** What became of a good request: 0 and `""` when every span was taken. The message holds no telemetry values. */
export type ExportOutcome = { readonly rejectedSpans: number; readonly message: string };

/** Takes one export request; resolves once its effects are safe, rejects with an `OperatingError`. */
export type TakeExport = (request: ExportRequest) => Promise<ExportOutcome>;

/** Where a receiver says what a person should know. */
export type ReceiverLog = (level: "info" | "warn", message: string) => void;
