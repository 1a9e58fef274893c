import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { BursarError } from '../../../platform/errors.ts';
import type { Listed } from '../documents.ts';
import { timeOf } from '../fields.ts';
import { Listing, type ListingLimits } from './limits.ts';
import { keyNamer } from './template.ts';

export interface ManifestDocuments {
  /** File or `s3://bucket/key`, by whose name its format is known. */
  readonly path: string;
  readonly key: string;
  /** Null: `modified` and `content`, where it has such fields. */
  readonly modified: string | null;
  readonly content: string | null;
  /** How vectors name a document. */
  readonly as: string;
}

/** The longest line that is read, bytes. */
const LONGEST_LINE = 1 << 20;

/**
 * Documents as a file lists them: CSV with a header, or JSON Lines. A line that cannot be read fails the whole: half a
 * list would call the other half gone.
 * @param bytes of the file, unpacked
 * @throws BursarError input (a line, by its number), config (a field that it has not)
 */
export async function listManifest(
  bytes: AsyncIterable<Uint8Array>,
  source: ManifestDocuments,
  { now, limits }: { readonly now: Date; readonly limits: ListingLimits },
): Promise<Listed> {
  const listing = new Listing('manifest', source.path, limits);
  const name = keyNamer(source.as);
  const format = /\.(csv|jsonl|ndjson)(\.(gz|gzip|zst|zstd))?$/i.exec(source.path)?.[1]?.toLowerCase();
  if (format === undefined)
    throw new BursarError(
      'config',
      'a manifest is a file .csv or .jsonl, with .gz or .zst where it is packed',
      {
        where: source.path,
      },
    );
  let lines = 0;
  for await (const { line, record } of format === 'csv'
    ? csvRecords(bytes, source)
    : jsonRecords(bytes, source)) {
    const key = text(own(record, source.key));
    if (key === null || key === '') throw bad(source, line, `it has no ${source.key}`);
    const told = own(record, source.modified ?? 'modified');
    const modified = timeOf(told);
    if (modified === null && told !== undefined && told !== null && told !== '')
      throw bad(
        source,
        line,
        `${source.modified ?? 'modified'} is no time: ${JSON.stringify(told).slice(0, 60)}`,
      );
    const content = text(own(record, source.content ?? 'content'));
    if (!listing.add(name(key), modified, content === '' ? null : content)) break;
    lines += 1;
    if (lines % 10_000 === 0 && !listing.hasTime()) break;
  }
  return listing.result(now);
}

interface Line {
  readonly line: number;
  readonly record: Readonly<Record<string, unknown>>;
}

async function* csvRecords(
  bytes: AsyncIterable<Uint8Array>,
  source: ManifestDocuments,
): AsyncGenerator<Line> {
  const raw = Readable.from(bytes, { objectMode: false });
  const parser = parse({
    bom: true,
    columns: (header: string[]) => {
      for (const wanted of [source.key, source.modified, source.content])
        if (wanted !== null && !header.includes(wanted))
          throw new BursarError('config', `the header has no ${wanted}: ${header.join(', ').slice(0, 200)}`, {
            where: source.path,
          });
      return header;
    },
    info: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_LINE,
  });
  raw.on('error', (error) => parser.destroy(error));
  raw.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>)
      yield { line: info.lines, record };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new BursarError('input', `it is no CSV: ${error.message}`, {
      where: `${source.path} line ${Number(error['lines'] ?? 0)}`,
      hint: 'Write the file again; nothing of it was taken.',
      cause: error,
    });
  } finally {
    raw.destroy();
  }
}

async function* jsonRecords(
  bytes: AsyncIterable<Uint8Array>,
  source: ManifestDocuments,
): AsyncGenerator<Line> {
  let line = 0;
  for await (const written of textLines(bytes, source)) {
    line += 1;
    if (written.trim() === '') continue;
    let record: unknown;
    try {
      record = JSON.parse(written);
    } catch (error) {
      throw bad(source, line, 'it is no JSON', error);
    }
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      throw bad(source, line, 'it is no JSON object');
    for (const wanted of [source.modified, source.content])
      if (wanted !== null && !Object.hasOwn(record, wanted)) throw bad(source, line, `it has no ${wanted}`);
    yield { line, record: Object.fromEntries(Object.entries(record)) };
  }
}

async function* textLines(
  bytes: AsyncIterable<Uint8Array>,
  source: ManifestDocuments,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let held = '';
  let line = 0;
  const decode = (piece?: Uint8Array) => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch (error) {
      throw bad(source, line + 1, 'it is not UTF-8, here or soon after', error);
    }
  };
  for await (const piece of bytes) {
    const parts = (held + decode(piece)).split('\n');
    held = parts.pop() ?? '';
    for (const part of parts) {
      line += 1;
      yield part;
    }
    if (held.length > LONGEST_LINE) throw bad(source, line + 1, `it is longer than ${LONGEST_LINE} bytes`);
  }
  held += decode();
  if (held !== '') yield held;
}

/** A field that the line itself has, and not every object. */
function own(record: Line['record'], field: string): unknown {
  return Object.hasOwn(record, field) ? record[field] : undefined;
}

/** Text as it is; a whole number as text, as long as JSON does not round it. */
function text(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null;
}

function bad({ path }: ManifestDocuments, line: number, why: string, cause?: unknown): BursarError {
  return new BursarError('input', why, {
    where: `${path} line ${line}`,
    hint: 'Write the file again; nothing of it was taken.',
    ...(cause === undefined ? {} : { cause }),
  });
}
