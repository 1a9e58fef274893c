import { createServer } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { storePermissions } from '../../../lib/run/assemble/store-permissions.ts';
import { storesEstate } from '../../../lib/run/assemble/stores.ts';

const DOMAIN = 'arn:aws:es:eu-central-1:111122223333:domain/docs';
const COLLECTION = 'arn:aws:aoss:eu-central-1:111122223333:collection/07tjusf2h91cunochc';
const URL_OF_DOMAIN = 'https://search-docs.eu-central-1.es.amazonaws.com';

const parse = (store: unknown) =>
  configSchema.safeParse({ schemaVersion: 1, estate: { stores: { docs: store } } });
function storeOf(store: unknown) {
  const parsed = configSchema.parse({ schemaVersion: 1, estate: { stores: { docs: store } } }).estate.stores[
    'docs'
  ];
  if (parsed === undefined) throw new Error('no store');
  return parsed;
}

describe('what the config takes for a store', () => {
  test.each([
    ['a store of no known type', { type: 'mongo', url: 'https://x.example' }, 'pgvector or opensearch'],
    ['no login', { type: 'opensearch', url: URL_OF_DOMAIN }, 'sigv4, none, or'],
    ['a login in clear', { type: 'opensearch', url: URL_OF_DOMAIN, auth: 'admin:admin' }, 'sigv4, none, or'],
    ['a signature for no domain', { type: 'opensearch', url: URL_OF_DOMAIN, auth: 'sigv4' }, 'needs the ARN'],
    ['plain http', { type: 'opensearch', url: 'http://docs.example', auth: 'none' }, 'https://'],
    [
      'a password in the address',
      { type: 'opensearch', url: 'https://a:b@docs.example', auth: 'none' },
      'https://',
    ],
    [
      'a domain that is a collection too',
      { type: 'opensearch', url: URL_OF_DOMAIN, auth: 'sigv4', domain: DOMAIN, collection: COLLECTION },
      'either domain or collection',
    ],
    [
      'a domain in the place of a collection',
      { type: 'opensearch', url: URL_OF_DOMAIN, auth: 'sigv4', collection: DOMAIN },
      'the ARN of a collection',
    ],
    ['a path', { type: 'opensearch', url: 'https://docs.example/manuals', auth: 'none' }, 'path'],
    [
      'another ARN',
      { type: 'opensearch', url: URL_OF_DOMAIN, auth: 'none', domain: 'arn:aws:s3:::x' },
      'ARN',
    ],
    ['a connection string in clear', { type: 'pgvector', url: 'postgres://a:b@c/d' }, 'env'],
  ])('not %s', (_what, store, said) => {
    const { error } = parse(store);
    expect(error?.message).toContain(said);
  });

  test.each([
    { type: 'opensearch', url: URL_OF_DOMAIN, auth: 'sigv4', domain: DOMAIN },
    { type: 'opensearch', url: 'https://docs.example:9200', auth: { env: 'DOCS_LOGIN' } },
    { type: 'opensearch', url: 'http://127.0.0.1:9200', auth: 'none' },
    { type: 'opensearch', url: URL_OF_DOMAIN, auth: 'none', documents: [{ key: 'metadata.source' }] },
    {
      type: 'opensearch',
      url: 'https://07tjusf2h91cunochc.eu-central-1.aoss.amazonaws.com',
      auth: 'sigv4',
      collection: COLLECTION,
    },
    { type: 'pgvector', url: { env: 'DOCS_URL' } },
  ])('%o', (store) => expect(parse(store).error).toBeUndefined());
});

const actions = (store: unknown) =>
  storePermissions(storeOf(store)).map(({ action, resources }) => [action, resources?.[0]]);

