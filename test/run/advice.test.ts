import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { adviceCommand } from '../../lib/cli/advice.ts';
import { explain as explainCommand } from '../../lib/cli/explain.ts';
import type { Advice, Snapshot } from '../../lib/estate/model.ts';
import type { Coverage } from '../../lib/platform/coverage.ts';
import { adviceReport } from '../../lib/run/advice.ts';
import { openLocal } from '../../lib/run/assemble/local.ts';
import { audit } from '../../lib/run/audit.ts';
import { explain } from '../../lib/run/explain.ts';
import { auditorOf, EAST, machine, opened } from './auditor.ts';

const now = new Date('2026-11-20T10:00:00Z');
const SCOPE = 'aws:111122223333:us-east-1';
const ID = 'arn:aws:ec2:us-east-1:111122223333:instance/i-0000000000000000a';

const idle: Advice = {
  provider: 'aws',
  accountId: '111122223333',
  region: 'us-east-1',
  resourceId: ID,
  adviser: 'AWS Compute Optimizer',
  repeats: null,
  kind: 'idle',
  finding: 'Idle',
  action: 'stop it',
  monthlySaving: { amount: '80.25', currency: 'USD' },
  discounts: 'counted',
  lookbackDays: 14,
  at: '2026-11-19T00:00:00.000Z',
};
/** As the Hub may name it: by the bare id. */
const echo: Advice = {
  ...idle,
  adviser: 'AWS Cost Optimization Hub',
  repeats: 'AWS Compute Optimizer',
  resourceId: 'i-0000000000000000a',
  discounts: 'not told',
};
const gone: Advice = { ...idle, resourceId: ID.replace('000a', '000b'), monthlySaving: null };

function look(given: Partial<Snapshot> = {}, coverage: Partial<Coverage> = {}): Snapshot {
  return {
    schemaVersion: 2,
    scope: EAST,
    takenAt: '2026-11-20T09:00:00.000Z',
    resources: [{ ...machine(EAST, 'i-0000000000000000a'), dataset: 'aws.ec2.instances' }],
    telemetry: [],
    vectorIndexes: [],
    coverage: [
      { scope: SCOPE, status: 'complete', reason: null, asOf: '2026-11-20T09:00:00.000Z', ...coverage },
    ],
    advice: [echo, idle, gone],
    ...given,
  };
}

/** An audit of what the lake holds; the machine has no tag, which is what it finds. */
async function audited(parts: Parameters<typeof auditorOf>[0], snapshot: Snapshot) {
  await parts.lake.putSnapshot(snapshot);
  const auditor = auditorOf(parts, []);
  const report = {
    schemaVersion: 1 as const,
    task: { schemaVersion: 1 as const, runId: 'r', kind: 'estate' as const, scope: EAST },
    finishedAt: now.toISOString(),
    coverage: snapshot.coverage,
    ownCost: { amount: '0', currency: 'USD', calls: [] },
    ingest: null,
    failure: null,
  };
  await audit(auditor, 'r', [report], { sources: null, scopes: null }, now);
  return auditor;
}

test('advice is read back from the lake, one row a thing, beside what the ledger holds of it', async () => {
  const auditor = await audited(await opened(), look());
  const { asked, rows, totals } = await adviceReport(auditor, now);
  expect(asked.map(({ adviser, status, scope }) => [adviser, status, scope])).toEqual([
    ['AWS Compute Optimizer', 'read', SCOPE],
    ['AWS Cost Optimization Hub', 'read', SCOPE],
  ]);
  expect(
    rows.map(({ resourceId, theirs, ours }) => [resourceId, theirs, ours.map(({ check }) => check)]),
  ).toEqual([
    [ID, { amount: '80.25', currency: 'USD' }, ['untagged']],
    [gone.resourceId, null, []],
  ]);
  expect(rows[0]?.says.map(({ adviser }) => adviser)).toEqual([
    'AWS Compute Optimizer',
    'AWS Cost Optimization Hub',
  ]);
  expect(rows[1]?.why).toEqual([
    'The last look at its account did not see it: it is gone, or of a kind not looked at.',
  ]);
  expect(totals).toEqual({
    things: 2,
    found: 1,
    theirs: [{ amount: '80.25', currency: 'USD' }],
    ours: [],
  });
});

