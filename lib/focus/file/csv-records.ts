import { isUtf8 } from 'node:buffer';

/** The longest record that is read, bytes; the limit of DuckDB's own reader (max_line_size). */
export const LONGEST_RECORD = 2_000_000;

export interface CsvDialect {
  readonly delimiter: string;
  /** Fields that every record has. */
  readonly fields: number;
}

export interface CsvEvents {
  /** A sound record without its line end. Bytes are only valid during the call. `line` counts from 1. */
  record?(bytes: Uint8Array, line: number): void;
  broken(bytes: Uint8Array, line: number, reason: string): void;
}

const LF = 10;
const CR = 13;
const QUOTE = 34;

type Scan =
  | { readonly kind: 'record'; readonly next: number; readonly fields: number; readonly lines: number }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'more' };

const MORE: Scan = { kind: 'more' };

/**
 * Finds the records of a CSV (RFC 4180) in pieces of any size, without building values. A record that breaks the
 * quoting or has another number of fields is reported and reading goes on at the next line that can be one, so a
 * quote that is never closed costs its own row and not the thousands that it would swallow.
 */
export class CsvRecords {
  /** Sound records after the header, and broken ones. */
  records = 0;
  broken = 0;
  /** True where a plain reader could see other records: blank lines, line ends of two kinds. */
  irregular = false;

  readonly #delimiter: number;
  readonly #fields: number;
  readonly #events: CsvEvents;
  #held: Uint8Array = new Uint8Array(0);
  #line = 1;
  #header = true;
  #lineEnd: 'lf' | 'crlf' | null = null;
  #first = true;

  constructor(dialect: CsvDialect, events: CsvEvents) {
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#fields = dialect.fields;
    this.#events = events;
  }

  push(piece: Uint8Array): void {
    this.#run(this.#held.length === 0 ? piece : join(this.#held, piece), false);
  }

  end(): void {
    this.#run(this.#held, true);
  }

  #run(bytes: Uint8Array, final: boolean): void {
    let at = 0;
    if (this.#first && (bytes.length >= 3 || final)) {
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
      this.#first = false;
    }
    const sound = isUtf8(final ? bytes : bytes.subarray(0, bytes.lastIndexOf(LF) + 1));
    while (at < bytes.length) {
      const blank = blankLine(bytes, at);
      if (blank > 0) {
        at += blank;
        this.#line++;
        this.irregular = true;
        continue;
      }
      const scan = scanRecord(bytes, at, final, this.#delimiter);
      if (scan.kind === 'more' && bytes.length - at <= LONGEST_RECORD) break;
      const taken = this.#take(bytes, at, scan, final, sound);
      if (taken === 0) break;
      at += taken;
    }
    this.#held = bytes.slice(at);
  }

  /** Counts what lies at `at`; how many bytes it was, 0 where more are needed to tell. */
  #take(bytes: Uint8Array, at: number, scan: Scan, final: boolean, sound: boolean): number {
    if (scan.kind === 'record' && scan.fields === this.#fields) {
      const end = at + withoutLineEnd(bytes, at, scan.next);
      if (sound || isUtf8(bytes.subarray(at, end))) {
        this.#noteLineEnd(bytes, end, scan.next);
        if (this.#header) this.#header = false;
        else {
          this.records++;
          this.#events.record?.(bytes.subarray(at, end), this.#line);
        }
        this.#line += scan.lines;
        return scan.next - at;
      }
      return this.#reject(bytes, at, scan.next, scan.lines, 'not UTF-8');
    }
    if (scan.kind === 'record') {
      const next = this.#resume(bytes, at, scan.next, final);
      if (next === null) return 0;
      const lines = next === scan.next ? scan.lines : countLines(bytes, at, next);
      return this.#reject(bytes, at, next, lines, `${scan.fields} fields instead of ${this.#fields}`);
    }
    const lineFeed = bytes.indexOf(LF, at);
    if (lineFeed < 0 && !final && bytes.length - at <= LONGEST_RECORD) return 0;
    const reason = scan.kind === 'broken' ? scan.reason : `longer than ${LONGEST_RECORD} bytes`;
    return this.#reject(bytes, at, lineFeed < 0 ? bytes.length : lineFeed + 1, 1, reason);
  }

