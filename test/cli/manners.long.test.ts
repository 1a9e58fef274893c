import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { width } from '../../lib/digest/terminal.ts';
import { csvBill } from '../journeys/bills.ts';
import { NOW } from '../journeys/bursar.ts';
import { onTerminal } from '../journeys/terminal.ts';
import { type Warm, warm } from '../journeys/warm.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const now = ['--now', NOW];
/** What a stranger may call a service, an account, a team: a title, a clear screen, a turned direction, a formula. */
const HOSTILE = [
  '=HYPERLINK("http://a.example";"pay")',
  '@SUM(1+1)*cmd|A0',
  '\u001b]0;owned\u0007\u001b[2Jclean',
  '\u009b31mred',
  'invoice\u202efdp.exe',
  '-2+3',
];
const STEERS = /[\p{Cc}\p{Cf}\p{Cs}]/u;

/** A folder with one audited bill full of such names, which the tests only read. */
let here: string;
let cli: Warm;
beforeAll(async () => {
  here = await mkdtemp(join(tmpdir(), 'bursar-manners-'));
  const rows = HOSTILE.map((name, at) => ({
    ServiceName: name,
    SubAccountName: name,
    ResourceId: `i-0123456789abcdef${at}${name}`,
    ResourceName: name,
    Tags: JSON.stringify({ team: name, owner: `${name}@example.com` }),
    BilledCost: at === 0 ? '-12.50' : '1000.25',
    EffectiveCost: at === 0 ? '-12.50' : '1000.25',
  }));
  await writeFile(join(here, 'bill.csv'), csvBill(rows));
  await writeFile(
    join(here, 'bursar.yaml'),
    'schemaVersion: 1\nsources: { bills: { type: focus-file, path: bill.csv } }\ndimensions: { team: [{ tag: team }] }\nowners: { tags: [owner] }\n',
  );
  cli = await warm(here);
  await cli.bursarOk(['audit', ...now]);
  return async () => {
    await cli[Symbol.asyncDispose]();
    await rm(here, { recursive: true, force: true });
  };
});

/** Every command that tells of what is held. */
const COMMANDS: readonly (readonly string[])[] = [
  ['audit', ...now],
  ['findings'],
  ['inventory', ...now],
  ['advice', ...now],
  ['commitments', ...now],
  ['sweep', '--dry-run', ...now],
  ['simulate', ...now],
  ['digest', ...now],
  ['query', 'SELECT ServiceName, SubAccountName, ResourceId, ResourceName, x_team, BilledCost FROM costs'],
  ['spend', '--by', 'team,service,resource', ...now],
  ['movers', '--by', 'team,service', ...now],
  ['changes'],
  ['validate'],
  ['forecast', ...now],
  ['anomalies', ...now],
  ['units', ...now],
  ['efficiency', ...now],
  ['doctor', ...now],
];

describe('names that would steer a terminal', () => {
  test.each(COMMANDS)('%s', async (...command) => {
    const ran = await cli.bursar([...command]);
    expect(ran.stdout.length).toBeGreaterThan(0);
    expect(ran.stdout.replaceAll('\n', '')).not.toMatch(STEERS);
    expect(ran.stderr.replaceAll('\n', '')).not.toMatch(STEERS);
  });

  test('a wrong argument is repeated without what steers', async () => {
    for (const args of [['explain', '\u001b[2J\u202ename'], ['\u001b[2Jadit'], ['audit', '--\u009b2J']]) {
      const ran = await cli.bursar(args);
      expect(ran.code).toBe(2);
      expect(ran.stderr.length).toBeGreaterThan(20);
      expect(ran.stderr.replaceAll('\n', '')).not.toMatch(STEERS);
    }
  });

  test('JSON keeps every one of them as it is', async () => {
    const sql = 'SELECT DISTINCT ServiceName FROM costs';
    const said = await cli.bursarOk(['query', sql, '--format', 'json']);
    expect(said.replaceAll('\n', '')).not.toMatch(STEERS);
    const rows: { ServiceName: string }[] = JSON.parse(said);
    expect(rows.map(({ ServiceName }) => ServiceName).toSorted()).toEqual(HOSTILE.toSorted());
  });
});

