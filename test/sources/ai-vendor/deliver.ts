import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { Decimal } from '../../../lib/focus/decimal.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { vendorSession } from '../../../lib/sources/ai-vendor/http.ts';
import { ANTHROPIC_KEY_HINT, anthropicSource } from '../../../lib/sources/anthropic/source.ts';
import type { HeldBill, Source } from '../../../lib/sources/model.ts';
import { OPENAI_KEY_HINT, openAiSource } from '../../../lib/sources/openai/source.ts';

export const NOW = '2026-11-22T11:30:00Z';

/** Milliseconds that the last source waited for, in order: nothing is really waited for. */
export const waits: number[] = [];

const session = (
  vendor: string,
  where: string,
  address: string,
  keyHint: string,
  headers: Record<string, string>,
) => {
  waits.length = 0;
  return vendorSession({
    vendor,
    where,
    address,
    keyHint,
    headers: async () => headers,
    wait: async (ms) => waits.push(ms),
  });
};

export function openAi(
  url: string,
  more: { months?: number; organisation?: string; projects?: string[]; key?: string } = {},
): Source {
  const { months = 0, key = 'sk-admin-test', ...rest } = more;
  return openAiSource({
    id: 'openai',
    months,
    ...rest,
    session: session('OpenAI', 'bill:openai', `${url}/v1`, OPENAI_KEY_HINT, {
      authorization: `Bearer ${key}`,
    }),
  });
}

export function anthropic(
  url: string,
  more: { months?: number; organisation?: string; key?: string } = {},
): Source {
  const { months = 0, key = 'sk-ant-admin01-test', ...rest } = more;
  return anthropicSource({
    id: 'anthropic',
    months,
    ...rest,
    session: session('Anthropic', 'bill:anthropic', `${url}/v1`, ANTHROPIC_KEY_HINT, {
      'x-api-key': key,
      'anthropic-version': '2023-06-01',
    }),
  });
}

export type Row = Readonly<Record<string, string>>;

/** Runs the source once and reads back what it wrote; the work folder is gone afterwards. */
export async function deliver(source: Source, more: { now?: string; held?: HeldBill } = {}) {
  const workDir = await mkdtemp(join(tmpdir(), 'bursar-ai-'));
  const meter = new Meter();
  try {
    const delivery = await source.deliver({
      workDir,
      now: new Date(more.now ?? NOW),
      meter,
      progress: silent,
      held: more.held ?? null,
    });
    const rows: Row[] = [];
    for (const { path } of delivery.files) {
      const records: Row[] = parse(await readFile(path, 'utf8'), { columns: true });
      rows.push(...records);
    }
    return { delivery, rows, own: meter.total() };
  } finally {
    await rm(workDir, { recursive: true });
  }
}

/** Exact sums of a column by others, as decimal text: `{ 'input': '12' }`. */
export function sums(rows: readonly Row[], column: string, ...by: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const row of rows) {
    if (!row[column]) continue;
    const key = by.map((name) => row[name]).join(' ');
    found[key] = new Decimal(found[key] ?? 0).plus(row[column]).toFixed();
  }
  return found;
}

export function sum(rows: readonly Row[], column: string): string {
  return sums(rows, column)[''] ?? '0';
}

/** What the lake would hold after a delivery. */
export function heldAfter(
  delivery: Awaited<ReturnType<Source['deliver']>>,
  before: HeldBill | null = null,
): HeldBill {
  return {
    asOf: delivery.asOf,
    ingestedAt: NOW,
    fingerprints: { ...before?.fingerprints, ...delivery.fingerprints },
    beside: {
      ...before?.beside,
      ...Object.fromEntries((delivery.beside ?? []).map(({ name, takenAt }) => [name, takenAt])),
    },
  };
}
