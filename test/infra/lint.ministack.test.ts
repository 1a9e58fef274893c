import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { lintTemplate } from '../counterparts/cfn-lint.ts';
import { CONFIGS, configOf, GOVCLOUD, made } from './configs.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.for([...Object.entries(CONFIGS), ['another partition', GOVCLOUD] as const])(
  'cfn-lint and cdk-nag find nothing in the stack of config: %s',
  async ([name, text]) => {
    const { file } = made(folder, name.replaceAll(' ', '-'), configOf(text));
    // W3005: the CDK names a role as a dependency that a function's reference already implies.
    expect(await lintTemplate(inject('cfnLint').python, file, ['W3005'])).toEqual([]);
  },
);

test('cfn-lint really looks: a template with a wrong property is found', async () => {
  const { file, template } = made(folder, 'broken', configOf(''));
  const broken = JSON.stringify(template.toJSON()).replace('"PAY_PER_REQUEST"', '"PAY_PER_WISH"');
  await writeFile(file, broken);
  expect((await lintTemplate(inject('cfnLint').python, file, ['W3005'])).join('\n')).toContain(
    'PAY_PER_WISH',
  );
});
