import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { BursarError } from './errors.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** How a file is compressed, by its first bytes and not by its name. Throws what `open` throws. */
export async function compressionOf(path: string): Promise<Compression> {
  const head = await readAt(path, 0, 4);
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return 'none';
}

/** Up to `length` bytes of a file from `position`. */
export async function readAt(path: string, position: number, length: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const buffer = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } finally {
    await file.close();
  }
}

/** Bytes that are read at once, at most and at least. */
const PIECE = { most: 1 << 20, least: 1 << 12 } as const;

/** The plain bytes of a file in pieces, whatever it is compressed with; a damaged stream is an input error. */
export async function* plainBytes(path: string, shownAs = path): AsyncGenerator<Uint8Array> {
  const compression = await compressionOf(path);
  // A bill may be thousands of small files: a piece of its own of the largest size for each is work for the collector
  // of garbage, half of all of it.
  const { size } = await stat(path);
  const highWaterMark = Math.min(PIECE.most, Math.max(PIECE.least, size + 1));
  yield* unpacked(createReadStream(path, { highWaterMark }), compression, shownAs);
}

/** The same of a stream that comes from elsewhere; it is destroyed at the end, or where nobody reads on. */
export async function* unpacked(
  raw: Readable,
  compression: Compression,
  shownAs: string,
): AsyncGenerator<Uint8Array> {
  const plain = compression === 'none' ? raw : raw.pipe(decompressor(compression, shownAs));
  if (plain !== raw) raw.on('error', (error) => plain.destroy(error));
  try {
    for await (const piece of plain as AsyncIterable<Uint8Array>) yield piece;
  } catch (error) {
    if (compression === 'none') throw error;
    throw new BursarError('input', `the ${compression} stream is damaged or cut off`, {
      where: shownAs,
      hint: 'Fetch or write the file again; nothing of it was taken.',
      cause: error,
    });
  } finally {
    raw.destroy();
    plain.destroy();
  }
}

function decompressor(compression: 'gzip' | 'zstd', shownAs: string): Readable & NodeJS.WritableStream {
  const options = { chunkSize: 1 << 18 };
  if (compression === 'gzip') return zlib.createGunzip(options);
  // node:zlib has Zstandard since 22.15 (nodejs.org, changelog of v22.15.0); older ones lack the export.
  if (typeof zlib.createZstdDecompress !== 'function')
    throw new BursarError('input', 'this Node cannot read Zstandard', {
      where: shownAs,
      hint: 'Use Node 22.15 or newer, or decompress the file first.',
    });
  return zlib.createZstdDecompress(options);
}
