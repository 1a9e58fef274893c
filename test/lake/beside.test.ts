import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { besideHeld, putBeside, readBeside } from '../../lib/lake/beside.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';

const made: string[] = [];
afterEach(async () => {
  for (const path of made.splice(0)) await rm(path, { recursive: true });
});

async function store() {
  const path = await mkdtemp(join(tmpdir(), 'bursar-beside-'));
  made.push(path);
  return folderStore(path);
}

test('the newest of each table is read back as it was, and when it was taken is known', async () => {
  const at = await store();
  const rows = [{ kind: 'savings-plan', used: '0.10', more: null }];
  await putBeside(at, 'aws/api', { name: 'commitments', takenAt: '2026-11-15T00:00:00.000Z', rows: [] });
  await putBeside(at, 'aws/api', { name: 'commitments', takenAt: '2026-11-22T11:30:00.000Z', rows });
  await putBeside(at, 'aws/api', { name: 'tags: team', takenAt: '2026-11-21T00:00:00.000Z', rows: [] });
  expect(await readBeside(at, 'aws/api', 'commitments')).toEqual({
    name: 'commitments',
    takenAt: '2026-11-22T11:30:00.000Z',
    rows,
  });
  expect(await besideHeld(at, 'aws/api')).toEqual({
    commitments: '2026-11-22T11:30:00.000Z',
    'tags: team': '2026-11-21T00:00:00.000Z',
  });
  expect(await readBeside(at, 'aws/api', 'hourly')).toBeNull();
  expect(await besideHeld(at, 'another')).toEqual({});
});

test('the oldest go', async () => {
  const at = await store();
  for (let day = 0; day < 54; day += 1)
    await putBeside(at, 'a', { name: 't', takenAt: new Date(day * 86_400_000).toISOString(), rows: [] });
  expect(await at.list('beside/a/t/')).toHaveLength(52);
  expect(await besideHeld(at, 'a')).toEqual({ t: '1970-02-23T00:00:00.000Z' });
});

test('what a newer version wrote is left alone and told', async () => {
  const at = await store();
  await putBeside(at, 'a', { name: 't', takenAt: '2026-11-22T00:00:00.000Z', rows: [] });
  const [{ key } = { key: '' }] = await at.list('beside/a/t/');
  const { gzipSync } = await import('node:zlib');
  await at.delete([key]);
  await at.put(key, gzipSync(JSON.stringify({ schemaVersion: 2, name: 't' })));
  await expect(readBeside(at, 'a', 't')).rejects.toMatchObject({ code: 'input' });
});
