import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { sourceLister } from '../../../lib/run/assemble/store-sources.ts';

const url = inject('postgresUrl');
const client = new Client({ connectionString: url });
beforeAll(async () => {
  await client.connect();
  await client.query(`CREATE TABLE public.listed_pages AS SELECT 'a' AS slug, now() AS changed`);
});
afterAll(async () => {
  await client.query('DROP TABLE public.listed_pages');
  await client.end();
});
afterEach(() => vi.unstubAllEnvs());

async function list(table: string) {
  const { stores } = configSchema.parse({
    schemaVersion: 1,
    estate: {
      stores: {
        docs: {
          type: 'pgvector',
          url: { env: 'X' },
          documents: [
            {
              key: 'k',
              source: { type: 'postgres', url: { env: 'CMS_URL' }, table, key: 'slug', modified: 'changed' },
            },
          ],
        },
      },
    },
  }).estate;
  const source = stores['docs']?.documents[0]?.source;
  if (source === undefined) throw new Error('no source');
  return await sourceLister('docs', new Date('2026-11-22T10:00:00Z'), new Meter())(source);
}

test('rows of a table, by a login that the environment holds', async () => {
  vi.stubEnv('CMS_URL', url);
  const { told, sources } = await list('public.listed_pages');
  expect(told).toMatchObject({
    kind: 'postgres',
    name: 'postgres:public.listed_pages',
    keys: 1,
    complete: true,
  });
  const found = sources.find('a');
  expect(found).toMatchObject({ content: null });
  await expect(list('public.nothing')).rejects.toMatchObject({ where: 'store:docs postgres:public.nothing' });
});

test.each([
  ['no address', '', 'CMS_URL is not set'],
  ['what is no address', 'hunter2', 'no postgres:// address'],
  ['a server that is not there', 'postgres://reader:hunter2@127.0.0.1:1/docs', 'cannot connect'],
])('%s is told, and no password', async (_what, given, said) => {
  vi.stubEnv('CMS_URL', given);
  const failed: unknown = await list('public.listed_pages').catch((error: unknown) => error);
  expect(failed).toMatchObject({ name: 'BursarError', message: expect.stringContaining(said) });
  expect(String(failed)).not.toContain('hunter2');
});
