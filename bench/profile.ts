import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decimal, printTable } from "./table.ts";

type CallFrame = { readonly functionName: string; readonly url: string; readonly lineNumber: number };
type Frame = CallFrame & { readonly seconds: number };
type Profile = {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

/** The self time of one function, or of one room, in seconds. */
type SelfTime = { readonly name: string; readonly seconds: number };

const FUNCTIONS_SHOWN = 10;
const NATIVE_NAME_CHARACTERS = 60;
/** A room below this share is not worth a line. */
const SHARE_MIN = 0.005;

/** The functions in which the process whose profiles are in this folder spent its time, and the rooms they belong to. */
export function describeProfile(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
  const frames = files.flatMap((name) => readFrames(join(folder, name)));
  const functions = printShares("function", sumBy(frames, functionName), FUNCTIONS_SHOWN);
  return `${functions}\n\n${printShares("room", sumBy(frames, roomName), Number.POSITIVE_INFINITY)}`;
}

/** One thread's profile: the frames in which it was busy, each with the time that was its own. */
function readFrames(file: string): Frame[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const seconds = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    seconds.set(id, (seconds.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1e6);
  }
  return nodes
    .filter(({ callFrame }) => callFrame.functionName !== "(idle)")
    .map(({ id, callFrame }) => ({ ...callFrame, seconds: seconds.get(id) ?? 0 }));
}

function sumBy(frames: readonly Frame[], nameOf: (frame: Frame) => string): SelfTime[] {
  const sums = new Map<string, number>();
  for (const frame of frames) sums.set(nameOf(frame), (sums.get(nameOf(frame)) ?? 0) + frame.seconds);
  return [...sums].map(([name, seconds]) => ({ name, seconds })).sort((a, b) => b.seconds - a.seconds);
}

function printShares(title: string, selfTimes: readonly SelfTime[], linesMax: number): string {
  const total = selfTimes.reduce((sum, { seconds }) => sum + seconds, 0);
  const shown = selfTimes.slice(0, linesMax).filter(({ seconds }) => seconds >= SHARE_MIN * total);
  return printTable(
    [title, "self s", "% of busy"],
    shown.map(({ name, seconds }) => [name, decimal(seconds), decimal((100 * seconds) / total, 1)]),
  );
}

function functionName({ functionName: name, url, lineNumber }: Frame): string {
  // A regular expression goes by its source.
  if (url === "") return name.slice(0, NATIVE_NAME_CHARACTERS);
  return `${name || "(anonymous)"}  ${shorten(url)}:${lineNumber + 1}`;
}

/** `src/decode/decoder.ts` is of the room `src/decode`; what is not ours goes by its package. */
function roomName({ functionName: name, url }: Frame): string {
  if (url === "") return name.startsWith("(") ? name : "native";
  if (url.startsWith("node:")) return "node";
  const path = shorten(url);
  return /^(?:src\/\w+(?=\/)|src(?=\/)|(?:@[^/]+\/)?[^/]+)/u.exec(path)?.[0] ?? path;
}

function shorten(url: string): string {
  if (url.includes("/node_modules/")) return url.replace(/^.*\/node_modules\//u, "");
  return url.replace(/^file:\/\/.*\/(?=(?:src|bench)\/)/u, "");
}
