import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dayPlus } from '../../../lib/analysis/units/days.ts';
import { configSchema } from '../../../lib/config/schema.ts';
import { openLake } from '../../../lib/lake/lake.ts';
import type { Lake } from '../../../lib/lake/model.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { stepAlert } from '../../../lib/ledger/alerts/decide.ts';
import type { Alert } from '../../../lib/ledger/alerts/model.ts';
import { changeAlert, listAlerts } from '../../../lib/ledger/alerts/store.ts';
import { renderAlert } from '../../../lib/notices/messages/alert.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { recordAlerts } from '../../../lib/run/alerts/record.ts';
import { unitStates } from '../../../lib/run/alerts/states.ts';
import { alertSettings, configured } from '../../../lib/run/assemble/config.ts';
import { unitsOf } from '../../../lib/run/assemble/units.ts';
import { unitReport } from '../../../lib/run/units.ts';
import { type Bench, type BillRow, bench, delivery, row } from '../../lake/bills.ts';
import { ANA } from '../../ledger/alerts/fixtures.ts';
import { type MemoryLedger, memoryLedger } from '../../ledger/memory.ts';

const [FIRST, DAYS] = ['2026-07-01', 140];
/** The bill has settled up to and with day 137. */
const NOW = new Date(`${dayPlus(FIRST, DAYS)}T12:00:00Z`);
const PARSE = { schemaVersion: 1, dimensions: { team: [{ tag: 'team' }] } };

let bills: Bench;
let lake: Lake;
let ledger: MemoryLedger;

beforeAll(async () => {
  bills = await bench();
  lake = await openLake({
    store: folderStore(join(bills.folder, 'lake')),
    workDir: join(bills.folder, 'work'),
    memoryMiB: 256,
    dimensions: { team: [{ tag: 'team' }] },
  });
  const rows = Array.from({ length: DAYS }, (_, at) => charge(at));
  await lake.ingest(delivery('acme', [await bills.file(rows)]), NOW, silent);
});
beforeEach(() => {
  ledger = memoryLedger();
});
afterAll(async () => {
  await lake[Symbol.asyncDispose]();
  await bills[Symbol.asyncDispose]();
});

function charge(at: number): BillRow {
  const day = dayPlus(FIRST, at);
  const month = `${day.slice(0, 7)}-01`;
  return row({
    BillingPeriodStart: `${month}T00:00:00Z`,
    BillingPeriodEnd: `${dayPlus(month, 32).slice(0, 7)}-01T00:00:00Z`,
    ChargePeriodStart: `${day}T00:00:00Z`,
    ChargePeriodEnd: `${dayPlus(day, 1)}T00:00:00Z`,
    Tags: '{"team":"shop"}',
    EffectiveCost: wave(at, 100).toFixed(2),
  });
}

const wave = (at: number, level: number) => level * (1 + 0.02 * Math.sin(at * 1.7));

async function csv(name: string, value: (at: number) => number | null) {
  const lines = Array.from({ length: DAYS }, (_, at) => {
    const each = value(at);
    return each === null ? [] : [`${dayPlus(FIRST, at)},${each.toFixed(4)}`];
  });
  await writeFile(join(bills.folder, name), `date,value\n${lines.flat().join('\n')}\n`);
  return { type: 'csv', path: `./${name}` };
}

async function audited(units: readonly unknown[], now = NOW, ran: string[] = []): Promise<Alert[]> {
  const config = configSchema.parse({
    ...PARSE,
    owners: { teams: { shop: '#shop' }, fallback: '#finops' },
    alerts: { escalate: '#escalated' },
    units,
  });
  const progress = { ...silent, warn: (text: string) => ran.push(text) };
  await recordAlerts(
    {
      ...configured(config, progress),
      lake,
      ledger,
      units: () => unitsOf(config, lake, null, bills.folder),
    },
    alertSettings(config),
    null,
    `run-${now.toISOString()}`,
    now,
  );
  return (await listAlerts(ledger)).filter(({ kind }) => kind === 'unit');
}

/** A success that falls on day 128 and is back on a day, known up to a last one. */
const until = (end: number, last: number) =>
  csv('spike.csv', (at) => (at > last ? null : wave(at, at >= 128 && at < end ? 0.6 : 0.95)));
/** What is for the worse: the return from a dip may be an up of its own. */
const own = (all: readonly Alert[]) => all.filter(({ measured }) => measured?.worse);

const steady = (at: number) => wave(at, 1000);
const shop = async (more: Record<string, unknown> = {}) => ({
  name: 'shop',
  per: 'order',
  spend: { team: 'shop' },
  metric: await csv('orders.csv', steady),
  ...more,
});

