import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

test('the function that plans lists scopes, and carries no collector, no client of what it does not list, no engine', async () => {
  // As infra/worker.ts bundles it.
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['functions/plan.ts'],
    outfile: 'plan.mjs',
    write: false,
    bundle: true,
    minify: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
  });
  const [output] = Object.values(metafile.outputs);
  const inputs = Object.entries(output?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path);
  expect(inputs).toContain('lib/run/assemble/aws-scopes.ts');
  expect(inputs).toContain('lib/run/assemble/gcp-scopes.ts');
  expect(inputs).toContain('lib/run/assemble/store-scopes.ts');
  const clients = inputs.flatMap((path) => /node_modules\/(@aws-sdk\/client-[^/]+)\//.exec(path)?.[1] ?? []);
  expect([...new Set(clients)].toSorted()).toEqual([
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/client-ec2',
    '@aws-sdk/client-organizations',
    '@aws-sdk/client-sqs',
    '@aws-sdk/client-sts',
  ]);
  const barred =
    /@duckdb|@lancedb|@zilliz|@slack|\/pg\/|lib\/(actions|lake\/engine|sources)\/|datasets\.ts|collect\.ts$/;
  expect(inputs.filter((path) => barred.test(path) && path !== 'lib/run/collect.ts')).toEqual([]);
  expect(output?.bytes).toBeLessThan(2_300_000);
});
