import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentTag } from '../../../../lib/estate/vectors/contents.ts';
import { LISTING_LIMITS } from '../../../../lib/estate/vectors/sources/limits.ts';
import { listManifest } from '../../../../lib/estate/vectors/sources/manifest.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const AT = Date.parse('2026-10-01T08:00:00Z');
type Settings = Partial<Parameters<typeof listManifest>[1]> & { piece?: number; keys?: number };

async function read(
  text: string | Uint8Array,
  { path = 'docs.csv', piece = 7, keys = 1000, ...rest }: Settings = {},
) {
  const bytes = Buffer.from(text);
  // In small pieces, so that lines and letters are cut anywhere.
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, at) =>
    bytes.subarray(at * piece, (at + 1) * piece),
  );
  const source = { path, key: 'key', modified: null, content: null, as: '{key}', ...rest };
  return await listManifest(Readable.from(pieces), source, { now: NOW, limits: { ...LISTING_LIMITS, keys } });
}

describe('a manifest in CSV', () => {
  it('lists keys with time and content, whatever else it has', async () => {
    const { sources, told } = await read(
      '\ufeffid,key,modified,content\r\n1,"a, ""b"".md",2026-10-01T08:00:00Z,abc\r\n\r\n2,ü.md,,\r\n3,"two\nlines.md",1790841600,x\r\n',
    );
    expect(told).toMatchObject({ kind: 'manifest', name: 'docs.csv', keys: 3, complete: true, hashed: true });
    expect(sources.find('a, "b".md')).toEqual({ time: AT, content: contentTag('abc') });
    expect(sources.find('ü.md')).toEqual({ time: null, content: null });
    expect(sources.find('two\nlines.md')).toMatchObject({ time: 1_790_841_600_000 });
  });

  it('takes the configured columns, and names documents as vectors do', async () => {
    const { sources } = await read('path,etag,at\na b.md,"""abc""",2026-10-01 08:00:00\n', {
      key: 'path',
      modified: 'at',
      content: 'etag',
      as: '/docs/{encodedKey}',
    });
    expect(sources.find('/docs/a%20b.md')).toEqual({ time: AT, content: contentTag('abc') });
  });

  it.each([
    [
      'a column that is not there',
      'key,modified\na,\n',
      { content: 'etag' },
      'config',
      'docs.csv',
      'no etag',
    ],
    ['no key column', 'path\na\n', {}, 'config', 'docs.csv', 'no key'],
    [
      'a record of too many fields',
      'key,modified\na,2026-10-01\nb,2026-10-01,x\n',
      {},
      'input',
      'docs.csv line 3',
      'CSV',
    ],
    ['a quote that is never closed', 'key\na\n"b\nc\n', {}, 'input', 'docs.csv line ', 'CSV'],
    ['an empty key', 'key,modified\na,\n,2026-10-01\n', {}, 'input', 'docs.csv line 3', 'no key'],
    [
      'a time that is none',
      'key,modified\na,2026-10-01\nb,soon\n',
      {},
      'input',
      'docs.csv line 3',
      'no time: "soon"',
    ],
  ])('fails as a whole on %s', async (_what, text, settings, code, where, said) => {
    await expect(read(text, settings)).rejects.toMatchObject({
      code,
      where: expect.stringContaining(where),
      message: expect.stringContaining(said),
    });
  });
});

describe('a manifest in JSON Lines', () => {
  const jsonl = { path: 'docs.jsonl' };

  it('lists keys, of text and of whole numbers', async () => {
    const { sources, told } = await read(
      '{"key":"ü.md","modified":"2026-10-01T08:00:00Z","content":"abc"}\r\n\n{"key":42,"modified":null,"secret":"s"}\n{"key":"last"}',
      jsonl,
    );
    expect(told).toMatchObject({ keys: 3, complete: true });
    expect(sources.find('ü.md')).toEqual({ time: AT, content: contentTag('abc') });
    expect(sources.find('42')).toEqual({ time: null, content: null });
    expect(sources.find('last')).not.toBeNull();
  });

  it.each([
    ['what is no JSON', '{"key":"a"}\n{"key":\n', 2, 'no JSON'],
    ['a list', '["a"]\n', 1, 'no JSON object'],
    ['no key', '{"key":"a"}\n\n{"id":"b"}\n', 3, 'no key'],
    ['a key that JSON rounds', '{"key":12345678901234567890}\n', 1, 'no key'],
    ['a time that is none', '{"key":"a","modified":"soon"}\n', 1, 'no time'],
  ])('fails as a whole on %s, and tells the line', async (_what, text, line, said) => {
    await expect(read(text, jsonl)).rejects.toMatchObject({
      code: 'input',
      where: `docs.jsonl line ${line}`,
      message: expect.stringContaining(said),
    });
  });

  it('fails on a configured field that a line lacks', async () => {
    await expect(read('{"key":"a"}\n', { ...jsonl, modified: 'at' })).rejects.toMatchObject({
      where: 'docs.jsonl line 1',
      message: 'it has no at',
    });
  });

  it('fails on what is no text, and on a line without an end', async () => {
    await expect(read(Buffer.from([0x7b, 0xff, 0xfe, 0x0a]), jsonl)).rejects.toMatchObject({
      code: 'input',
      where: 'docs.jsonl line 1',
    });
    await expect(read('x'.repeat(3_000_000), { ...jsonl, piece: 100_000 })).rejects.toMatchObject({
      message: expect.stringContaining('longer'),
    });
  });

  it('holds what was written, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 })),
        fc.integer({ min: 1, max: 9 }),
        async (keys, piece) => {
          const wellFormed = [...new Set(keys.map((key) => key.toWellFormed()))];
          const { sources, told } = await read(
            wellFormed.map((key) => `${JSON.stringify({ key })}\n`).join(''),
            { ...jsonl, piece },
          );
          expect(told.keys).toBe(wellFormed.length);
          expect(wellFormed.filter((key) => sources.find(key) === null)).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });
});

it('tells what it did not take', async () => {
  expect(await read('key\na\nb\nc\n', { keys: 2 })).toMatchObject({
    told: { keys: 2, complete: false },
    why: 'it holds more than 2 keys',
  });
  expect(await read('key\na\nb\n', { keys: 2 })).toMatchObject({ told: { keys: 2, complete: true } });
});
