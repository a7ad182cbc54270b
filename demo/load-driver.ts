import { setTimeout as sleep } from "node:timers/promises";

const USERS = 12;
const SESSION_MS = 600_000;
const WAITING_MAX = 50;
/** Where people seem to come from: IANA's own address, because the documentation ranges do not count as public. */
const VISITOR = "192.0.32.8";

type User = { readonly name: string; readonly cart: number; token: Promise<string> | null; tokenUntilMs: number };

/** People in front of the shop. */
export type LoadDriver = {
  readonly figures: () => { readonly sent: number; readonly failed: number; readonly lastFailure: string | null };
  /** Sends nothing more and waits for what is under way. */
  readonly stop: () => Promise<void>;
};

/** Sends `rate` requests a second to the gateway at `base`, from outside: without spans and without trace context. */
export function startLoad(base: string, rate: number): LoadDriver {
  const users = Array.from({ length: USERS }, (_, i): User => {
    return { name: `user-${i}`, cart: 100 + i, token: null, tokenUntilMs: 0 };
  });
  const waiting = new Set<Promise<void>>();
  let [turn, sent, failed] = [0, 0, 0];
  let lastFailure: string | null = null;

  const post = (path: string, body: unknown, token?: string) => send(new URL(path, base), token, body);
  const journeys = [
    (user: User, token: string) => send(new URL(`/v1/carts/${user.cart}`, base), token),
    (user: User, token: string) => post(`/v1/carts/${user.cart}/items`, { sku: "mug" }, token),
    (user: User, token: string) => send(new URL(`/v1/carts/${user.cart}`, base), token),
    (user: User, token: string) => post("/v1/orders", { cart: String(user.cart) }, token),
  ];

  function login(user: User): Promise<string> {
    if (user.token === null || user.tokenUntilMs < Date.now()) {
      user.tokenUntilMs = Date.now() + SESSION_MS;
      user.token = post("/v1/sessions", { user: user.name }).then((answer) => (answer as { token: string }).token);
      user.token.catch(() => {
        user.token = null;
      });
    }
    return user.token;
  }

  async function visit(): Promise<void> {
    const user = users[Math.floor(turn / journeys.length) % USERS] as User;
    const journey = journeys[turn++ % journeys.length];
    try {
      sent++;
      await journey?.(user, await login(user));
    } catch (error) {
      failed++;
      lastFailure = error instanceof Error ? error.message : String(error);
    }
  }

  const timer = setInterval(() => {
    if (waiting.size >= WAITING_MAX) return;
    const visited = visit().finally(() => waiting.delete(visited));
    waiting.add(visited);
  }, 1000 / rate);

  return {
    figures: () => ({ sent, failed, lastFailure }),
    stop: async () => {
      clearInterval(timer);
      await Promise.race([Promise.all(waiting), sleep(5000, undefined, { ref: false })]);
    },
  };
}

/** Sends one request from outside; any status but 2xx is an error. */
export async function send(url: URL, token?: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      "x-forwarded-for": VISITOR,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
  return response.json();
}
