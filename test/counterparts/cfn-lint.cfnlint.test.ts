import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { lintTemplate } from './cfn-lint.ts';

test('cfn-lint passes a sound template and names what is wrong with another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-lint-'));
  const template = async (name: string, properties: object) => {
    const file = join(folder, name);
    const resource = { Type: 'AWS::SQS::Queue', Properties: properties };
    await writeFile(file, JSON.stringify({ Resources: { Queue: resource } }));
    return file;
  };
  const { python } = inject('cfnLint');
  expect(await lintTemplate(python, await template('a.json', { VisibilityTimeout: 60 }))).toEqual([]);
  const wrong = await lintTemplate(python, await template('b.json', { Colour: 'red' }));
  expect(wrong).toEqual([expect.stringContaining('E3002')]);
  await expect(lintTemplate(python, join(folder, 'none.json'))).resolves.toEqual([
    expect.stringContaining('E0003'),
  ]);
  await rm(folder, { recursive: true });
});
