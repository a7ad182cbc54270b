/** How long `stop` waits for requests in flight before it cuts their connections; the exporters will retry them. */
export const STOP_GRACE_MS = 5_000;

/** The most bytes of one export request, compressed or not. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** How long the headers and body of a request may take to come in; exporters give up sooner. */
export const UPLOAD_MS_MAX = 30_000;

/** Connections of one receiver; further ones are closed at once, and their exporters try again. */
export const CONNECTIONS_MAX = 1_024;

/** A listening endpoint; `host` and `port` are the real ones, also where port 0 was asked for. */
export type Receiver = {
  readonly host: string;
  readonly port: number;
  /** Stops accepting, lets requests in flight finish, then resolves. */
  readonly stop: () => Promise<void>;
};
