import { afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { GcpSession } from '../../../lib/estate/gcp/session.ts';
import { tableName } from '../../../lib/platform/bigquery/name.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import type { GcpBigQuerySettings } from '../../../lib/sources/gcp-bigquery/source.ts';
import type { HeldBill } from '../../../lib/sources/model.ts';
import { type Front, openFront } from '../../counterparts/bigquery.front.ts';
import { NOW, scratch, sourceOf } from './deliver.ts';
import { DETAILED, f, usage } from './export.ts';
import { renewBigQuery, tableOf } from './tables.ts';

/** The columns of "Structure of CUD metadata export", in its own spelling. */
const EXPORT = [
  f('billing_account_id', 'STRING'),
  f('cud_product', 'RECORD', [f('id', 'STRING'), f('display_name', 'STRING'), f('type', 'STRING')]),
  f('consumption_model', 'RECORD', [f('id', 'STRING'), f('description', 'STRING')]),
  f('subscription', 'RECORD', [
    f('entitlement_scope', 'STRING'),
    f('instance_id', 'STRING'),
    f('display_name', 'STRING'),
  ]),
  f('region', 'STRING'),
  f('commitent_amount', 'RECORD', [f('unit', 'STRING'), f('value', 'NUMERIC')]),
  f('term', 'STRING'),
  f('start_time', 'TIMESTAMP'),
  f('end_time', 'TIMESTAMP'),
  f('state', 'STRING'),
];
const commitment = (id: string, more: object = {}) => ({
  billing_account_id: '010101-F0FFF0-10AA01',
  cud_product: { id: '1b2601a4', display_name: 'Flexible CUD', type: 'Spend-Based' },
  consumption_model: { id: 'D97B-0795-975B', description: 'Compute Flexible CUD - 1 Year' },
  subscription: {
    entitlement_scope: 'billingAccounts/010101-F0FFF0-10AA01',
    instance_id: id,
    display_name: id,
  },
  region: 'global',
  commitent_amount: { unit: '$/hr', value: '4.05' },
  term: 'P1Y',
  start_time: '2025-09-27T18:08:20Z',
  end_time: '2026-09-27T18:08:20Z',
  state: 'Active',
  ...more,
});

let front: Front;
beforeAll(renewBigQuery);
beforeEach(async () => {
  front = await openFront(inject('bigqueryUrl'));
});
afterEach(() => front.close());

async function deliver(beside: GcpBigQuerySettings['beside'], held: HeldBill | null = null) {
  const bill = await tableOf(inject('bigqueryUrl'), 'beside_bill', DETAILED, [usage({ cost: 1 })]);
  const source = sourceOf(front.url, bill, beside === undefined ? {} : { beside });
  const workDir = await scratch();
  const first = await source.deliver({ workDir, now: NOW, meter: new Meter(), progress: silent, held });
  let last = first;
  while (last.next !== undefined) last = await last.next(null);
  return { beside: first.beside ?? [], coverage: last.coverage };
}

test('commitments in force, each once with its latest end, and what it is worth an hour', async () => {
  const table = await tableOf(inject('bigqueryUrl'), 'cud_subscriptions_export', EXPORT, [
    // Two days of snapshots, the second after it was prolonged.
    commitment('a'),
    commitment('a'),
    commitment('a', { end_time: '2027-09-27T18:08:20Z', commitent_amount: { unit: '$/hr', value: '5' } }),
    commitment('slots', { commitent_amount: { unit: 'slots', value: '100' } }),
    commitment('gone', { state: 'Expired', end_time: '2026-01-01T00:00:00Z' }),
    commitment('over', { end_time: '2026-08-15T11:59:59Z' }),
  ]);
  const { beside, coverage } = await deliver({ commitments: tableName(table) });
  expect(coverage.map(({ scope, status }) => [scope, status])).toEqual([['bill:gcp', 'complete']]);
  expect(beside).toMatchObject([{ name: 'spend-based commitments', takenAt: NOW.toISOString() }]);
  const known = {
    name: 'a',
    product: 'Flexible CUD',
    model: 'D97B-0795-975B',
    region: 'global',
    term: 'P1Y',
  };
  const rows = beside[0]?.rows ?? [];
  expect(rows.map(({ id }) => id)).toEqual(['a', 'slots']);
  expect(rows[0]).toMatchObject({ ...known, hourly: '5', currency: 'USD' });
  expect(Date.parse(rows[0]?.['ends'] ?? '')).toBe(Date.parse('2027-09-27T18:08:20Z'));
  expect(Date.parse(rows[0]?.['starts'] ?? '')).toBe(Date.parse('2025-09-27T18:08:20Z'));
  // What is counted in slots is no amount of money.
  expect(rows[1]).toMatchObject({ hourly: null, currency: null });
  // Taken an hour ago, it is not due.
  const fingerprints = { asOf: null, ingestedAt: NOW.toISOString(), fingerprints: {} };
  const recent = new Date(NOW.getTime() - 3_600_000).toISOString();
  const held = { ...fingerprints, beside: { 'spend-based commitments': recent } };
  expect((await deliver({ commitments: tableName(table) }, held)).beside).toEqual([]);
});

test('what cannot be read beside the bill is told, and fails nothing else', async () => {
  const bill = await tableOf(inject('bigqueryUrl'), 'beside_none', DETAILED, []);
  const session: GcpSession = {
    projectId: 'billing-account',
    get: () => Promise.reject(new BursarError('denied', 'not allowed')),
  };
  const { beside, coverage } = await deliver({
    commitments: tableName(bill),
    advice: { account: 'CU570D-1A4CU5-70D1A4', session },
  });
  expect(beside).toEqual([]);
  expect(coverage.map(({ scope, status }) => [scope, status])).toEqual([
    ['bill:gcp', 'complete'],
    ['bill:gcp, spend-based commitments', 'not-covered'],
    ['bill:gcp, commitment advice', 'not-covered'],
  ]);
  expect(coverage[1]?.reason).toContain('is no export of commitments');
  expect(coverage[2]?.reason).toBe('not allowed');
  const unnamed = await deliver({ advice: { account: null, session } });
  expect(unnamed.coverage[1]?.reason).toContain('does not tell its billing account');
});
