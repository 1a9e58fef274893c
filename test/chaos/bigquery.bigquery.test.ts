import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestText } from '../../lib/digest/text.ts';
import { digestInput } from '../../lib/run/digest.ts';
import { wholeAudit } from '../../lib/run/whole.ts';
import type { Source } from '../../lib/sources/model.ts';
import { type Front, openFront } from '../counterparts/bigquery.front.ts';
import { auditorOf, bill, opened } from '../run/auditor.ts';
import { collect, costs, lakeOf, sourceOf } from '../sources/gcp-bigquery/deliver.ts';
import { DETAILED, type Row, usage } from '../sources/gcp-bigquery/export.ts';
import { addRows, renewBigQuery, tableOf } from '../sources/gcp-bigquery/tables.ts';
import { refusing } from './outage.ts';

const DAY = 86_400_000;
const FIRST = Date.parse('2026-10-12');
const day = (at: number) => new Date(FIRST + at * DAY).toISOString().slice(0, 10);

let front: Front;
beforeAll(renewBigQuery);
beforeEach(async () => {
  front = await openFront(inject('bigqueryUrl'));
});
afterEach(() => front.close());

/** What a day cost at Google, exported in the next night; each day another amount, so that none stands for another. */
function google(at: number): Row {
  return usage({
    cost: 1 + at / 100,
    invoice: { month: day(at).slice(0, 7).replace('-', '') },
    usage_start_time: `${day(at)}T12:00:00Z`,
    usage_end_time: `${day(at)}T13:00:00Z`,
    export_time: `${day(at + 1)}T02:00:00Z`,
  });
}

const days = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
const COLUMNS = 'ChargePeriodStart, BillingPeriodStart, SkuId, BilledCost, EffectiveCost, x_Estimated';
const OF_GOOGLE = "WHERE ProviderName = 'Google Cloud' ORDER BY 1, 3";

test('BigQuery down for a day, then halfway, then back: the bill is whole, nothing twice, and the digest says what was missing while it was', async () => {
  const table = await tableOf(inject('bigqueryUrl'), 'outage', DETAILED, days(0, 35).map(google));
  const parts = await opened();
  const amazon = await bill(
    parts.folder,
    'aws',
    days(0, 38).map((at) => ({
      ChargePeriodStart: `${day(at)}T00:00:00Z`,
      ChargePeriodEnd: `${day(at + 1)}T00:00:00Z`,
    })),
  );
  const run = async (source: Source, at: number) => {
    const now = new Date(FIRST + at * DAY + 8 * 3_600_000);
    const auditor = auditorOf(parts, [amazon, source]);
    const { result } = await wholeAudit(auditor, `r-${at}`, false, now);
    const input = await digestInput(auditor, 'day', { sources: null, scopes: null }, now, {
      kind: 'everyone',
    });
    const content = digestContent(input);
    return {
      bill: result.coverage.find(({ scope }) => scope === 'bill:gcp'),
      missing: content.spend.flatMap(({ missing }) => missing ?? []),
      gaps: content.gaps.filter(({ scopes }) => scopes.includes('bill:gcp')),
      text: digestText(content),
    };
  };
  const held = { root: join(parts.folder, 'state', 'lake') };
  const rowsHeld = () => costs(held, COLUMNS, OF_GOOGLE);

  const before = await run(sourceOf(front.url, table), 35);
  expect(before).toMatchObject({ bill: { status: 'complete' }, missing: [], gaps: [] });
  const rows = await rowsHeld();
  expect(rows).toHaveLength(35);

  // A day without any answer; what it cost goes on.
  await addRows(inject('bigqueryUrl'), table, DETAILED, [google(35)]);
  const down = await run(sourceOf(await refusing(), table), 36);
  expect(down.bill).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/bigquery.* got no answer/),
  });
  expect(down.missing).toEqual([{ bill: 'gcp', days: [day(35)] }]);
  expect(down.gaps).toMatchObject([
    {
      status: 'failed',
      reason: expect.stringContaining(`no charge of ${day(35)}: what this day cost is in no total`),
    },
  ]);
  expect(down.text).toMatch(/partial, without 1 day of gcp/);
  expect(down.text).toMatch(/bill:gcp \(not read\)/);
  expect(await rowsHeld()).toEqual(rows);

  // It answers again, and breaks off after the first month that it gives.
  await addRows(inject('bigqueryUrl'), table, DETAILED, [
    google(36),
    { ...google(2), cost: 0.5, export_time: `${day(37)}T02:00:00Z` },
  ]);
  let months = 0;
  front.change = (method, answer) => {
    if (method === 'bigquery.jobs.getQueryResults' && (months += 1) === 2)
      front.disturbances.push({ method: 'bigquery.jobs.insert', times: 100, status: 503 });
    return answer;
  };
  const halfway = await run(sourceOf(front.url, table), 37);
  expect(halfway.bill).toMatchObject({ status: expect.stringMatching(/failed|partial/) });
  expect(halfway.gaps).not.toEqual([]);
  front.change = null;
  front.disturbances.length = 0;

  await addRows(inject('bigqueryUrl'), table, DETAILED, [google(37)]);
  const back = await run(sourceOf(front.url, table), 38);
  expect(back).toMatchObject({ bill: { status: 'complete', reason: null }, missing: [], gaps: [] });
  expect(back.text).not.toMatch(/bill:gcp \(|without .* of gcp/);
  // As a lake that was never without it.
  const lake = await lakeOf();
  await collect(sourceOf(front.url, table), lake, new Date(FIRST + 38 * DAY + 8 * 3_600_000));
  const whole = await rowsHeld();
  expect(whole).toEqual(await costs(lake, COLUMNS, OF_GOOGLE));
  // 38 days from 1.00 to 1.37, and the row that came late.
  expect(await costs(held, 'SUM(BilledCost) AS billed', "WHERE ProviderName = 'Google Cloud'")).toEqual([
    { billed: '45.53' },
  ]);
});
