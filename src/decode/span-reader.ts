import type { SpanCredentials } from "../credential/credential-facts.ts";
import type { CredentialReader } from "../credential/credential-reader.ts";
import { SPAN_KIND } from "../model/span-batch.ts";
import { type AttributeReader, VALUE } from "./attribute-reader.ts";
import type { CredentialRows } from "./credential-rows.ts";
import type { LeakNotes } from "./leak-notes.ts";
import {
  LINK_ATTRIBUTES,
  LINK_SPAN_ID,
  LINK_TRACE_ID,
  SPAN_ATTRIBUTES,
  SPAN_END_TIME,
  SPAN_EVENTS,
  SPAN_KIND_FIELD,
  SPAN_LINKS,
  SPAN_NAME,
  SPAN_PARENT_SPAN_ID,
  SPAN_SPAN_ID,
  SPAN_START_TIME,
  SPAN_STATUS_FIELD,
  SPAN_TRACE_ID,
  SPAN_TRACE_STATE,
  STATUS_CODE,
  STATUS_MESSAGE,
} from "./otlp-tags.ts";
import { readSamplingWeight } from "./read-sampling-weight.ts";
import type { SpanColumns } from "./span-columns.ts";
import type { WantedAttributes } from "./wanted-attributes.ts";
import type { WireReader } from "./wire-reader.ts";

const NANOSECONDS_A_MILLISECOND = 1e6;
const KIND_MAX = 5;
const STATUS_MAX = 2;

type SpanReaderParts = {
  readonly reader: WireReader;
  readonly attributes: AttributeReader;
  readonly wanted: WantedAttributes;
  readonly columns: SpanColumns;
  readonly credentialReader: CredentialReader;
  readonly credentialRows: CredentialRows;
  readonly leaks: LeakNotes;
};

/**
 * Reads one `Span` at a time into a row of the columns.
 *
 * Hot path (`npm run bench -- stages`): no object, string or closure is made per span; what a field says is kept in
 * integers of this object until the span has been read to its end, because fields come in any order and the last of
 * several counts.
 */
export class SpanReader {
  readonly #reader: WireReader;
  readonly #attributes: AttributeReader;
  readonly #wanted: WantedAttributes;
  readonly #columns: SpanColumns;
  readonly #credentialReader: CredentialReader;
  readonly #credentialRows: CredentialRows;
  readonly #leaks: LeakNotes;
  #traceId = 0;
  #traceIdBytes = 0;
  #spanId = 0;
  #spanIdBytes = 0;
  #parentId = 0;
  #parentIdBytes = 0;
  #kind = 0;
  #status = 0;
  #weight = 1;
  #hasCredential = false;

  constructor(parts: SpanReaderParts) {
    this.#reader = parts.reader;
    this.#attributes = parts.attributes;
    this.#wanted = parts.wanted;
    this.#columns = parts.columns;
    this.#credentialReader = parts.credentialReader;
    this.#credentialRows = parts.credentialRows;
    this.#leaks = parts.leaks;
  }

  /** Reads the span that reaches to `end`. Returns why it was left out, or null. */
  read(end: number): string | null {
    this.#open();
    const reader = this.#reader;
    while (reader.position < end) this.#readField(reader.tag(end), end);
    const problem = this.#problem();
    if (problem === null) this.#keep();
    else this.#drop();
    return problem;
  }

  /** Ends a span that an error cut off, so that nobody holds on to what it presented. */
  close(): void {
    this.#endCredential();
  }

