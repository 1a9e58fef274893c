import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { CHECK_IDS } from '../../lib/config/schema.ts';
import { csvBill } from '../journeys/bills.ts';
import { bursar, NOW, start } from '../journeys/bursar.ts';
import { type Warm, warm } from '../journeys/warm.ts';

const now = ['--now', NOW];
const UNTAGGED = { Tags: '{}', ResourceId: 'i-0fedcba9876543210', ServiceName: 'a "quoted", name' };

/** A folder with one audited bill, which the tests only read. */
let here: string;
let cli: Warm;
beforeAll(async () => {
  here = await mkdtemp(join(tmpdir(), 'bursar-cli-'));
  await writeFile(join(here, 'bill.csv'), csvBill([UNTAGGED, { BilledCost: '0.1' }, { BilledCost: '0.2' }]));
  cli = await warm(here);
  await cli.bursarOk(['audit', '--bills', 'bill.csv', ...now]);
  return async () => {
    await cli[Symbol.asyncDispose]();
    await rm(here, { recursive: true, force: true });
  };
});

/** The file that a command writes, its last argument, and what the command told beside it. */
async function held(...args: string[]): Promise<{ text: string; told: string }> {
  const ran = await cli.bursar(args);
  expect(ran).toMatchObject({ code: 0, stdout: '' });
  return { text: await readFile(join(here, args.at(-1) ?? ''), 'utf8'), told: ran.stderr };
}

describe('what is written wrong ends with 2 and says how it is right', () => {
  test.each([
    ['an unknown command', ['adit'], 'unknown command', 'audit'],
    ['an unknown option', ['audit', '--bill', 'x'], "unknown option '--bill'", '--bills'],
    ['an unknown format', ['audit', '--format', 'xml'], 'Allowed choices are text, json', '--format'],
    ['an argument too many', ['audit', 'bill.csv'], 'too many arguments', '--help'],
    ['a query without a query', ['query'], "missing required argument 'sql'", '--help'],
    ['a severity that is none', ['audit', '--fail-on', 'bad'], 'low, medium, high, critical', '--fail-on'],
    ['a time without its zone', ['findings', '--now', '2026-11-16T08:00'], 'is not a time', 'with its zone'],
    ['a day that is none', ['findings', '--now', '2026-02-30'], 'is not a time', 'ISO 8601'],
    ['regions without AWS', ['audit', '--regions', 'us-east-1'], '--regions without --aws', 'Add --aws'],
    ['a schema of nothing', ['schema', 'bill'], 'there is no schema of "bill"', 'finding, audit, config'],
    ['a seed that is no number', ['demo', '--seed', 'x'], '--seed x', 'whole number'],
    [
      'a config that is not there',
      ['audit', '--config', 'no.yaml'],
      'no.yaml: there is no such file',
      'the path of a config file',
    ],
  ])('%s', async (_what, args, said, hint) => {
    const ran = await cli.bursar(args);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain(said);
    expect(ran.stderr).toContain(hint);
    expect(ran.stderr).not.toContain('    at ');
  });
});

test.each([
  ['a state in a place that is a file', ['findings', '--state', 'bill.csv/state'], 'the state folder cannot'],
  ['a state that is a file', ['findings', '--state', 'bill.csv'], 'the state folder cannot be used'],
  ['an answer below a file', ['checks', '--out', 'bill.csv/x.txt'], 'bill.csv: something else has that name'],
  ['an answer onto a folder', ['checks', '--out', '.bursar'], 'a folder is there'],
])('what the disk refuses is told, and is no defect: %s', async (_what, args, said) => {
  const ran = await cli.bursar(args);
  expect(ran).toMatchObject({ code: 4, stdout: '' });
  expect(ran.stderr).toContain(said);
  expect(ran.stderr).not.toContain('    at ');
});

