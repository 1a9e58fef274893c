import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '../lake/store/model.ts';
import { BursarError } from '../platform/errors.ts';

/** Where rows are kept before they are deleted. */
export type Exports = Pick<Store, 'shownAs' | 'get' | 'put'>;

export const exportedPart = z.strictObject({
  /** JSON of each row, a line each. */
  rows: z.string(),
  /** JSON of each row's primary key, in the same order. */
  keys: z.string(),
  count: z.int().positive(),
  sha256: z.strictObject({ rows: z.string(), keys: z.string() }),
});
const manifestShape = z.strictObject({
  schemaVersion: z.literal(1),
  table: z.string(),
  key: z.array(z.string()),
  /** What was listed, and when: the rows are those whose document was gone from it. */
  source: z.string(),
  listedAt: z.string(),
  rows: z.int().nonnegative(),
  parts: z.array(exportedPart),
});
export type Manifest = z.output<typeof manifestShape>;
export type ExportedPart = z.output<typeof exportedPart>;
export interface Lines {
  readonly rows: readonly string[];
  readonly keys: readonly string[];
}

const MANIFEST = 'manifest.json';

/** Keeps some rows, and reads back whether they were kept as they are. */
export async function keepPart(
  exports: Exports,
  folder: string,
  number: number,
  { rows, keys }: Lines,
): Promise<ExportedPart> {
  const name = String(number).padStart(5, '0');
  const kept: ExportedPart = {
    rows: `${folder}/rows-${name}.ndjson`,
    keys: `${folder}/keys-${name}.ndjson`,
    count: rows.length,
    sha256: { rows: sha256(textOf(rows)), keys: sha256(textOf(keys)) },
  };
  await exports.put(kept.rows, textOf(rows));
  await exports.put(kept.keys, textOf(keys));
  await readPart(exports, kept);
  return kept;
}

/** The rows of a part as they were kept. @throws BursarError (conflict) where count or checksum are others */
export async function readPart(
  exports: Exports,
  { rows, keys, count, sha256: sums }: ExportedPart,
): Promise<Lines> {
  const [ofRows, ofKeys] = await Promise.all([
    linesOf(exports, rows, count, sums.rows),
    linesOf(exports, keys, count, sums.keys),
  ]);
  return { rows: ofRows, keys: ofKeys };
}

/** Written last: what has one was kept whole. */
export async function keepManifest(exports: Exports, folder: string, manifest: Manifest): Promise<void> {
  await exports.put(`${folder}/${MANIFEST}`, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
}

/** Null where nothing was kept whole yet. */
export async function readManifest(exports: Exports, folder: string): Promise<Manifest | null> {
  const stored = await exports.get(`${folder}/${MANIFEST}`);
  if (stored === null) return null;
  const read = manifestShape.safeParse(JSON.parse(Buffer.from(stored.body).toString('utf8')));
  if (read.success) return read.data;
  throw spoilt(exports, `${folder}/${MANIFEST}`, 'it is not what this version writes');
}

async function linesOf(exports: Exports, name: string, count: number, sum: string): Promise<string[]> {
  const stored = await exports.get(name);
  if (stored === null) throw spoilt(exports, name, 'it is gone');
  if (sha256(stored.body) !== sum) throw spoilt(exports, name, 'its checksum is another');
  const lines = Buffer.from(stored.body).toString('utf8').split('\n').slice(0, -1);
  if (lines.length !== count) throw spoilt(exports, name, `it has ${lines.length} lines, not ${count}`);
  return lines;
}

function spoilt({ shownAs }: Exports, name: string, why: string): BursarError {
  return new BursarError('conflict', `the export cannot be relied on: ${why}`, {
    where: `${shownAs}/${name}`,
    hint: 'Nothing is deleted that is not kept; the next audit judges it anew.',
  });
}

function textOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

function sha256(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}