describe('rights of a store', () => {
  const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:docs';

  test('are those of its login and no more', () => {
    const open = { type: 'opensearch', url: URL_OF_DOMAIN, domain: DOMAIN };
    expect(actions({ ...open, auth: 'sigv4' })).toEqual([['es:ESHttpGet', `${DOMAIN}/*`]]);
    expect(actions({ ...open, auth: 'sigv4', roleArn: 'arn:aws:iam::111122223333:role/Docs' })).toEqual([
      ['sts:AssumeRole', 'arn:aws:iam::111122223333:role/Docs'],
    ]);
    expect(actions({ ...open, auth: { secret: SECRET } })).toEqual([
      ['secretsmanager:GetSecretValue', SECRET],
    ]);
    expect(actions({ ...open, auth: { env: 'X' } })).toEqual([]);
    expect(actions({ ...open, auth: 'none' })).toEqual([]);
    expect(actions({ type: 'pgvector', url: { secret: SECRET } })).toEqual([
      ['secretsmanager:GetSecretValue', SECRET],
    ]);
  });

  test('of documents are searches and points in time, on their paths alone', () => {
    const documents = [{ key: 'source' }];
    const store = storeOf({
      type: 'opensearch',
      url: URL_OF_DOMAIN,
      domain: DOMAIN,
      auth: 'sigv4',
      documents,
    });
    expect(storePermissions(store).map(({ action, resources }) => [action, ...(resources ?? [])])).toEqual([
      ['es:ESHttpGet', `${DOMAIN}/*`],
      ['es:ESHttpPost', `${DOMAIN}/_search`, `${DOMAIN}/*/_search/point_in_time`],
      ['es:ESHttpDelete', `${DOMAIN}/_search/point_in_time`],
    ]);
    const collection = {
      type: 'opensearch',
      url: URL_OF_DOMAIN,
      auth: 'sigv4',
      collection: COLLECTION,
      documents,
    };
    expect(actions(collection)).toEqual([['aoss:APIAccessAll', COLLECTION]]);
  });
});

async function look(store: unknown) {
  const estate = storesEstate({ docs: storeOf(store) });
  const { scopes } = await estate.plan(new Date(), new Meter());
  expect(scopes).toEqual([{ provider: 'other', accountId: 'docs', region: 'global' }]);
  const [scope] = scopes;
  if (scope === undefined) throw new Error('no scope');
  return (await estate.collect(scope, new Date('2026-11-20T10:00:00Z'), new Meter())).coverage[0];
}

describe('entering an OpenSearch cluster', () => {
  const stops: (() => void)[] = [];
  afterEach(() => {
    vi.unstubAllEnvs();
    for (const stop of stops.splice(0)) stop();
  });

  /** A cluster without vectors; what it was told of who asks. */
  async function cluster() {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization ?? '');
      // A cluster without an index.
      const counted = request.url?.startsWith('/_stats') === true;
      response.end(counted ? '{"_shards":{"total":0,"successful":0,"failed":0}}' : '{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { url: `http://127.0.0.1:${address.port}`, seen };
  }

  test.each([
    ['user and password', 'reader:pass:with:colons', 'reader:pass:with:colons'],
    ['the JSON of Secrets Manager', '{"username":"reader","password":"p","engine":"x"}', 'reader:p'],
  ])('with %s', async (_what, kept, login) => {
    const { url, seen } = await cluster();
    vi.stubEnv('DOCS_LOGIN', kept);
    expect(await look({ type: 'opensearch', url, auth: { env: 'DOCS_LOGIN' } })).toMatchObject({
      scope: 'store:docs',
      status: 'complete',
    });
    const basic = `Basic ${Buffer.from(login).toString('base64')}`;
    expect(seen).toEqual([basic, basic]);
  });

  test.each(['hunter2', '{"username":"hunter2"}', '{"hunter2', '{"username":1,"password":"hunter2"}'])(
    'a login that is none is refused, and not shown',
    async (kept) => {
      const { url, seen } = await cluster();
      vi.stubEnv('DOCS_LOGIN', kept);
      const coverage = await look({ type: 'opensearch', url, auth: { env: 'DOCS_LOGIN' } });
      expect(coverage).toMatchObject({ status: 'failed', reason: expect.stringContaining('user:password') });
      expect(JSON.stringify(coverage)).not.toContain('hunter2');
      expect(seen).toEqual([]);
    },
  );

  test('signed with the credentials of AWS, for the region of the domain', async () => {
    const { url, seen } = await cluster();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    expect(await look({ type: 'opensearch', url, auth: 'sigv4', domain: DOMAIN })).toMatchObject({
      status: 'complete',
    });
    expect(seen[0]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/es\/aws4_request/,
    );
  });

  test('an address that is no cluster is told as such', async () => {
    const server = createServer((_request, response) => response.end('{"index":{"mapping":1}}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    expect(
      await look({ type: 'opensearch', url: `http://127.0.0.1:${address.port}`, auth: 'none' }),
    ).toMatchObject({ status: 'failed', reason: expect.stringContaining('none of OpenSearch') });
  });

  test('a store that the config no longer names is refused, one of the prototype too', async () => {
    const estate = storesEstate({});
    for (const accountId of ['docs', 'constructor'])
      await expect(
        estate.collect({ provider: 'other', accountId, region: 'global' }, new Date(), new Meter()),
      ).rejects.toThrow('no longer names this store');
  });
});
