import { expect, inject, test } from 'vitest';
import { collectScope } from '../../lib/estate/collect.ts';
import type { Dataset, Snapshot } from '../../lib/estate/model.ts';
import { pineconeIndexes } from '../../lib/estate/pinecone/indexes.ts';
import { pineconePlanes } from '../../lib/estate/pinecone/session.ts';
import { qdrantCollections } from '../../lib/estate/qdrant/collections.ts';
import { rest } from '../../lib/estate/rest.ts';
import { weaviateCollections } from '../../lib/estate/weaviate/collections.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { published, startPrism } from '../counterparts/prism.ts';
import { describeWithShared } from '../shared.ts';
import { documents } from './documents.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');

async function look<S>(
  session: S,
  dataset: Dataset<S>,
): Promise<Snapshot & { calls: Record<string, number> }> {
  const meter = new Meter();
  const scope = { provider: 'other', accountId: 'docs', region: 'global' } as const;
  const snapshot = await collectScope(scope, session, [dataset], NOW, meter);
  return {
    ...snapshot,
    calls: Object.fromEntries(meter.total().calls.map(({ api, count }) => [api, count])),
  };
}

const common = { store: 'docs', models: {}, billed: [], documents: () => null };
const http = (address: string, headers: Readonly<Record<string, string>>) =>
  rest({
    where: 'store:docs',
    address,
    headers: async () => headers,
    hint: 'See the key.',
    wait: async () => undefined,
    wideIntegers: true,
  });

describeWithShared('stores by their published interfaces, spoken by Prism', () => {
  test('Qdrant: the examples of its document are read, and every request passes', async () => {
    const prism = await startPrism(inject('prismFolder'), { mode: 'mock' }, published('qdrant.json'));
    try {
      const peer = { host: 'localhost:6333', http: http(prism.url, { 'api-key': 'k' }) };
      const of = documents([], { list: null });
      const session = {
        ...common,
        peers: [peer] as const,
        documents: (index: string) => (index === 'arxiv-title' ? of : null),
      };
      const { vectorIndexes, coverage, calls } = await look(session, qdrantCollections);
      // The example of a page names a next page always, and always the same: its documents were not read.
      expect(coverage).toMatchObject([
        { status: 'partial', reason: expect.stringContaining('gave the same page twice') },
      ]);
      expect(vectorIndexes?.map(({ index }) => index)).toEqual([
        'arxiv-title',
        'arxiv-abstract',
        'medium-title',
        'medium-text',
      ]);
      expect(calls).toMatchObject({ 'qdrant.collections': 1, 'qdrant.collection': 4, 'qdrant.metrics': 1 });
      expect(vectorIndexes?.[0]?.gaps.map(({ why }) => why).join(' ')).toMatch(/same page twice/);
    } finally {
      await prism.stop();
    }
  });

  test('Weaviate: every request passes, and what Prism makes up is read', async () => {
    const prism = await startPrism(inject('prismFolder'), { mode: 'mock' }, published('weaviate.json'));
    try {
      const session = {
        ...common,
        host: 'localhost:8080',
        http: http(prism.url, { authorization: 'Bearer k' }),
      };
      const { vectorIndexes, coverage, calls } = await look(session, weaviateCollections);
      expect(coverage).toMatchObject([{ status: 'complete', reason: null }]);
      expect(vectorIndexes).toHaveLength(1);
      expect(calls).toEqual({ 'weaviate.schema.dump': 1, 'weaviate.nodes.get': 1 });
    } finally {
      await prism.stop();
    }
  });

  test('Pinecone: the example of its document, of both planes; without its version or key nothing is told', async () => {
    const folder = inject('prismFolder');
    const control = await startPrism(folder, { mode: 'mock' }, published('pinecone_db_control.yaml'));
    const data = await startPrism(folder, { mode: 'mock' }, published('pinecone_db_data.yaml'));
    try {
      const planes = pineconePlanes({
        store: 'docs',
        key: 'k',
        addressOf: (host) => (host === 'api.pinecone.io' ? control.url : data.url),
        wait: async () => undefined,
      });
      const { vectorIndexes, coverage } = await look(
        { ...common, project: null, ...planes },
        pineconeIndexes,
      );
      expect(coverage).toMatchObject([{ status: 'complete', reason: null }]);
      expect(vectorIndexes?.map(({ index, vectors, capacity }) => [index, vectors, capacity?.kind])).toEqual([
        ['semantic-search', 80_000, 'by-index'],
        ['image-search', 80_000, 'minimum'],
        ['sparse-index', 80_000, 'minimum'],
      ]);
      const bare = rest({
        where: 'store:docs',
        address: data.url,
        headers: async () => ({ 'api-key': 'k' }),
        hint: '',
      });
      await expect(bare.post('x', '/describe_index_stats', {}, new Meter())).rejects.toMatchObject({
        code: 'unavailable',
      });
    } finally {
      await control.stop();
      await data.stop();
    }
  });
});
