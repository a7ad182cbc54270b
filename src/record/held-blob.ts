import { deserialize, serialize } from "node:v8";
import type { ShapeSum, Sums } from "./count-sums.ts";

/** Hour, confidence, count, estimate, first and last seen. */
const NUMBERS = 6;

type Columns = Omit<Sums, "shapes"> & { readonly keys: readonly string[]; readonly numbers: Float64Array };

/** Sums as bytes, without their evidence: one commit may have thousands, and an older example is as true. */
export function encodeSums({ shapes, ...others }: Sums): Buffer {
  const numbers = new Float64Array(shapes.length * NUMBERS);
  shapes.forEach(({ hour, confidence, count, estimated, firstSeenMs, lastSeenMs }, index) => {
    numbers.set([hour, confidence, count, estimated, firstSeenMs, lastSeenMs], index * NUMBERS);
  });
  return serialize({ keys: shapes.map(({ shapeKey }) => shapeKey), numbers, ...others } satisfies Columns);
}

/** The sums that {@link encodeSums} was given, but for their evidence. */
export function decodeSums(bytes: Buffer): Sums {
  const { keys, numbers, ...others } = deserialize(bytes) as Columns;
  return { shapes: keys.map((shapeKey, index) => toSum(shapeKey, numbers.subarray(index * NUMBERS))), ...others };
}

function toSum(shapeKey: string, numbers: Float64Array): ShapeSum {
  const [hour = 0, confidence = 0, count = 0, estimated = 0, firstSeenMs = 0, lastSeenMs = 0] = numbers;
  return { shapeKey, hour, confidence, count, estimated, firstSeenMs, lastSeenMs, evidence: null };
}
