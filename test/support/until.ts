import { setTimeout as pause } from "node:timers/promises";

/** Thrown by a question whose answer will not change any more. */
export class Hopeless extends Error {}

type Answer<T> = T | null | undefined | false;

/**
 * Asks again and again until the answer is something, and returns it. Rejects, naming what was waited for and the last
 * error, when the time is up; so nothing that waits here can hang.
 */
export async function until<T>(
  claim: string,
  ask: () => Answer<T> | Promise<Answer<T>>,
  withinMs = 30_000,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  let lastError: unknown;
  while (performance.now() < deadlineMs) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      lastError = error;
    }
    await pause(25);
  }
  throw new Error(`waited ${withinMs} ms in vain for this: ${claim}`, { cause: lastError });
}