describe('CSV', () => {
  test.each([
    [['query', 'SELECT ServiceName, ResourceName, x_team, BilledCost FROM costs']],
    [['spend', '--by', 'team,service,resource', ...now]],
    [['movers', '--by', 'team,service', '--from', '2026-11-01', ...now]],
  ])('for people has no formula, and every number stays one: %j', async (command) => {
    const said = await cli.bursarOk([...command, '--format', 'csv']);
    expect(said.replaceAll('\n', '')).not.toMatch(STEERS);
    const [, ...rows]: string[][] = parse(said);
    const formulas = rows.flat().filter((cell) => /^\s*[=+@-]/.test(cell));
    expect(formulas.filter((cell) => !/^-\d+(\.\d+)?$/.test(cell))).toEqual([]);
    expect(formulas.map(Number)).toContain(-12.5);
    expect(rows.flat()).toContain(`'${HOSTILE[0]}`);
  });

  test('of bursar export is faithful, and its help says so', async () => {
    const out = join(here, 'focus');
    await cli.bursarOk(['export', '--out', out, '--overwrite']);
    const written = await cli.bursarOk(['export', '--help']);
    expect(written).toContain('values as they are');
    const files = (await cli.bursarOk(['export', '--out', out, '--overwrite'])).split('\n');
    const path = files[0]?.split('  ')[0] ?? '';
    const rows: Record<string, string>[] = parse(await readFile(join(here, path)), { columns: true });
    expect(rows.map(({ ServiceName = '' }) => ServiceName).toSorted()).toEqual(HOSTILE.toSorted());
  });
});

describe('on a terminal', () => {
  test.each([
    [60, ['spend', '--by', 'team,service,resource', ...now]],
    [110, ['spend', '--by', 'team,service,resource', ...now]],
    [60, ['query', 'SELECT ServiceName, ResourceId, BilledCost FROM costs']],
  ])('a table is at most %i columns wide, and no amount is cut: %j', async (wide, command) => {
    const { code, shown } = await onTerminal([...command, '--quiet'], here, { wide });
    expect(code).toBe(0);
    const lines = shown.split('\n\n')[0]?.split('\n') ?? [];
    expect(lines.length).toBeGreaterThan(HOSTILE.length);
    expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(wide);
    expect(shown.match(/-12\.5(?!\d|…)/g)?.length).toBeGreaterThan(0);
    expect(shown).toContain('…');
    const piped = await cli.bursarOk(command);
    expect(piped).not.toContain('…');
  });

  test('colour is there, and with NO_COLOR, on a dumb terminal or in a file it is not', async () => {
    const bold = '\u001b[1m';
    expect((await onTerminal(['digest', ...now], here)).shown).toContain(bold);
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
      expect((await onTerminal(['digest', '--quiet', ...now], here, { env })).shown).not.toContain('\u001b');
    const out = join(here, 'digest.txt');
    await onTerminal(['digest', '--out', out, ...now], here);
    expect(await readFile(out, 'utf8')).not.toContain('\u001b');
  });

  test('long work says how far it is, and with --quiet nothing', async () => {
    expect((await onTerminal(['audit', ...now], here)).shown).toContain('\r\u001b[K');
    expect((await onTerminal(['audit', '--quiet', ...now], here)).shown).not.toContain('\r\u001b[K');
    // What a dumb terminal cannot clear is not written over.
    expect((await onTerminal(['audit', ...now], here, { env: { TERM: 'dumb' } })).shown).not.toContain(
      '\u001b',
    );
  });

  test('what ends long work stands in the place of how far it was', async () => {
    const { code, shown } = await onTerminal(
      ['digest', '--bills', 'bill.csv', '--for', 'nobody', ...now],
      here,
    );
    expect(code).toBe(2);
    expect(shown).toContain('\r\u001b[Kbursar: dimensions.team: there is no team "nobody"');
  });
});

test('--quiet: neither warnings nor progress, but errors', async () => {
  const empty = ['query', 'SELECT 1 AS one', '--state', 'nothing-yet'];
  expect((await cli.bursar(empty)).stderr).toContain('holds no bill yet');
  expect(await cli.bursar([...empty, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
  const wrong = await cli.bursar(['query', 'SELECT nothing FROM nowhere', '--quiet']);
  expect(wrong.code).not.toBe(0);
  expect(wrong.stderr).toMatch(/^bursar: /);
});
