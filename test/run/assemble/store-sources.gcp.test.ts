import { beforeEach, expect, inject, test } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { sourceLister } from '../../../lib/run/assemble/store-sources.ts';
import { answerGcp, resetGcp } from '../../counterparts/gcp.control.ts';

const endpoint = inject('gcpUrl');
beforeEach(() => resetGcp(endpoint));

test('objects of a Cloud Storage bucket', async () => {
  await answerGcp(endpoint, '/storage/v1/b/acme-docs/o', {
    items: [{ name: 'a.md', timeCreated: '2026-10-01T08:00:00Z', size: '5', generation: '17', md5Hash: 'x' }],
  });
  const { stores } = configSchema.parse({
    schemaVersion: 1,
    estate: {
      stores: {
        docs: {
          type: 'pgvector',
          url: { env: 'X' },
          documents: [
            { key: 'k', source: { type: 'gcs', bucket: 'acme-docs', content: 'generation', endpoint } },
          ],
        },
      },
    },
  }).estate;
  const source = stores['docs']?.documents[0]?.source;
  if (source === undefined) throw new Error('no source');
  const { told, sources } = await sourceLister('docs', new Date('2026-11-22T10:00:00Z'), new Meter())(source);
  expect(told).toMatchObject({ kind: 'gcs', keys: 1, complete: true, hashed: true });
  expect(sources.find('gs://acme-docs/a.md')).toMatchObject({ time: Date.parse('2026-10-01T08:00:00Z') });
});