describe('the answer is on standard output, and alone there', () => {
  test('audit, findings, checks, doctor and digest as JSON are one value each', async () => {
    const commands = [
      ['audit', '--bills', 'bill.csv', ...now, '--state', 'other'],
      ['findings'],
      ['checks'],
      ['doctor'],
      ['digest', ...now],
      ['query', 'SELECT 1 AS one'],
    ];
    for (const command of commands) {
      const said = await cli.bursarOk([...command, '--format', 'json']);
      expect(() => JSON.parse(said)).not.toThrow();
      expect(said.endsWith('\n')).toBe(true);
    }
  });

  test('a file is of the format that its ending says, unless --format says one', async () => {
    expect((await held('digest', ...now, '--out', 'page.html')).text).toMatch(/^<!doctype html>/);
    expect(JSON.parse((await held('findings', ...now, '--out', 'found.json')).text)).toHaveLength(1);
    expect((await held('spend', ...now, '--out', 'spend.csv')).text).toMatch(/^provider,service,currency,/);
    const told = await held('digest', ...now, '--format', 'text', '--out', 'told.html');
    expect(told.text).not.toContain('<');
    expect(told.told).not.toContain('will hold');
    const other = await held('findings', ...now, '--out', 'found.csv');
    expect(other.text).toMatch(/^id +check /);
    expect(other.told).toContain('found.csv will hold text: what can be written is text, json (--format)');
  });

  test('an audit is what its schema says, and so is each finding', async () => {
    const said = JSON.parse(await cli.bursarOk(['audit', '--format', 'json', ...now]));
    const schema = async (what: string) => JSON.parse(await cli.bursarOk(['schema', what]));
    const ajv = new Ajv2020.default({ strict: true });
    const valid = ajv.compile(await schema('audit'));
    valid(said);
    expect(valid.errors ?? []).toEqual([]);
    const finding = ajv.compile(await schema('finding'));
    expect(said.findings).toHaveLength(1);
    for (const each of said.findings) {
      finding(each);
      expect(finding.errors ?? []).toEqual([]);
    }
    expect(await schema('config')).toMatchObject({ title: 'Bursar config' });
  });

  test('a query as table, CSV and JSON: decimals stay exact', async () => {
    const sql =
      'SELECT ServiceName AS service, sum(BilledCost) AS billed FROM costs GROUP BY 1 ORDER BY 1 DESC';
    expect(JSON.parse(await cli.bursarOk(['query', sql, '--format', 'json']))).toEqual([
      { service: 'a "quoted", name', billed: '1.5' },
      { service: 'Amazon Elastic Compute Cloud', billed: '0.3' },
    ]);
    expect(await cli.bursarOk(['query', sql, '--format', 'csv'])).toBe(
      'service,billed\n"a ""quoted"", name",1.5\nAmazon Elastic Compute Cloud,0.3\n',
    );
    expect(await cli.bursarOk(['query', sql])).toBe(
      [
        'service                       billed',
        'a "quoted", name                 1.5',
        'Amazon Elastic Compute Cloud     0.3',
        '(2 rows)\n',
      ].join('\n'),
    );
  });

  test('--out takes it whole, and nothing half stays', async () => {
    expect(await cli.bursarOk(['checks', '--format', 'json', '--out', 'made/checks.json'])).toBe('');
    expect(JSON.parse(await readFile(join(here, 'made', 'checks.json'), 'utf8'))).toHaveLength(
      CHECK_IDS.length,
    );
    expect(await readdir(join(here, 'made'))).toEqual(['checks.json']);
  });

  test('a reader that goes away early is no failure', async () => {
    const { child, ended } = start(['query', "SELECT repeat('x', 1000) FROM range(5000)"], here);
    child.stdout.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('exit codes that a pipeline asks for', () => {
  test('--fail-on: 1 where a finding is as severe, 0 where none is', async () => {
    expect((await bursar(['audit', '--fail-on', 'low', ...now], here)).code).toBe(1);
    expect((await bursar(['audit', '--fail-on', 'critical', ...now], here)).code).toBe(0);
  });

  test('what is written wrong ends the process with 2, what the disk refuses with 4', async () => {
    expect(await bursar(['adit'], here)).toMatchObject({ code: 2, stdout: '' });
    expect(await bursar(['findings', '--state', 'bill.csv'], here)).toMatchObject({ code: 4, stdout: '' });
  });

  test('--fail-on-partial: 3 where rows were rejected', async () => {
    await writeFile(join(here, 'bad.csv'), csvBill([{}, { BilledCost: 'twelve' }]));
    const ran = await cli.bursar([
      'audit',
      '--bills',
      'bad.csv',
      '--fail-on-partial',
      '--state',
      'partial',
      ...now,
    ]);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('1 of 2 rows rejected');
    expect(ran.stdout).toContain('Not seen');
  });

  test('a question of named files tells which of them it left out', async () => {
    await mkdir(join(here, 'mixed'));
    await writeFile(join(here, 'mixed', 'good.csv'), csvBill([{}]));
    await writeFile(join(here, 'mixed', 'other.csv'), 'a,b\n1,2\n');
    for (const question of [['spend'], ['query', 'SELECT count(*) FROM costs']]) {
      const ran = await cli.bursar([...question, '--bills', 'mixed', '--state', 'mixed-state', ...now]);
      expect(ran.code).toBe(0);
      expect(ran.stderr).toMatch(/other\.csv: skipped, not FOCUS: it lacks BilledCost/);
    }
  });

  test('a ledger that is no database: 4, where it lies and what to do', async () => {
    await cli.bursarOk(['findings', '--state', 'broken']);
    await rm(join(here, 'broken', 'ledger.sqlite-wal'), { force: true });
    await writeFile(
      join(here, 'broken', 'ledger.sqlite'),
      'not a database at all, but some bytes'.repeat(50),
    );
    const ran = await cli.bursar(['findings', '--state', 'broken']);
    expect(ran).toMatchObject({ code: 4, stdout: '' });
    expect(ran.stderr).toContain(join('broken', 'ledger.sqlite'));
    expect(ran.stderr).toContain('Restore it from a backup');
  });
});

describe('a person reads', () => {
  test('help of every command, with what it takes', async () => {
    const help = await cli.bursarOk(['--help']);
    for (const name of ['demo', 'audit', 'findings', 'digest', 'query', 'schema', 'checks', 'doctor'])
      expect(help).toContain(`  ${name} `);
    const audit = await cli.bursarOk(['audit', '--help']);
    for (const option of [
      '--bills',
      '--aws',
      '--regions',
      '--gcp',
      '--plan',
      '--fail-on',
      '--state',
      '--now',
    ])
      expect(audit).toContain(option);
    expect(await cli.bursarOk(['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('doctor without a source says how to have one', async () => {
    expect(await cli.bursarOk(['doctor'])).toMatch(
      /^works config: no source is named\n +bursar init writes a first bursar\.yaml/,
    );
  });

  test('findings by state and check', async () => {
    expect(await cli.bursarOk(['findings', '--check', 'idle-gpu'])).toContain('(0 rows)');
    const untagged = await cli.bursarOk(['findings', '--check', 'untagged', '--state-is', 'DETECTED']);
    expect(untagged).toContain('NONCOMPLIANT');
    expect(untagged).toContain('(1 row)');
  });

  test('the checks, and which verdicts may ever be acted on', async () => {
    const said = await cli.bursarOk(['checks']);
    expect(said).toMatch(/^idle-gpu: .*\n +may be acted on IDLE\n +only told +SUSPECTED, HELD, UNOBSERVED\n/);
    expect(said).toMatch(/\nuntagged: .*\n +may be acted on never\n/);
    expect(said).toContain('stale-embeddings');
  });

  test('what to do where there is nothing yet', async () => {
    const empty = await cli.bursar(['audit', '--state', 'empty']);
    expect(empty).toMatchObject({ code: 2, stdout: '' });
    expect(empty.stderr).toContain('--bills');
    const query = await cli.bursar(['query', 'SELECT count(*) AS n FROM costs', '--state', 'empty']);
    expect(query).toMatchObject({ code: 0, stderr: expect.stringContaining('empty holds no bill yet') });
  });

  test('what a plan would ask, and that nothing was done', async () => {
    const said = await cli.bursarOk(['audit', '--plan', '--bills', 'bill.csv', '--state', 'planned']);
    expect(said).toMatch(/bill:bill-csv-[0-9a-f]{10}/);
    expect(said).toContain('At least 0 USD');
    expect(await cli.bursarOk(['findings', '--state', 'planned'])).toContain('(0 rows)');
  });
});
