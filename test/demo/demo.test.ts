import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { asDelivered, bills } from '../../lib/demo/bills.ts';
import { asSeen, DEMO_NOW, DEMO_SEED, VISITS, writeBills } from '../../lib/demo/company.ts';
import { type Truth, truth } from '../../lib/demo/truth.ts';
import type { DigestContent } from '../../lib/digest/content-model.ts';
import { Decimal, decimal, decimalText } from '../../lib/focus/decimal.ts';
import { assembleDemo } from '../../lib/run/assemble/demo.ts';
import { openLocal } from '../../lib/run/assemble/local.ts';
import { demo } from '../../lib/run/demo.ts';
import type { WholeAudit } from '../../lib/run/whole.ts';
import { QUIET } from '../run/auditor.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const NOW = new Date(DEMO_NOW);

function inOrder<T extends { check: string; resourceId: string }>(each: readonly T[]): T[] {
  return each.toSorted((a, b) => (`${a.check} ${a.resourceId}` < `${b.check} ${b.resourceId}` ? -1 : 1));
}

describe('the made-up company', () => {
  it('is the same byte for byte for the same seed, and another for another', async () => {
    const written = async (seed: number) => {
      const folder = await mkdtemp(join(tmpdir(), 'bursar-company-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const paths = await writeBills(folder, seed, NOW, 0);
      return await Promise.all(paths.map(async ({ path }) => await readFile(path, 'utf8')));
    };
    const [once, again, other] = [await written(DEMO_SEED), await written(DEMO_SEED), await written(7)];
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    expect(JSON.stringify(asSeen(DEMO_SEED, NOW))).toBe(JSON.stringify(asSeen(DEMO_SEED, NOW)));
    expect(JSON.stringify(asSeen(7, NOW))).not.toBe(JSON.stringify(asSeen(DEMO_SEED, NOW)));
  });

  it('has credits, refunds, taxes, a commitment used and unused, three billers and 90 days', () => {
    const rows = bills(DEMO_SEED, NOW).flatMap((bill) => bill.rows);
    const some = (column: 'ChargeCategory' | 'ChargeClass' | 'CommitmentDiscountStatus' | 'ProviderName') =>
      [...new Set(rows.flatMap((row) => row[column] || []))].toSorted();
    expect(some('ProviderName')).toEqual(['AWS', 'Google Cloud', 'OpenAI']);
    expect(some('ChargeCategory')).toEqual(['Credit', 'Purchase', 'Tax', 'Usage']);
    expect(some('ChargeClass')).toEqual(['Correction']);
    expect(some('CommitmentDiscountStatus')).toEqual(['Unused', 'Used']);
    const days = new Set(rows.map(({ ChargePeriodStart }) => ChargePeriodStart));
    expect(days.size).toBeGreaterThanOrEqual(90);
    expect(rows.some(({ BilledCost }) => BilledCost?.startsWith('-'))).toBe(true);
  });

  it('what a savings plan pays equals what is used and unused of it', () => {
    const plan = bills(DEMO_SEED, NOW)
      .flatMap(({ rows }) => rows)
      .filter(({ CommitmentDiscountId }) => CommitmentDiscountId);
    const sum = (column: 'BilledCost' | 'EffectiveCost') =>
      decimalText(plan.reduce((total, row) => total.plus(row[column] ?? '0'), new Decimal(0)));
    expect(sum('EffectiveCost')).toBe(sum('BilledCost'));
  });

  it('bills of an earlier day hold nothing of later days, and less of the former month', () => {
    for (const bill of bills(DEMO_SEED, NOW)) {
      const earlier = asDelivered(bill, NOW, 36);
      expect(earlier.rows.length).toBeLessThan(bill.rows.length);
      expect(
        earlier.rows.every(({ ChargePeriodEnd }) => (ChargePeriodEnd ?? '') <= '2026-10-11T00:00:00Z'),
      ).toBe(true);
    }
  });
});

describe('the audit of the company', () => {
  let folder: string;
  let last: WholeAudit;
  let content: DigestContent;
  let expected: Truth;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bursar-demo-'));
    ({ last, content } = await demo(assembleDemo(folder, DEMO_SEED, NOW, QUIET), QUIET));
    expected = JSON.parse(await readFile(join(folder, 'truth.json'), 'utf8'));
    return () => rm(folder, { recursive: true, force: true });
  });

  it('finds what the truth says, to the cent, and nothing else', () => {
    const found = last.result.findings.map(({ check, resourceId, verdict, monthlyCost, monthlySaving }) => ({
      check,
      resourceId,
      verdict,
      monthlyCost: monthlyCost?.amount ?? null,
      monthlySaving: monthlySaving?.amount ?? null,
    }));
    expect(inOrder(found)).toEqual(inOrder(expected.findings));
  });

  it('adds up by provider, currency and month as the truth does', async () => {
    const { lake, ledger } = await openLocal(folder, {});
    try {
      const { rows } = await lake.query(
        `SELECT ProviderName AS provider, BillingCurrency AS currency, strftime(BillingPeriodStart, '%Y-%m') AS month,
           sum(BilledCost) AS billed, sum(EffectiveCost) AS effective, count(*)::INTEGER AS rows
         FROM costs GROUP BY ALL ORDER BY ALL`,
        null,
      );
      expect(
        rows.map(({ billed, effective, ...row }) => ({
          ...row,
          billed: decimalText(decimal(String(billed))),
          effective: decimalText(decimal(String(effective))),
        })),
      ).toEqual(expected.totals);
    } finally {
      await lake[Symbol.asyncDispose]();
      await ledger.close();
    }
  });

  it('tells the month that was restated: what it was, and what it is', () => {
    const restated = last.collected
      .flatMap(({ ingest }) => ingest ?? [])
      .flatMap(({ sourceId, periods }) => periods.map((period) => ({ sourceId, ...period })))
      .filter(({ sourceId, period }) => sourceId === 'aws' && period === '2026-11');
    expect(restated).toMatchObject([{ former: [{ provider: 'AWS', currency: 'USD' }] }]);
    const [{ former, totals } = { former: null, totals: [] }] = restated;
    expect(decimal(former?.[0]?.effective ?? '0').lessThan(totals[0]?.effective ?? '0')).toBe(true);
  });

  it('resolved the machine that is gone, once, and shows it', () => {
    expect(last.recorded.resolved).toMatchObject([{ resourceName: 'ci-gpu-runner', check: 'idle-gpu' }]);
    expect(last.recorded.conflicts).toEqual([]);
    expect(JSON.stringify(content)).toContain('ci-gpu-runner');
  });

  it('has a past: what was idle at the first look is known since then', () => {
    const first = new Date(NOW.getTime() - VISITS[0] * 86_400_000).toISOString();
    const old = last.result.findings.find(
      ({ resourceName, check }) => resourceName === 'lost-experiment' && check === 'idle-gpu',
    );
    expect(old).toMatchObject({ firstSeen: first, lastSeen: NOW.toISOString() });
  });

  it('read every scope completely and called nobody', () => {
    expect(last.result.coverage.filter(({ status }) => status !== 'complete')).toEqual([]);
    expect(last.result.ownCost).toEqual({ amount: '0', currency: 'USD', calls: [] });
  });
});

describe('where a demo lies', () => {
  it('a folder that holds something else is refused and left alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bursar-foreign-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'thesis.txt'), 'years of work');
    const visits = assembleDemo(folder, DEMO_SEED, NOW, QUIET);
    await expect(visits.next()).rejects.toMatchObject({ code: 'input', where: folder });
    expect(await readdir(folder)).toEqual(['thesis.txt']);
  });

  it('a demo of before is made anew', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bursar-again-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, '.bursar-demo'), '');
    await writeFile(join(folder, 'digest.txt'), 'of last year');
    const visits = assembleDemo(folder, DEMO_SEED, NOW, QUIET);
    await visits.next();
    await visits.return(undefined);
    expect(await readdir(folder)).not.toContain('digest.txt');
    expect(await readdir(folder)).toContain('truth.json');
  });

  it('its truth is written from the cast, with no finding twice', () => {
    const { findings, totals } = truth(DEMO_SEED, NOW, bills(DEMO_SEED, NOW));
    expect(new Set(findings.map(({ check, resourceId }) => `${check} ${resourceId}`)).size).toBe(
      findings.length,
    );
    expect(totals.map(({ provider, currency }) => `${provider} ${currency}`)).toContain('AWS USD');
  });
});
