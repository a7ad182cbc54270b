import { OperatingError } from "../model/operating-error.ts";

const MEBIBYTE = 1024 * 1024;

/** Memory of requests that are on their way in, over all connections of both receivers. */
const BYTES_MAX = 256 * MEBIBYTE;

/** What a piece costs beside its bytes: senders choose how small the pieces are, and a Buffer of one byte is an object. */
const PIECE_BYTES = 512;

/** The pieces of one body may cost this much; 16 MiB in pieces of 1 KiB need half of it. */
const PIECES_BYTES_MAX = 16 * MEBIBYTE;

/** How much memory requests may take before they are handed on; past it senders are told to come back. */
export class UploadBudget {
  readonly #bytesMax: number;
  #bytes = 0;
  #refused = 0;

  constructor(bytesMax: number = BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Uploads refused because the budget was used up. */
  get refused(): number {
    return this.#refused;
  }

  /** Begins an upload whose body may have `bodyBytesMax`, packed as well as unpacked. */
  open(bodyBytesMax: number): Upload {
    return new Upload(this, 2 * bodyBytesMax + PIECES_BYTES_MAX);
  }

  /** Takes bytes, or throws `overloaded`. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#bytesMax) {
      this.#refused += 1;
      throw new OperatingError("overloaded", "more bytes come in at once than there is room for; send again later");
    }
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** One request on its way in. */
export class Upload {
  readonly #budget: UploadBudget;
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(budget: UploadBudget, bytesMax: number) {
    this.#budget = budget;
    this.#bytesMax = bytesMax;
  }

  /** Counts one more piece in memory; throws `overloaded`, or `request-too-large` where this upload alone is the cause. */
  add(pieceBytes: number): void {
    const bytes = pieceBytes + PIECE_BYTES;
    if (this.#bytes + bytes > this.#bytesMax) {
      throw new OperatingError("request-too-large", "expected the request to come in fewer or smaller pieces");
    }
    this.#budget.take(bytes);
    this.#bytes += bytes;
  }

  /** Gives back what it held; may be called again. */
  close(): void {
    this.#budget.giveBack(this.#bytes);
    this.#bytes = 0;
  }
}
