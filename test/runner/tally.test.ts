import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import config from '../../vitest.config.ts';
import { isObject } from '../counterparts/json.ts';
import { runCheck } from './checks.ts';
import { PROJECTS, plan, projectOf } from './plan.ts';
import { add, closing, exitCode, NOTHING } from './tally.ts';
import { suites, tallyOf } from './vitest.ts';

const tally = (passed: number, failed: number, skipped: number, reasons: string[] = []) => ({
  ...NOTHING,
  passed,
  failed,
  skipped,
  reasons,
});

describe('the sum', () => {
  test('is the last line, with the skipped only where there are any', () => {
    const here = { isCi: false, took: '3 s' };
    expect(closing(tally(12, 0, 0), here).at(-1)).toBe('12 passed, 0 failed');
    const lines = closing(tally(12, 1, 4, ['4 files of project moto: no Python']), here);
    expect(lines.at(-1)).toBe('12 passed, 1 failed, 4 skipped');
    expect(lines).toContain('skipped: 4 files of project moto: no Python');
  });

  test('counts what was skipped as failed under CI', () => {
    const total = tally(12, 0, 4, ['4 files of project moto: no Python']);
    expect(closing(total, { isCi: true, took: '3 s' }).at(-1)).toBe('12 passed, 1 failed, 4 skipped');
    expect(exitCode(total, true)).toBe(1);
    expect(exitCode(total, false)).toBe(0);
    expect(exitCode(tally(12, 0, 1), true)).toBe(1);
  });

  test('is a failure where nothing ran', () => {
    expect(exitCode(NOTHING, false)).toBe(1);
    expect(closing(NOTHING, { isCi: false, took: '0 s' })).toContain('no test ran');
  });

  test('ends well only without a failure', () => {
    assert(
      property(nat(50), nat(50), nat(50), (passed, failed, skipped) => {
        const total = tally(passed, failed, skipped);
        expect(exitCode(total, false)).toBe(passed > 0 && failed === 0 ? 0 : 1);
        expect(exitCode(total, true)).toBe(passed > 0 && failed === 0 && skipped === 0 ? 0 : 1);
        expect(exitCode(add(total, NOTHING), true)).toBe(exitCode(total, true));
      }),
    );
  });
});

/** A file whose one test failed with as many lines in red, a stack below each. */
const said = (lines: number) => ({
  name: '/a.test.ts',
  status: 'failed',
  assertionResults: [
    {
      fullName: 't0',
      status: 'failed',
      failureMessages: Array.from(
        { length: lines },
        (_, index) => `\u001b[31m${index}\u001b[39m\n    at f (x.ts:1:1)`,
      ),
    },
  ],
});

const reported = (status: string, ...statuses: string[]) => ({
  name: '/a.test.ts',
  status,
  message: 'Cannot find module\nat x',
  assertionResults: statuses.map((one, index) => ({ fullName: `t${index}`, status: one })),
});

describe("vitest's report", () => {
  test('is added up over its files', () => {
    const report = {
      testResults: [
        reported('passed', 'passed', 'passed', 'pending'),
        reported('failed', 'failed', 'passed'),
      ],
    };
    expect(tallyOf(report)).toEqual({
      passed: 3,
      failed: 1,
      skipped: 1,
      reasons: ['t2'],
      failures: ['/a.test.ts: t0'],
    });
  });

  test('tells the head and the end of what a failure said, without colours and stack', () => {
    expect(tallyOf({ testResults: [said(30)] }).failures).toEqual([
      `/a.test.ts: t0${[0, 1, 2, 3, '…', ...Array.from({ length: 16 }, (_, index) => 14 + index)]
        .map((line) => `\n    ${line}`)
        .join('')}`,
    ]);
  });

  test('counts a file that did not load as one failure', () => {
    expect(tallyOf({ testResults: [reported('failed')] })).toMatchObject({
      failed: 1,
      failures: ['/a.test.ts: Cannot find module'],
    });
  });

  test('that has another shape is an error, not a zero', () => {
    expect(() => tallyOf({ results: [] })).toThrow('testResults');
  });
});

test('a check that fails counts one and is named', async () => {
  expect(await runCheck('no:such:script')).toEqual({ ...NOTHING, failed: 1, failures: ['no:such:script'] });
});

test.each([
  ['focus/money.test.ts', 'unit'],
  ['ledger/dynamodb.moto.test.ts', 'moto'],
  ['ledger/dynamodb.test.ts', 'unit'],
  ['focus/x.focus.test.ts', 'focus'],
])('%s is of project %s', (file, project) => {
  expect(projectOf(file)).toBe(project);
});

test('every project of the plan is a job, with what it takes', () => {
  for (const { name, seconds, cores } of suites(PROJECTS, 'none'))
    expect([name, seconds > 0, cores > 0]).toEqual([name, true, true]);
  expect(suites(PROJECTS, 'none').map(({ name }) => name)).toEqual(
    PROJECTS.map((name) => `tests of ${name}`),
  );
});

test('the plan knows the projects of the configuration, and counts files', async () => {
  const configured = (config.test?.projects ?? []).map((project) =>
    isObject(project) && isObject(project['test']) ? project['test']['name'] : null,
  );
  expect(configured).toEqual([...PROJECTS]);

  const root = await mkdtemp(join(tmpdir(), 'bursar-plan-'));
  await mkdir(join(root, 'room'));
  for (const name of ['a.test.ts', 'b.test.ts', 'c.moto.test.ts', 'help.ts']) {
    await writeFile(join(root, 'room', name), '');
  }
  expect([...(await plan(root))]).toEqual([
    ['unit', 2],
    ['moto', 1],
  ]);
  await rm(root, { recursive: true });
});
