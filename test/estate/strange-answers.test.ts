import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { collectScope } from '../../lib/estate/collect.ts';
import type { Snapshot } from '../../lib/estate/model.ts';
import { opensearchIndexes } from '../../lib/estate/opensearch/indexes.ts';
import { pineconeIndexes } from '../../lib/estate/pinecone/indexes.ts';
import { pineconePlanes } from '../../lib/estate/pinecone/session.ts';
import { qdrantCollections } from '../../lib/estate/qdrant/collections.ts';
import { rest } from '../../lib/estate/rest.ts';
import { weaviateCollections } from '../../lib/estate/weaviate/collections.ts';
import { Meter } from '../../lib/platform/meter.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');
const SCOPE = { provider: 'other', accountId: 'docs', region: 'global' } as const;

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
});

/** Something that answers everything alike, with HTTP 200. */
async function answering(body: string): Promise<string> {
  const server = createServer((_request, response) => response.end(body));
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const common = { store: 'docs', models: {}, billed: [], documents: () => null };
const wait = async () => undefined;
const http = (address: string) =>
  rest({ where: 'store:docs', address, headers: async () => ({}), hint: 'See the key.', wait });

const STORES: Readonly<Record<string, (address: string) => Promise<Snapshot>>> = {
  Pinecone: async (address) =>
    await collectScope(
      SCOPE,
      {
        ...common,
        project: null,
        ...pineconePlanes({ store: 'docs', key: 'k', addressOf: () => address, wait }),
      },
      [pineconeIndexes],
      NOW,
      new Meter(),
    ),
  Qdrant: async (address) =>
    await collectScope(
      SCOPE,
      { ...common, peers: [{ host: 'docs', http: http(address) }] as const },
      [qdrantCollections],
      NOW,
      new Meter(),
    ),
  Weaviate: async (address) =>
    await collectScope(
      SCOPE,
      { ...common, host: 'docs', http: http(address) },
      [weaviateCollections],
      NOW,
      new Meter(),
    ),
  OpenSearch: async (address) =>
    await collectScope(
      SCOPE,
      { ...common, host: 'docs', domain: null, collection: null, http: http(address) },
      [opensearchIndexes],
      NOW,
      new Meter(),
    ),
};

const ANSWERS = [
  '<!doctype html><html><body>Sign in</body></html>',
  '',
  'null',
  '[]',
  '{}',
  '"ok"',
  '{"message":"ok"}',
  '{"status":{"code":200}}',
  '{"indexes":null,"result":null,"_shards":null}',
  '{"indexes":{},"classes":{},"result":{"collections":{}}}',
];

describe.each(Object.entries(STORES))('%s', (name, look) => {
  test.each(ANSWERS)('an answer that is none of it is no empty store: %s', async (body) => {
    const { vectorIndexes, coverage } = await look(await answering(body));
    expect(vectorIndexes).toEqual([]);
    expect(coverage).toMatchObject([
      { scope: 'store:docs', status: 'failed', reason: expect.stringMatching(new RegExp(`${name}|no JSON`)) },
    ]);
    expect(coverage[0]?.reason).toContain(`${name.toLowerCase()}.`);
  });
});

test('a store that is empty is one', async () => {
  const empty: Readonly<Record<string, string>> = {
    Pinecone: '{"indexes":[]}',
    Qdrant: '{"result":{"collections":[]},"status":"ok"}',
    Weaviate: '{"classes":[]}',
  };
  for (const [name, body] of Object.entries(empty))
    expect((await STORES[name]?.(await answering(body)))?.coverage).toMatchObject([{ status: 'complete' }]);
});
