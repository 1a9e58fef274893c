import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { lintTemplates } from './cfn-lint.ts';

test('cfn-lint passes a sound template and names what is wrong with another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-lint-'));
  const template = async (name: string, properties: object) => {
    const file = join(folder, name);
    const resource = { Type: 'AWS::SQS::Queue', Properties: properties };
    await writeFile(file, JSON.stringify({ Resources: { Queue: resource } }));
    return file;
  };
  const sound = await template('a.json', { VisibilityTimeout: 60 });
  const wrong = await template('b.json', { Colour: 'red' });
  const { python } = inject('cfnLint');
  const found = await lintTemplates(python, [sound, wrong]);
  expect(found).toEqual([expect.stringContaining('E3002')]);
  expect(found[0]?.startsWith(`${wrong}:`)).toBe(true);
  await expect(lintTemplates(python, [join(folder, 'none.json')])).resolves.toEqual([
    expect.stringContaining('E0003'),
  ]);
  await rm(folder, { recursive: true });
});
