import { afterEach, expect, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { examineActLogins, examineAddresses } from '../../../lib/run/assemble/doctor-store-logins.ts';

afterEach(() => vi.unstubAllEnvs());

const documents = [
  { key: 'source', source: { type: 'postgres', url: { env: 'SOURCE_URL' }, table: 'documents', key: 'id' } },
];

function storesOf(...[reads, acts, source]: readonly string[]) {
  if (reads !== undefined) vi.stubEnv('DOCS_URL', reads);
  if (acts !== undefined) vi.stubEnv('ACT_URL', acts);
  if (source !== undefined) vi.stubEnv('SOURCE_URL', source);
  return configSchema.parse({
    schemaVersion: 1,
    estate: {
      stores: {
        docs: {
          type: 'pgvector',
          url: { env: 'DOCS_URL' },
          ...(acts === undefined ? {} : { act: { url: { env: 'ACT_URL' } } }),
          ...(source === undefined ? {} : { documents }),
        },
      },
    },
  }).estate.stores;
}

const at = (rest: string) => `postgres://reader:hunter2@${rest}`;

test.each([
  ['?sslmode=disable', 'not encrypted', 'sslmode=disable'],
  ['?ssl=false', 'not encrypted', 'ssl=false'],
  ['?ssl=0', 'not encrypted', 'ssl=0'],
  ['?sslmode=no-verify', 'not verified', 'sslmode=no-verify'],
  ['?ssl=no-verify', 'not verified', 'ssl=no-verify'],
  ['?host=elsewhere.example', 'host=elsewhere.example is where it leads', 'Name one server'],
  ['?sslmode=of', 'not known', 'Leave it out'],
])('an address with %s is told', async (query, said, todo) => {
  const found = await examineAddresses(storesOf(at(`db.example/docs${query}`)));
  expect(found).toEqual([
    {
      what: 'store:docs url',
      state: 'fails',
      told: expect.stringContaining(said),
      todo: expect.stringContaining(todo),
    },
  ]);
  expect(JSON.stringify(found)).not.toContain('hunter2');
});

test('the login that acts and the sources of documents are looked at as well', async () => {
  const found = await examineAddresses(
    storesOf(at('127.0.0.1/docs'), at('db.example/docs?ssl=false'), at('127.0.0.1/d?host=db.example&ssl=0')),
  );
  expect(found.map(({ what, told }) => [what, told])).toEqual([
    ['store:docs act.url', 'the connection is not encrypted'],
    ['store:docs documents[0].source.url', 'the connection is not encrypted'],
    [
      'store:docs documents[0].source.url',
      'the address names 127.0.0.1, but its host=db.example is where it leads',
    ],
  ]);
});

test('a verified connection, and one that stays on this machine, are no fault', async () => {
  for (const rest of ['db.example/d?sslmode=verify-full', 'db.example/d', 'localhost/d?ssl=false'])
    expect(await examineAddresses(storesOf(at(rest)))).toEqual([]);
  expect(await examineActLogins(storesOf(at('db.example/d')))).toEqual([]);
});

test('a login that acts elsewhere is told before anybody connects', async () => {
  const found = await examineActLogins(storesOf(at('DB.example/docs'), at('db.example:5433/docs')));
  expect(found).toEqual([
    {
      what: 'store:docs act',
      state: 'fails',
      told: 'it leads to db.example:5433/docs, and what is looked at is db.example:5432/docs',
      todo: expect.stringContaining('same host, port and database'),
    },
  ]);
  const through = await examineActLogins(
    storesOf(at('db.example/docs'), at('db.example/docs?host=b.example')),
  );
  expect(through[0]?.told).toContain('b.example:5432/docs');
});

test('a login that is not there is told, without its address', async () => {
  const found = await examineActLogins(storesOf(at('127.0.0.1:1/docs'), at('127.0.0.1:1/docs')));
  expect(found).toMatchObject([
    { what: 'store:docs act', state: 'fails', told: expect.stringContaining('cannot connect') },
  ]);
  expect(JSON.stringify(found)).not.toContain('hunter2');
});
