/**
 * Where everything lies under the lake's root (docs/decisions/0002-lake-layout.md):
 *
 *     sources/<source>/manifest.json
 *     sources/<source>/<YYYY-MM>/<snapshot>/<n>.parquet
 *     rejects/<source>/<ingest>.ndjson
 *     snapshots/<scope>/<YYYYMMDDTHHMMSS.mmmZ>.ndjson.gz
 *     beside/<source>/<table>/<YYYYMMDDTHHMMSS.mmmZ>.json.gz
 */
export const SOURCES = 'sources/';
export const SNAPSHOTS = 'snapshots/';

export const manifestKey = (sourceId: string) => `${SOURCES}${safeName(sourceId)}/manifest.json`;

export const sourcePrefix = (sourceId: string) => `${SOURCES}${safeName(sourceId)}/`;

export const partKey = (sourceId: string, period: string, snapshotId: string, part: number) =>
  `${SOURCES}${safeName(sourceId)}/${safeName(period)}/${safeName(snapshotId)}/${part}.parquet`;

export const rejectsKey = (sourceId: string, ingest: string) =>
  `rejects/${safeName(sourceId)}/${safeName(ingest)}.ndjson`;

export const besidePrefix = (sourceId: string) => `beside/${safeName(sourceId)}/`;

export const besideFolder = (sourceId: string, table: string) =>
  `${besidePrefix(sourceId)}${safeName(table)}/`;

export const besideKey = (sourceId: string, table: string, takenAt: Date) =>
  `${besideFolder(sourceId, table)}${compactTime(takenAt)}.json.gz`;

export const scopePrefix = (scope: string) => `${SNAPSHOTS}${safeName(scope)}/`;

export const snapshotKey = (scope: string, takenAt: Date) =>
  `${scopePrefix(scope)}${compactTime(takenAt)}.ndjson.gz`;

/** The UTC day of a snapshot's key, `YYYYMMDD`. */
export const dayOfKey = (key: string) => key.slice(key.lastIndexOf('/') + 1).slice(0, 8);

/** `20261122T111832.000Z`: sorts as the time does, and is fit for a file name everywhere. */
export function compactTime(time: Date): string {
  return time.toISOString().replaceAll(/[-:]/g, '');
}

/** The time that a key ends with. */
export function timeOfKey(key: string): Date {
  const [, date = '', hour, minute, rest] = /(\d{8})T(\d\d)(\d\d)([\d.]+Z)[^/]*$/.exec(key) ?? [];
  return new Date(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${hour}:${minute}:${rest}`);
}

const hex = (byte: number) => `~${byte.toString(16).padStart(2, '0')}`;

/**
 * Any text as one path segment of `[A-Za-z0-9._-]` and `~` with two hex digits for each other UTF-8 byte: one to
 * one, so that two ids never share a folder.
 */
export function safeName(text: string): string {
  const escaped = [...new TextEncoder().encode(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9._-]/.test(char) ? char : hex(byte);
    })
    .join('');
  // `.`, `..` and hidden names would mean something to a file system; an empty name would vanish.
  if (escaped === '') return '~';
  return escaped.startsWith('.') ? `${hex(0x2e)}${escaped.slice(1)}` : escaped;
}

/** The text that `safeName` was given. */
export function textOf(name: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < name.length; at++) {
    if (name[at] !== '~') bytes.push(name.charCodeAt(at));
    else if (at + 2 < name.length) {
      bytes.push(Number.parseInt(name.slice(at + 1, at + 3), 16));
      at += 2;
    }
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
