import { sanitizeValue } from "../credential/sanitize-value.ts";
import { CREDENTIAL_NEEDLES, holdsCredential } from "../model/holds-credential.ts";
import { OperatingError } from "../model/operating-error.ts";
import type { Leak } from "../model/span-batch.ts";
import { EVENT_ATTRIBUTES, EVENT_NAME, KEY_VALUE_KEY } from "./otlp-tags.ts";
import type { WireReader } from "./wire-reader.ts";

/** Past these, further places are one. */
const PLACES_MAX = 256;
const PLACE_CHARACTERS_MAX = 128;
const OTHER = "(other)";
const BLOCK = 2;

/**
 * Where the raw credentials of a request stood that nobody asked for. Values that are read anyway are looked at always;
 * whole requests, with their names, messages, events and unread attributes, are only sampled: one in so many, the first
 * among them, by count, so that the same requests give the same notes.
 */
export class LeakNotes {
  /** True while everything in the request is looked at. */
  isScanning = false;
  /** Index of the resource whose spans are being read. */
  resource = 0;
  readonly #reader: WireReader;
  readonly #scanEvery: number;
  #requests = 0;
  #counts = new Map<string, { resource: number; place: string; count: number }>();

  constructor(reader: WireReader, scanEvery: number) {
    this.#reader = reader;
    this.#scanEvery = scanEvery;
  }

  /** Whether this request, which counts as one more, is of the sample and may hold a credential at all. */
  sample(bytes: Uint8Array): boolean {
    const isSampled = this.#requests % this.#scanEvery === 0;
    this.#requests += 1;
    if (!isSampled) return false;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return CREDENTIAL_NEEDLES.some((needle) => buffer.includes(needle));
  }

  /** Starts a request. */
  begin(isScanning: boolean): void {
    this.isScanning = isScanning;
    this.resource = 0;
    if (this.#counts.size > 0) this.#counts = new Map();
  }

  /** A raw credential stood in this place of the present resource's spans; the key of an attribute is anybody's text. */
  note(place: string): void {
    const { resource } = this;
    const wanted = sanitizeValue("text", place).slice(0, PLACE_CHARACTERS_MAX);
    const isKnown = this.#counts.has(`${resource} ${wanted}`);
    const shown = isKnown || this.#counts.size < PLACES_MAX ? wanted : OTHER;
    const entry = this.#counts.get(`${resource} ${shown}`) ?? { resource, place: shown, count: 0 };
    entry.count += 1;
    this.#counts.set(`${resource} ${shown}`, entry);
  }

  /** Looks at bytes of a request that is being scanned. */
  scan(place: string, start: number, end: number): void {
    if (holdsCredential(this.#reader.text(start, end))) this.note(place);
  }

  /** Looks at a `KeyValue`, whatever its value is. */
  scanAttribute(prefix: string, start: number, end: number): void {
    if (holdsCredential(this.#reader.text(start, end))) this.note(prefix + this.#tell(KEY_VALUE_KEY, start, end));
  }

  /** Looks at an event: its name, and each of its attributes where one of them holds a credential. */
  scanEvent(start: number, end: number): void {
    if (!holdsCredential(this.#reader.text(start, end))) return;
    if (holdsCredential(this.#tell(EVENT_NAME, start, end))) this.note("event name");
    this.#each(start, end, (tag, from, to) => {
      if (tag === EVENT_ATTRIBUTES) this.scanAttribute("event.", from, to);
    });
  }

  /** Forgets what was noted of the present resource: none of its spans was kept. */
  dropResource(): void {
    for (const [key, { resource }] of this.#counts) if (resource === this.resource) this.#counts.delete(key);
  }

  /** What was noted of the request. */
  take(): readonly Leak[] {
    return [...this.#counts.values()];
  }

  /** The last text field with that tag. */
  #tell(wanted: number, start: number, end: number): string {
    let text = "";
    this.#each(start, end, (tag, from, to) => {
      if (tag === wanted) text = this.#reader.text(from, to);
    });
    return text;
  }

  /**
   * Calls back for every block of a message. What cannot be read ends it: a request that is only stepped over is taken,
   * and so it must be where it is looked into.
   */
  #each(start: number, end: number, take: (tag: number, from: number, to: number) => void): void {
    const reader = this.#reader;
    const { position } = reader;
    reader.position = start;
    try {
      while (reader.position < end) {
        const tag = reader.tag(end);
        const from = reader.position;
        reader.skip(tag, end);
        const to = reader.position;
        if ((tag & 7) !== BLOCK) continue;
        reader.position = from;
        reader.block(end);
        take(tag, reader.position, to);
        reader.position = to;
      }
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error;
    }
    reader.position = position;
  }
}