  #open(): void {
    const columns = this.#columns;
    columns.openSpan();
    columns.startMs[columns.spanCount] = 0;
    columns.endMs[columns.spanCount] = 0;
    this.#traceIdBytes = 0;
    this.#spanIdBytes = 0;
    this.#parentIdBytes = 0;
    this.#kind = 0;
    this.#status = 0;
    this.#weight = 1;
    this.#hasCredential = false;
  }

  #readField(tag: number, end: number): void {
    const reader = this.#reader;
    const columns = this.#columns;
    switch (tag) {
      case SPAN_TRACE_ID:
        this.#traceIdBytes = this.#skipId(end);
        this.#traceId = reader.position - this.#traceIdBytes;
        return;
      case SPAN_SPAN_ID:
        this.#spanIdBytes = this.#skipId(end);
        this.#spanId = reader.position - this.#spanIdBytes;
        return;
      case SPAN_TRACE_STATE:
        this.#readTraceState(reader.block(end));
        return;
      case SPAN_PARENT_SPAN_ID:
        this.#parentIdBytes = this.#skipId(end);
        this.#parentId = reader.position - this.#parentIdBytes;
        return;
      case SPAN_KIND_FIELD:
        this.#kind = reader.varint(end);
        return;
      case SPAN_START_TIME:
        columns.startMs[columns.spanCount] = reader.fixed64(end) / NANOSECONDS_A_MILLISECOND;
        return;
      case SPAN_END_TIME:
        columns.endMs[columns.spanCount] = reader.fixed64(end) / NANOSECONDS_A_MILLISECOND;
        return;
      case SPAN_ATTRIBUTES:
        this.#readAttribute(reader.block(end));
        return;
      case SPAN_LINKS:
        this.#readLink(reader.block(end));
        return;
      case SPAN_STATUS_FIELD:
        this.#readStatus(reader.block(end));
        return;
      default:
        if (this.#leaks.isScanning) this.#scanField(tag, end);
        else reader.skip(tag, end);
    }
  }

  /** Looks at what is not read otherwise. */
  #scanField(tag: number, end: number): void {
    const reader = this.#reader;
    if (tag !== SPAN_NAME && tag !== SPAN_EVENTS) {
      reader.skip(tag, end);
      return;
    }
    const blockEnd = reader.block(end);
    if (tag === SPAN_NAME) this.#leaks.scan("span name", reader.position, blockEnd);
    else this.#leaks.scanEvent(reader.position, blockEnd);
    reader.position = blockEnd;
  }

  #scanText(place: string, end: number): void {
    const blockEnd = this.#reader.block(end);
    this.#leaks.scan(place, this.#reader.position, blockEnd);
    this.#reader.position = blockEnd;
  }

  #scanAttribute(prefix: string, end: number): void {
    const blockEnd = this.#reader.block(end);
    this.#leaks.scanAttribute(prefix, this.#reader.position, blockEnd);
    this.#reader.position = blockEnd;
  }

  /** Steps over an id and returns its length. */
  #skipId(end: number): number {
    const reader = this.#reader;
    const idEnd = reader.block(end);
    const length = idEnd - reader.position;
    reader.position = idEnd;
    return length;
  }

  /** Of everything that vendors write here only the sampling threshold is read. */
  #readTraceState(end: number): void {
    const reader = this.#reader;
    this.#weight = readSamplingWeight(reader.view, reader.position, end);
    reader.position = end;
  }

  #readAttribute(end: number): void {
    const start = this.#reader.position;
    const target = this.#attributes.read(this.#wanted.spanTable, end);
    if (target < 0) {
      if (this.#leaks.isScanning) this.#leaks.scanAttribute("", start, end);
      return;
    }
    if (target >= this.#wanted.count) this.#addCredential(target - this.#wanted.count);
    else if (!this.#wanted.isPassing(target, this.#kind)) this.#addAttribute(target);
    this.#reader.position = end;
  }

  #addAttribute(target: number): void {
    const attributes = this.#attributes;
    const value = this.#wanted.intern(target, attributes);
    if (value < 0) return;
    this.#columns.addAttribute(target, value);
    const url = this.#wanted.urlWithCredential(target, this.#reader.view, attributes);
    if (url >= 0) this.#addCredential(url);
  }

  /** The one way a raw credential takes: from the request's bytes into the credential room. */
  #addCredential(nameIndex: number): void {
    const attributes = this.#attributes;
    if (!this.#wanted.isWorthReading(nameIndex, this.#reader.view, attributes)) return;
    if (!this.#hasCredential) this.#credentialReader.begin();
    this.#hasCredential = true;
    const { type, start, end, scalar } = attributes;
    if (type === VALUE.text) this.#credentialReader.addText(nameIndex, this.#reader.view, start, end);
    else if (type === VALUE.array) this.#addCredentialList(nameIndex, end);
    else this.#credentialReader.add(nameIndex, plainScalar(scalar));
  }

  #addCredentialList(nameIndex: number, end: number): void {
    const attributes = this.#attributes;
    this.#credentialReader.addList(nameIndex);
    this.#reader.position = attributes.start;
    while (attributes.nextText(end)) {
      this.#credentialReader.addItem(this.#reader.view, attributes.start, attributes.end);
    }
  }

  #readStatus(end: number): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === STATUS_CODE) this.#status = reader.varint(end);
      else if (tag === STATUS_MESSAGE && this.#leaks.isScanning) this.#scanText("status message", end);
      else reader.skip(tag, end);
    }
  }

  /** A link whose ids are not whole is left out; its span is not. */
  #readLink(end: number): void {
    const reader = this.#reader;
    const at = this.#columns.addLink();
    const links = this.#columns.links;
    links.fill(0, at, at + 6);
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === LINK_TRACE_ID) this.#readTraceId(links, at, this.#skipId(end));
      else if (tag === LINK_SPAN_ID) this.#readSpanId(links, at + 4, this.#skipId(end));
      else if (tag === LINK_ATTRIBUTES && this.#leaks.isScanning) this.#scanAttribute("link.", end);
      else reader.skip(tag, end);
    }
    if (isZero(links, at, 4) || isZero(links, at + 4, 2)) this.#columns.dropLink();
  }

  #readTraceId(target: Uint32Array, at: number, length: number): void {
    if (length === 16 || length === 8) this.#writeTraceId(target, at, this.#reader.position - length, length);
    else target.fill(0, at, at + 4);
  }

  #readSpanId(target: Uint32Array, at: number, length: number): void {
    if (length === 8) this.#writeSpanId(target, at, this.#reader.position - length);
    else target.fill(0, at, at + 2);
  }

  /** A 64-bit trace id, as older tracers have it, is one of 128 bits whose high half is zero. */
  #writeTraceId(target: Uint32Array, at: number, from: number, length: number): void {
    const reader = this.#reader;
    target[at] = length === 16 ? reader.word(from) : 0;
    target[at + 1] = length === 16 ? reader.word(from + 4) : 0;
    target[at + 2] = reader.word(from + length - 8);
    target[at + 3] = reader.word(from + length - 4);
  }

  #writeSpanId(target: Uint32Array, at: number, from: number): void {
    target[at] = this.#reader.word(from);
    target[at + 1] = this.#reader.word(from + 4);
  }

  /** Writes the ids into the row, and says why the row cannot stay. */
  #problem(): string | null {
    const { traceIds, spanIds, parentIds, spanCount } = this.#columns;
    if (this.#traceIdBytes !== 16 && this.#traceIdBytes !== 8) return "trace id must be 16 bytes";
    if (this.#spanIdBytes !== 8) return "span id must be 8 bytes";
    if (this.#parentIdBytes !== 8 && this.#parentIdBytes !== 0) return "parent span id must be 8 bytes";
    this.#writeTraceId(traceIds, spanCount * 4, this.#traceId, this.#traceIdBytes);
    this.#writeSpanId(spanIds, spanCount * 2, this.#spanId);
    if (this.#parentIdBytes === 8) this.#writeSpanId(parentIds, spanCount * 2, this.#parentId);
    else parentIds.fill(0, spanCount * 2, spanCount * 2 + 2);
    if (isZero(traceIds, spanCount * 4, 4)) return "trace id must not be zero";
    if (isZero(spanIds, spanCount * 2, 2)) return "span id must not be zero";
    return null;
  }

  #keep(): void {
    const columns = this.#columns;
    const row = columns.spanCount;
    columns.kinds[row] = this.#kind > KIND_MAX ? 0 : this.#kind;
    columns.statuses[row] = this.#status > STATUS_MAX ? 0 : this.#status;
    columns.weights[row] = this.#weight;
    if (this.#weight !== 1) columns.isWeighted = true;
    if (this.#hasCredential) this.#keepCredentials(row);
    this.#credentialRows.keepSpan(row);
    columns.keepSpan();
  }

  /** Only who was called can know who called by its certificate; a caller's own is its own. */
  #keepCredentials(row: number): void {
    const facts = this.#endCredential();
    if (facts === null) return;
    this.#credentialRows.add(facts);
    const isCalled = this.#kind === SPAN_KIND.server || this.#kind === SPAN_KIND.consumer;
    if (isCalled && facts.peer !== null) this.#credentialRows.addPeer(row, facts.peer);
    for (const place of facts.leaks) this.#leaks.note(place);
  }

  #drop(): void {
    this.#endCredential();
    this.#columns.dropSpan();
  }

  #endCredential(): SpanCredentials | null {
    if (!this.#hasCredential) return null;
    this.#hasCredential = false;
    return this.#credentialReader.end();
  }
}

function isZero(words: Uint32Array, at: number, count: number): boolean {
  for (let word = at; word < at + count; word += 1) {
    if (words[word] !== 0) return false;
  }
  return true;
}

/** No fact about a credential needs more than 53 bits. */
function plainScalar(scalar: number | bigint | boolean): number | boolean {
  return typeof scalar === "bigint" ? Number(scalar) : scalar;
}
