import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli } from '../../infra/build.ts';
import { ROOT } from './cdk.ts';

/** Within the project, so that the built files find the packages; a module, as the published package is. */
const folder = join(ROOT, 'node_modules/.cache/bursar', `build-${process.pid}`);
const dist = join(folder, 'dist');
const bin = join(dist, 'bin.cjs');

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await buildCli(dist);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two charges of FOCUS, whose sum no double holds. */
const BILL = `${[
  'BillingAccountId,SubAccountId,ProviderName,ServiceName,ServiceCategory,ChargeCategory,ResourceId,RegionId,BillingCurrency,BilledCost,EffectiveCost,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,PricingCategory',
  ...['0.1', '0.2'].map(
    (cost) =>
      `999900001111,111122223333,AWS,Amazon EC2,Compute,Usage,i-0abc,us-east-1,USD,${cost},${cost},2026-11-01T00:00:00Z,2026-12-01T00:00:00Z,2026-11-05T00:00:00Z,2026-11-06T00:00:00Z,Standard`,
  ),
].join('\n')}\n`;

function node(args: readonly string[], command = process.execPath) {
  return spawnSync(command, args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'] } });
}

describe('the built command line', () => {
  test('prints its help and its version', () => {
    const help = node([bin, '--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: bursar /);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(node([bin, '--version']).stdout).toBe(`${version}\n`);
  });

  test('gives the exit codes of the contract', () => {
    expect(node([bin, 'nonsense']).status).toBe(2);
    const missing = node([bin, 'audit', '--bills', 'none.csv']);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain('none.csv');
  });

  test('works with its stores, and says nothing of experimental modules', () => {
    const findings = node([bin, 'findings', '--format', 'json']);
    expect(findings).toMatchObject({ status: 0, stdout: '[]\n', stderr: '' });
  });

  test('answers a query of a user’s own, in the process that the build brings', async () => {
    const bills = join(folder, 'bill of march.csv');
    await writeFile(bills, BILL);
    const asked = (sql: string) => node([bin, 'query', sql, '--bills', bills, '--format', 'json']);
    const answer = asked('SELECT SUM(BilledCost) AS billed FROM costs');
    expect({ status: answer.status, rows: answer.stdout }).toEqual({
      status: 0,
      rows: '[\n  {\n    "billed": "0.3"\n  }\n]\n',
    });
    expect(asked("SELECT * FROM read_text('/etc/passwd')").status).toBe(2);
  });

  test('writes a report page that brings its script', async () => {
    const bills = join(folder, 'bill of april.csv');
    await writeFile(bills, BILL);
    const { status, stdout } = node([
      bin,
      'digest',
      '--bills',
      bills,
      '--format',
      'html',
      '--now',
      '2026-11-09T08:00:00Z',
    ]);
    const script = await readFile(join(dist, 'report-page.js'), 'utf8');
    expect(status).toBe(0);
    expect(script).toContain('Apache ECharts');
    expect(stdout).toContain(`<script>${script}</script>`);
  });

  test('help needs no more than the parser of the line', async () => {
    const reached = new Set<string>();
    const packages = new Set<string>();
    const visit = async (file: string): Promise<void> => {
      if (reached.has(file)) return;
      reached.add(file);
      const text = await readFile(join(dist, file), 'utf8');
      for (const [, from = ''] of text.matchAll(/^(?:import|export)\b[^;]*?["']([^"']+)["'];/gms))
        if (from.startsWith('.')) await visit(join(file, '..', from));
        else packages.add(from);
    };
    await visit('main.js');
    expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual(['commander']);
  });

  test('carries our own code alone: nothing of tests, of the deployment, of packages', async () => {
    const maps = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(0);
    for (const file of maps) {
      const { sources } = JSON.parse(await readFile(join(dist, file), 'utf8'));
      for (const source of sources) expect(source).toMatch(/\/lib\//);
    }
  });
});

describe('an old Node', () => {
  const told = /this is Node\.js v(\d+)\.\d+\.\d+, and bursar needs 22\.13 or newer\.\n {2}Install /;

  test('parses the entry, which is ECMAScript 5 throughout', async () => {
    const source = (await readFile(bin, 'utf8')).replace(/^#!.*\n/, '');
    const [es5, latest] = await Promise.all(
      ['es5', 'esnext'].map((target) => transform(source, { target, loader: 'js' })),
    );
    // Nothing had to be put into older words.
    expect(es5?.code).toBe(latest?.code);
    expect(es5?.warnings).toEqual([]);
  });

  test.for(['v4.9.1', 'v18.20.8', 'v20.20.2', 'v22.12.0'])('%s is told what to install', async (version) => {
    const disguise = join(folder, `as-${version}.cjs`);
    await writeFile(disguise, `Object.defineProperty(process, 'version', { value: '${version}' });`);
    const old = node(['--require', disguise, bin, '--help']);
    expect(old).toMatchObject({ status: 4, stdout: '' });
    expect(old.stderr).toMatch(told);
    expect(old.stderr).toContain(version);
  });

  test.for(['v22.13.0', 'v24.0.0', 'v30.1.0'])('%s is taken', async (version) => {
    const disguise = join(folder, `as-${version}.cjs`);
    await writeFile(disguise, `Object.defineProperty(process, 'version', { value: '${version}' });`);
    expect(node(['--require', disguise, bin, '--help']).status).toBe(0);
  });

  test('every other Node of this machine is served or told', () => {
    for (const path of (process.env['PATH'] ?? '').split(delimiter)) {
      const found = spawnSync(join(path, 'node'), ['--version'], { encoding: 'utf8' });
      if (found.status !== 0) continue;
      const [, major = '0', minor = '0'] = /^v(\d+)\.(\d+)/.exec(found.stdout) ?? [];
      const old = Number(major) < 22 || (Number(major) === 22 && Number(minor) < 13);
      const ran = node([bin, '--help'], join(path, 'node'));
      const seen = { path, status: ran.status, told: told.test(ran.stderr) };
      expect(seen).toEqual({ path, status: old ? 4 : 0, told: old });
    }
  });
});
