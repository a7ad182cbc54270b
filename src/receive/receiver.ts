/** How long `stop` waits for requests in flight before it cuts their connections; the exporters will retry them. */
export const STOP_GRACE_MS = 5_000;

/** The most bytes of one export request, compressed or not. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** A listening endpoint; `host` and `port` are the real ones, also where port 0 was asked for. */
export type Receiver = {
  readonly host: string;
  readonly port: number;
  /** Stops accepting, lets requests in flight finish, then resolves. */
  readonly stop: () => Promise<void>;
};
