import type { CredentialReader } from "../credential/credential-reader.ts";
import type { SpanBatch, WantedAttribute } from "../model/span-batch.ts";
import { AttributeReader, VALUE } from "./attribute-reader.ts";
import { CredentialRows } from "./credential-rows.ts";
import { jsonToProtobuf } from "./json-to-protobuf.ts";
import { LeakNotes } from "./leak-notes.ts";
import {
  REQUEST_RESOURCE_SPANS,
  RESOURCE_ATTRIBUTES,
  RESOURCE_SPANS_LIBRARY_SPANS,
  RESOURCE_SPANS_RESOURCE,
  RESOURCE_SPANS_SCOPE_SPANS,
  SCOPE_SPANS_SPANS,
} from "./otlp-tags.ts";
import { SpanColumns } from "./span-columns.ts";
import { SpanReader } from "./span-reader.ts";
import { tooManySpans } from "./too-many-spans.ts";
import { ValueDictionary } from "./value-dictionary.ts";
import { WantedAttributes } from "./wanted-attributes.ts";
import { WireReader } from "./wire-reader.ts";

const SPANS_MAX = 65_536;
/** Of so many requests one is searched as a whole for raw credentials. */
const SCAN_EVERY = 64;

type DecoderOptions = {
  /** What to read of spans and resources; batches name these by their position. */
  readonly wanted: readonly WantedAttribute[];
  readonly credentials: CredentialReader;
  /** Spans of one request, the rejected ones included. */
  readonly spansMax?: number;
  /** Of so many requests one, the first among them, is searched as a whole for raw credentials. */
  readonly scanEvery?: number;
};

/**
 * Turns the bytes of one export request after another into batches, by OTLP 1.x
 * (https://opentelemetry.io/docs/specs/otlp/). Only what was asked for is read: other fields are stepped over by the
 * length they claim, and are not looked into.
 *
 * Hot path (`npm run bench -- stages`): 3 to 5 µs for a span of that load on the project's 2-core machine, depending
 * on what else it does; everything but the batch itself is used again for the next request.
 */
export class Decoder {
  readonly #reader = new WireReader();
  readonly #attributes = new AttributeReader(this.#reader);
  readonly #dictionary = new ValueDictionary(this.#reader);
  readonly #columns = new SpanColumns();
  readonly #credentialRows = new CredentialRows();
  readonly #credentials: CredentialReader;
  readonly #leaks: LeakNotes;
  readonly #wanted: WantedAttributes;
  readonly #spans: SpanReader;
  readonly #spansMax: number;
  #spansSeen = 0;
  #rejected = new Map<string, number>();

  constructor({ wanted, credentials, spansMax = SPANS_MAX, scanEvery = SCAN_EVERY }: DecoderOptions) {
    this.#credentials = credentials;
    const leaks = new LeakNotes(this.#reader, scanEvery);
    this.#leaks = leaks;
    this.#wanted = new WantedAttributes({ wanted, credentials, dictionary: this.#dictionary, leaks });
    this.#spansMax = spansMax;
    this.#spans = new SpanReader({
      reader: this.#reader,
      attributes: this.#attributes,
      wanted: this.#wanted,
      columns: this.#columns,
      credentialReader: credentials,
      credentialRows: this.#credentialRows,
      leaks,
    });
  }

  /** What an earlier run had seen of credentials, four words of fingerprint each. */
  remember(fingerprints: Uint32Array): void {
    this.#credentials.remember(fingerprints);
  }

  /** Decodes an `ExportTraceServiceRequest`. Throws `malformed-request` or `request-too-large` and nothing else. */
  decodeProtobuf(bytes: Uint8Array): SpanBatch {
    return this.#decode(bytes, this.#leaks.sample(bytes));
  }

  #decode(bytes: Uint8Array, isScanned: boolean): SpanBatch {
    this.#clear();
    this.#leaks.begin(isScanned);
    this.#reader.open(bytes);
    try {
      this.#readRequest(bytes.length);
    } finally {
      this.#spans.close();
      this.#credentials.setWorkload(null);
      this.#dictionary.close();
      this.#reader.close();
    }
    return {
      ...this.#columns.copy(),
      ...this.#credentialRows.copy(this.#columns.spanCount),
      leaks: this.#leaks.take(),
      strings: this.#dictionary.strings,
      rejected: this.#rejected,
    };
  }

  /** Decodes the same request written as OTLP/JSON; the same errors. */
  decodeJson(bytes: Uint8Array): SpanBatch {
    const isScanned = this.#leaks.sample(bytes);
    return this.#decode(jsonToProtobuf(bytes, this.#spansMax, isScanned ? "everything" : "what is read"), isScanned);
  }

  #clear(): void {
    this.#dictionary.clear();
    this.#columns.clear();
    this.#credentialRows.clear();
    this.#spansSeen = 0;
    this.#rejected = new Map();
  }

  #readRequest(end: number): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === REQUEST_RESOURCE_SPANS) this.#readResourceSpans(reader.block(end));
      else reader.skip(tag, end);
    }
  }

  /**
   * The resource may follow its spans on the wire: spans name it by an index that is known from the start. A resource
   * that comes twice is merged, as protobuf merges messages: the attributes of both, in order.
   */
  #readResourceSpans(end: number): void {
    const reader = this.#reader;
    const columns = this.#columns;
    const firstSpan = columns.spanCount;
    this.#leaks.resource = columns.resourceCount;
    this.#credentials.setWorkload(null);
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === RESOURCE_SPANS_RESOURCE) this.#readResource(reader.block(end));
      else if (tag === RESOURCE_SPANS_SCOPE_SPANS) this.#readScopeSpans(reader.block(end));
      else if (tag === RESOURCE_SPANS_LIBRARY_SPANS) this.#readScopeSpans(reader.block(end));
      else reader.skip(tag, end);
    }
    if (columns.spanCount > firstSpan) columns.keepResource();
    else {
      columns.dropResource();
      this.#leaks.dropResource();
    }
  }

  #readResource(end: number): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === RESOURCE_ATTRIBUTES) this.#readResourceAttribute(reader.block(end));
      else reader.skip(tag, end);
    }
  }

  #readResourceAttribute(end: number): void {
    const start = this.#reader.position;
    const target = this.#attributes.read(this.#wanted.resourceTable, end);
    if (target < 0) {
      if (this.#leaks.isScanning) this.#leaks.scanAttribute("resource.", start, end);
      return;
    }
    if (target === this.#wanted.count) {
      this.#readWorkload(end);
      return;
    }
    const value = this.#wanted.intern(target, this.#attributes);
    if (value >= 0) this.#columns.addResourceAttribute(target, value);
    this.#reader.position = end;
  }

  #readWorkload(end: number): void {
    if (this.#attributes.type === VALUE.text) this.#credentials.setWorkload(this.#attributes.text());
    this.#reader.position = end;
  }

  #readScopeSpans(end: number): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = reader.tag(end);
      if (tag === SCOPE_SPANS_SPANS) this.#readSpan(reader.block(end));
      else reader.skip(tag, end);
    }
  }

  #readSpan(end: number): void {
    this.#spansSeen += 1;
    if (this.#spansSeen > this.#spansMax) {
      throw tooManySpans(this.#spansMax);
    }
    const problem = this.#spans.read(end);
    if (problem !== null) this.#rejected.set(problem, (this.#rejected.get(problem) ?? 0) + 1);
  }
}
