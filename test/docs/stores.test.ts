import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../lib/config/schema.ts';
import { STORE_TYPES, type StoreType } from '../../lib/estate/model-vectors.ts';
import { ROOT } from './pages.ts';

/** Where each store is looked at. */
const COLLECTORS: Readonly<Record<StoreType, string>> = {
  pgvector: 'pgvector',
  opensearch: 'opensearch',
  'opensearch-serverless': 'aws/opensearch-vectors.ts',
  's3-vectors': 'aws/s3-vectors.ts',
  'bedrock-knowledge-base': 'aws/bedrock-knowledge-vectors.ts',
  'vertex-vector-search': 'gcp/vertex-vector-search.ts',
  pinecone: 'pinecone',
  qdrant: 'qdrant',
  milvus: 'milvus',
  weaviate: 'weaviate',
  lancedb: 'lancedb',
};

/** The rows of the table under "What is found where". */
function rows(): Map<string, { unqueried: string; documents: string }> {
  const text = readFileSync(join(ROOT, 'docs/stores.md'), 'utf8');
  const [, table = ''] = /## What is found where\n([\s\S]*?)\n## /.exec(text) ?? [];
  return new Map(
    [...table.matchAll(/^\| `([\w-]+)` *\|([^|]*)\|([^|]*)\|/gm)].map(
      ([, type = '', unqueried = '', documents = '']) => [
        type,
        { unqueried: unqueried.trim(), documents: documents.trim() },
      ],
    ),
  );
}

/** The code of a collector, without its comments. */
function codeOf(type: StoreType): string {
  const path = join(ROOT, 'lib/estate', COLLECTORS[type]);
  const files = path.endsWith('.ts') ? [path] : readdirSync(path).map((file) => join(path, file));
  return files
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
}

/** Does a store of the config take `documents`? */
function takesDocuments(store: object): boolean {
  const documents = [{ key: 'source' }];
  return configSchema.safeParse({ schemaVersion: 1, estate: { stores: { docs: { ...store, documents } } } })
    .success;
}

const login = { env: 'LOGIN' };
const address = { url: 'https://docs.example', auth: login };
const CONFIGS: Partial<Record<StoreType, object>> = {
  pgvector: { url: login },
  opensearch: address,
  'opensearch-serverless': {
    type: 'opensearch',
    url: 'https://docs.example',
    auth: 'sigv4',
    collection: 'arn:aws:aoss:eu-central-1:111122223333:collection/07tjusf2h91cunochc',
  },
  pinecone: { auth: login },
  qdrant: address,
  milvus: address,
  weaviate: address,
  lancedb: { path: 's3://docs/search' },
};

describe('what docs/stores.md says is found where', () => {
  it('is of every store, and of no other', () => {
    expect([...rows().keys()].toSorted()).toEqual([...STORE_TYPES].toSorted());
  });

  it.each(STORE_TYPES)(
    '%s: queries where its collector tells them, documents where its config takes them',
    (type) => {
      const said = rows().get(type);
      expect(said?.unqueried.startsWith('never')).toBe(!/^ +(queries|measured)\b[:,]/m.test(codeOf(type)));
      const config = CONFIGS[type];
      expect(said?.documents).toBe(
        config !== undefined && takesDocuments({ type, ...config }) ? 'yes' : 'no',
      );
      // A config that takes them is no use without a collector that compares them.
      const collector = type === 'opensearch-serverless' ? 'opensearch' : type;
      expect(said?.documents).toBe(/\b(compared|scanned)\(/.test(codeOf(collector)) ? 'yes' : 'no');
    },
  );
});
