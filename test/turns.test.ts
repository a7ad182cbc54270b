import { expect, test } from "vitest";
import { Turns } from "../src/turns.ts";

/** Keeps the thread busy. */
function work(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

test("work is done in the order in which it came, and what is due in between is not kept waiting", async () => {
  const turns = new Turns();
  const done: string[] = [];
  setTimeout(() => done.push("timer"), 1);
  const last = new Promise<void>((resolve) => {
    for (const name of ["first", "second", "third"]) {
      turns.add(() => {
        work(5);
        done.push(name);
        if (name === "third") resolve();
      });
    }
  });
  await last;
  expect(done.filter((name) => name !== "timer")).toEqual(["first", "second", "third"]);
  expect(done.indexOf("timer")).toBeLessThan(done.indexOf("third"));
});

test("work that comes while other work is done, or after it, has its turn too", async () => {
  const turns = new Turns();
  const done: number[] = [];
  turns.add(() => {
    done.push(1);
    turns.add(() => done.push(2));
  });
  await expect.poll(() => done).toEqual([1, 2]);
  turns.add(() => done.push(3));
  await expect.poll(() => done).toEqual([1, 2, 3]);
  expect(done).toEqual([1, 2, 3]);
});