/** Every finding after an audit of this look. */
async function held(snapshot: Snapshot) {
  const { ledger } = await audited(await opened(), snapshot);
  const found = [];
  for await (const { finding, observed } of ledger.all()) found.push({ finding, observed });
  return found;
}

test('advice changes no finding: with it and without it the ledger holds the same', async () => {
  const { advice: _, ...without } = look();
  expect(await held(look())).toEqual(await held(without));
});

test('tools that are switched off, refused or never asked are told as such', async () => {
  const partial = look(
    { advice: [] },
    {
      status: 'partial',
      reason: 'aws.ec2.volumes: denied\naws.compute-optimizer: GetIdleRecommendations was denied',
      incomplete: ['aws.ec2.volumes', 'aws.compute-optimizer'],
      switchedOff: ['aws.cost-optimization-hub'],
    },
  );
  const { asked } = await adviceReport(await audited(await opened(), partial), now);
  expect(asked.map(({ adviser, status, reason }) => [adviser, status, reason])).toEqual([
    ['AWS Compute Optimizer', 'partial', 'GetIdleRecommendations was denied'],
    ['AWS Cost Optimization Hub', 'switched off', expect.stringContaining('not opted in')],
  ]);
  const { advice: _, ...never } = look();
  const nothing = await adviceReport(await audited(await opened(), never), now);
  expect(nothing).toMatchObject({ asked: [], rows: [], totals: { things: 0, theirs: [], ours: [] } });
});

test('a look that the audit says was not whole is why nothing of ours stands beside', async () => {
  const parts = await opened();
  const auditor = await audited(parts, look({ resources: [] }, { status: 'failed', reason: 'it is denied' }));
  const { rows } = await adviceReport(auditor, now);
  expect(rows[0]?.why).toEqual([`The last look at it was not whole: ${SCOPE} is failed: it is denied`]);
});

test('explain shows advice with the finding, and counts none of it', async () => {
  const auditor = await audited(await opened(), look());
  const [told] = await explain(auditor, new Map(), ID);
  expect(told?.advice.map(({ adviser }) => adviser)).toEqual([
    'AWS Cost Optimization Hub',
    'AWS Compute Optimizer',
  ]);
  expect(told?.saving).toEqual([]);
  expect(told?.record.finding.evidence.some(({ source }) => /Optimiz/.test(source))).toBe(false);
});

test('on the command line: each thing once, both sums apart, and who was asked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-advice-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const state = join(folder, 'state');
  const options = { state, format: 'text', out: join(folder, 'out'), now: now.toISOString() };
  const shown = async () => {
    await adviceCommand(options);
    return await readFile(options.out, 'utf8');
  };
  expect(await shown()).toContain('No tool of a cloud was asked. Set estate.aws.advice');
  const parts = await openLocal(state, {});
  await audited(parts, look());
  await parts.lake[Symbol.asyncDispose]();
  await parts.ledger.close();
  const text = await shown();
  expect(text).toMatch(/AWS Compute Optimizer, AWS Cost Optimization Hub\s+stop it\s+\$80\.25\s+untagged/);
  expect(text).toContain('They estimate $80.25 a month, each of 2 things once.');
  expect(text).toContain(
    'Findings here stand beside 1 of these things, and save no sum that is known. The two are never added.',
  );
  expect(text).toContain(`AWS Compute Optimizer in ${SCOPE}: read (as of 2026-11-20T09:00:00.000Z)`);
  await adviceCommand({ ...options, format: 'json' });
  expect(JSON.parse(await readFile(options.out, 'utf8'))).toMatchObject({
    schemaVersion: 1,
    totals: { things: 2 },
  });
  await explainCommand(ID, options);
  expect(await readFile(options.out, 'utf8')).toContain(
    'AWS Compute Optimizer says Idle: stop it; it estimates $80.25 a month (discounts counted), 2026-11-19',
  );
});
