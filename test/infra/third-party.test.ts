import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bom, thirdParties, thirdPartyText } from '../../infra/third-party.ts';

/** Licences that ask for no more than their text and notices to be kept. */
const ALLOWED = new Set([
  '0BSD',
  '(ISC AND CC-BY-3.0)',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'PSF-2.0',
  'Unlicense',
]);

describe('what is installed with the package', () => {
  const packages = thirdParties();

  test('is under licences that anyone may take', () => {
    expect(packages.filter(({ license }) => !ALLOWED.has(license))).toEqual([]);
  });

  test('is what package.json names and what that needs, and nothing of tests or optional peers', () => {
    const names = packages.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['@aws-sdk/client-ec2', '@duckdb/node-bindings', 'echarts', 'zrender', 'tslib']),
    );
    for (const not of [
      'vitest',
      '@cloud-copilot/iam-simulate',
      '@lancedb/lancedb',
      '@zilliz/milvus2-sdk-node',
    ])
      expect(names).not.toContain(not);
  });

  test('is listed with the texts that it asks to be kept, each once', () => {
    const text = thirdPartyText(packages);
    for (const { name, version, license } of packages)
      expect(text).toContain(`${name} ${version}, ${license}`);
    // ECharts' notice (Apache-2.0, section 4d) and the holidays' source (CC-BY-3.0).
    expect(text).toContain('Copyright 2017-2026 The Apache Software Foundation');
    expect(text).toMatch(/date-holidays[\s\S]*Creative Commons|CC-BY-3\.0/);
    const unique = new Set(packages.flatMap(({ texts }) => texts));
    expect(text.split(`\n\n${'-'.repeat(80)}\n\n`)).toHaveLength(2 + unique.size);
  });

  test('is what the bill of materials names, and all that it names', () => {
    const { metadata, components } = z
      .object({
        metadata: z.object({ component: z.object({ name: z.string() }) }),
        components: z.array(z.object({ name: z.string(), version: z.string() })),
      })
      .parse(JSON.parse(bom(packages)));
    expect(metadata.component.name).toBe('bursar');
    const listed = components.map(({ name, version }) => `${name}@${version}`);
    expect(new Set(listed)).toEqual(new Set(packages.map(({ name, version }) => `${name}@${version}`)));
  });
});