  /** Where to go on after a record of several lines with a wrong number of fields: at a line that is sound; null: tell me more. */
  #resume(bytes: Uint8Array, at: number, next: number, final: boolean): number | null {
    for (let line = bytes.indexOf(LF, at) + 1; line > 0 && line < next; line = bytes.indexOf(LF, line) + 1) {
      const scan = scanRecord(bytes, line, final, this.#delimiter);
      if (scan.kind === 'record' && scan.fields === this.#fields) return line;
      if (scan.kind === 'more' && bytes.length - at <= LONGEST_RECORD) return null;
    }
    return next;
  }

  #reject(bytes: Uint8Array, at: number, next: number, lines: number, reason: string): number {
    const end = at + withoutLineEnd(bytes, at, next);
    this.#header = false;
    this.broken++;
    this.#events.broken(bytes.subarray(at, end), this.#line, reason);
    this.#line += lines;
    return next - at;
  }

  #noteLineEnd(bytes: Uint8Array, end: number, next: number): void {
    if (next === end) return;
    const kind = bytes[end] === CR ? 'crlf' : 'lf';
    if (this.#lineEnd !== null && this.#lineEnd !== kind) this.irregular = true;
    this.#lineEnd = kind;
  }
}

/** Fields of one sound record, quotes removed. */
export function splitRecord(record: string, delimiter: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= record.length; ) {
    if (record[at] === '"') {
      let end = at + 1;
      while (end < record.length && (record[end] !== '"' || record[end + 1] === '"'))
        end += record[end] === '"' ? 2 : 1;
      fields.push(record.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 2;
    } else {
      const found = record.indexOf(delimiter, at);
      const end = found < 0 ? record.length : found;
      fields.push(record.slice(at, end));
      at = end + 1;
    }
  }
  return fields;
}

/** The end of the first record of `bytes` (after its line end); null where there is no whole sound one. */
export function firstRecord(bytes: Uint8Array, delimiter: string, final: boolean): number | null {
  const scan = scanRecord(bytes, 0, final, delimiter.charCodeAt(0));
  return scan.kind === 'record' ? scan.next : null;
}

function scanRecord(bytes: Uint8Array, start: number, final: boolean, delimiter: number): Scan {
  const end = bytes.length;
  let at = start;
  let fields = 1;
  let lines = 1;
  for (;;) {
    if (at < end && bytes[at] === QUOTE) {
      at++;
      for (;;) {
        while (at < end && bytes[at] !== QUOTE) if (bytes[at++] === LF) lines++;
        if (at >= end) return final ? { kind: 'broken', reason: 'a quote is never closed' } : MORE;
        if (at + 1 >= end && !final) return MORE;
        if (bytes[at + 1] !== QUOTE) break;
        at += 2;
      }
      at++;
    } else {
      for (; at < end; at++) {
        const byte = bytes[at];
        if (byte === delimiter || byte === LF || byte === CR) break;
        if (byte === QUOTE) return { kind: 'broken', reason: 'a quote within a field that has no quotes' };
      }
    }
    if (at >= end) return final ? { kind: 'record', next: end, fields, lines } : MORE;
    const byte = bytes[at];
    if (byte === delimiter) {
      fields++;
      at++;
      continue;
    }
    if (byte === LF) return { kind: 'record', next: at + 1, fields, lines };
    if (byte === CR) {
      if (at + 1 >= end) return final ? { kind: 'record', next: end, fields, lines } : MORE;
      if (bytes[at + 1] === LF) return { kind: 'record', next: at + 2, fields, lines };
      return { kind: 'broken', reason: 'a carriage return within a field that has no quotes' };
    }
    return { kind: 'broken', reason: 'text after a closing quote' };
  }
}

function blankLine(bytes: Uint8Array, at: number): number {
  if (bytes[at] === LF) return 1;
  return bytes[at] === CR && bytes[at + 1] === LF ? 2 : 0;
}

function withoutLineEnd(bytes: Uint8Array, at: number, next: number): number {
  let end = next;
  if (end > at && bytes[end - 1] === LF) end--;
  if (end > at && bytes[end - 1] === CR) end--;
  return end - at;
}

function countLines(bytes: Uint8Array, at: number, next: number): number {
  let lines = 0;
  for (let found = bytes.indexOf(LF, at); found >= 0 && found < next; found = bytes.indexOf(LF, found + 1))
    lines++;
  return lines;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