describe('what is off in the numbers of a unit', () => {
  test('a success that falls is told to its owner; nobody is told that latency fell, and it is kept', async () => {
    const [first, ...others] = (
      await audited([
        await shop({
          owner: 'ana@acme.com',
          success: await csv('success.csv', (at) => wave(at, at >= 133 ? 0.6 : 0.95)),
          latency: await csv('latency.csv', (at) => wave(at, at >= 133 ? 100 : 200)),
        }),
      ])
    ).toSorted((a, b) => ((a.subject['of'] ?? '') < (b.subject['of'] ?? '') ? 1 : -1));
    expect(first).toMatchObject({
      state: 'open',
      what: 'step down',
      subject: { unit: 'shop', of: 'success' },
      firstDay: dayPlus(FIRST, 133),
      money: null,
      measured: { of: 'success', unit: '', worse: true },
      owner: { id: 'ana@acme.com', source: 'unit' },
      route: { first: 'ana@acme.com', escalation: '#escalated' },
      ongoing: true,
    });
    expect(Number(first?.measured?.actual)).toBeCloseTo(0.6, 1);
    expect(Number(first?.measured?.expected)).toBeCloseTo(0.95, 1);
    expect(others).toMatchObject([
      { subject: { of: 'latency' }, measured: { worse: false }, route: { first: null, escalation: null } },
    ]);
    if (first === undefined) throw new Error('no alert');
    const message = renderAlert(first, 'first', 'UTC');
    expect(message.text).toBe('Unit shop: success is worse than usual');
    const text = JSON.stringify(message.blocks);
    expect(text).toContain('A step down that stays: ');
    expect(text).toMatch(/0\.9\d+ was expected/);
    expect(text).toContain('"action_id":"on-it"');
    expect(text).not.toContain('settled days');
  });

  test('cost per unit that rises is told to the channel of the team, in its currency', async () => {
    const orders = await csv('fewer.csv', (at) => wave(at, at >= 130 ? 500 : 1000));
    const [alert, ...more] = await audited([await shop({ metric: orders })]);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({
      what: 'step up',
      subject: { unit: 'shop', of: 'cost', currency: 'USD' },
      measured: { of: 'cost per order', unit: 'USD', worse: true },
      route: { first: '#shop' },
    });
    if (alert === undefined) throw new Error('no alert');
    expect(JSON.stringify(renderAlert(alert, 'first', 'UTC').blocks)).toMatch(/0\.2\d* USD a day on average/);
  });

  test('a number that cannot be read ends nothing; one that is out of the config is over', async () => {
    const success = await csv('falls.csv', (at) => wave(at, at >= 133 ? 0.6 : 0.95));
    await audited([await shop({ success })]);
    const told: string[] = [];
    const lost = await audited(
      [await shop({ success: { type: 'csv', path: './none.csv' } })],
      later(1),
      told,
    );
    expect(lost).toMatchObject([{ state: 'open' }]);
    expect(told.join(' ')).toMatch(/unit shop: success \(\.\/none\.csv\) cannot be read/);
    expect(await audited([await shop()], later(2))).toMatchObject([
      { state: 'closed', history: [{}, { reason: 'the config has no such number any more' }] },
    ]);
  });

  test('it stays one alert as days come, "Expected" holds, and it is over after three known days', async () => {
    const [first] = await audited([await shop({ success: await until(132, 129) })], later(-10));
    if (first === undefined) throw new Error('no alert');
    await changeAlert(ledger, first.id, (alert) =>
      stepAlert(alert, { type: 'expected', by: ANA }, later(-10), {
        actor: 'slack:T0:U0ANA',
        runId: 'click',
      }),
    );
    expect(own(await audited([await shop({ success: await until(132, 133) })], later(-6)))).toMatchObject([
      { id: first.id, state: 'expected', lastDay: dayPlus(FIRST, 131) },
    ]);
    expect(own(await audited([await shop({ success: await until(132, 137) })], later(-2)))).toMatchObject([
      { id: first.id, state: 'closed' },
    ]);
  });

  test('the report shows how each stands; of steady numbers there is none', async () => {
    const success = await csv('drops.csv', (at) => wave(at, at >= 133 ? 0.6 : 0.95));
    const units = [await shop({ success })];
    const [alert] = await audited(units);
    const config = configSchema.parse({ ...PARSE, units });
    const { units: rows } = await unitReport(
      { ...configured(config, silent), lake, ledger },
      {
        units: unitsOf(config, lake, null, bills.folder),
        dimensions: config.dimensions,
        grain: 'week',
        window: { start: dayPlus(FIRST, 120), end: dayPlus(FIRST, DAYS) },
        savings: false,
        sources: null,
      },
      NOW,
      new Meter(),
    );
    const [unit] = await unitStates(ledger, rows);
    expect(unit?.anomalies).toMatchObject([{ of: 'success', alert: { id: alert?.id, state: 'open' } }]);
    ledger = memoryLedger();
    expect(await audited([await shop()])).toEqual([]);
    expect((await unitStates(ledger, rows))[0]?.anomalies).toMatchObject([{ alert: null }]);
  });
});

function later(days: number): Date {
  return new Date(NOW.getTime() + days * 86_400_000);
}
