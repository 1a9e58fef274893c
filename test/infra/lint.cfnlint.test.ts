import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { lintTemplates } from '../counterparts/cfn-lint.ts';
import { CONFIGS, configOf, GOVCLOUD, JUDGED, made } from './configs.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-lint-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const STACKS = [...Object.entries(CONFIGS), ['another partition', GOVCLOUD] as const] as const;
const BROKEN = join(folder, 'broken.template.json');
const files = new Map<string, string>();
let found: readonly string[];

// All of them and one that is wrong by one judge, who has to read AWS's schemas once.
beforeAll(async () => {
  vi.stubEnv('CDK_VALIDATION', 'true');
  for (const [name, text] of STACKS)
    files.set(name, made(folder, name.replaceAll(' ', '-'), configOf(text)).file);
  const { template } = made(folder, 'sound', configOf(''));
  await writeFile(BROKEN, JSON.stringify(template.toJSON()).replace('"PAY_PER_REQUEST"', '"PAY_PER_WISH"'));
  // W3005: the CDK names a role as a dependency that a function's reference already implies.
  found = await lintTemplates(inject('cfnLint').python, [...files.values(), BROKEN], ['W3005']);
});

const foundIn = (file: string | undefined) => found.filter((line) => line.startsWith(`${file}:`));

test.for(STACKS)(
  'cfn-lint, cdk-nag and CloudFormation’s own rules find nothing in the stack of config: %s',
  ([name]) => {
    expect(files.has(name)).toBe(true);
    expect(foundIn(files.get(name))).toEqual([]);
  },
);

test('cfn-lint really looks: a template with a wrong property is found, and nothing else is', () => {
  expect(foundIn(BROKEN).join('\n')).toContain('PAY_PER_WISH');
  expect(found.filter((line) => !line.startsWith(`${BROKEN}:`))).toEqual([]);
});

test('and so do CloudFormation’s own rules: a property that is not there fails the synthesis', () => {
  const app = new App({ outdir: join(folder, 'judged'), context: JUDGED });
  const stack = new Stack(app, 'Wrong');
  const table = new CfnTable(stack, 'Table', { keySchema: [{ attributeName: 'pk', keyType: 'HASH' }] });
  expect(table.stack).toBe(stack);
  expect(() => app.synth()).toThrow(/CloudFormation-Validate::[EF]\d+/);
});
