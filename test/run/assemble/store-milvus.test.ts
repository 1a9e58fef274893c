import { expect, test } from 'vitest';
import { loadMilvus } from '../../../lib/run/assemble/store-milvus.ts';

test('where the library is not installed, it is told how to', async () => {
  const missing = '@zilliz/not-installed';
  await expect(loadMilvus(async () => await import(missing))).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining(missing),
    hint: 'Install it beside Bursar: npm install @zilliz/milvus2-sdk-node@3.0.6',
  });
});
