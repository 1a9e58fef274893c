import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { DigestContent } from '../../lib/digest/content-model.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { type DemoDigest, dayOf, isUsual, type Row, tagsOf } from './demo-digest.ts';

// AWS charges taxes, credits, support and transfer without a resource; a model vendor's project can be tagged.
const untaggable = (row: Row) => row['ProviderName'] === 'AWS' && row['ResourceId'] === '';
const whole = (row: Row) => ['owner', 'team', 'env'].every((key) => (tagsOf(row)[key] ?? '') !== '');

function namesOf(all: readonly { check: string; resourceId: string; verdict: string }[]): string[] {
  return all.map(({ check, resourceId, verdict }) => `${check} ${resourceId} ${verdict}`).toSorted();
}

/**
 * Every number of the demo's digest, by another way: from the files of the bills with sums of their own, and from
 * the truth that is written from the cast. What is not done anew here, and why:
 * - anomalies, budgets, commitments, what is expected and its ranges: digest-outlook-numbers.ts;
 * - causes (more use, a higher price): test/analysis/movers decomposes rows that it made itself;
 * - what kind of AI work a charge is: rules that test/focus/ai judges; the amounts are summed here;
 * - decisions, stops and what became of them: the demo's company has none on that day; test/digest/life and
 *   test/run/digest-life tell them of made ledgers.
 */
export function spentNumbers(made: () => DemoDigest): void {
  let folder: string;
  let content: DigestContent;
  let rows: readonly Row[];
  beforeAll(() => {
    ({ folder, content, rows } = made());
  });

  /** EffectiveCost of the files themselves, in USD, of days from `start` before `end`. */
  function cost(start: string, end: string, when: (row: Row) => boolean = () => true) {
    return rows
      .filter(
        (row) =>
          row['BillingCurrency'] === 'USD' &&
          dayOf(row) >= start.slice(0, 10) &&
          dayOf(row) < end.slice(0, 10) &&
          when(row),
      )
      .reduce((sum, row) => sum.plus(row['EffectiveCost'] ?? '0'), new Decimal(0))
      .toFixed();
  }

  test('what was spent, and before', () => {
    const { spend, period, former } = content;
    expect(spend).toHaveLength(1);
    expect(spend[0]?.current).toBe(cost(period.start, period.end));
    expect(spend[0]?.former).toBe(cost(former.start, former.end));
    expect(spend[0]?.difference).toBe(
      new Decimal(cost(period.start, period.end)).minus(cost(former.start, former.end)).toFixed(),
    );
  });

  test('each day of the chart', () => {
    const [series] = content.daily;
    expect(series?.days).toHaveLength(28);
    for (const { day, amount } of series?.days ?? []) {
      const next = new Date(Date.parse(day) + 86_400_000).toISOString();
      expect([day, amount]).toEqual([day, cost(day, next)]);
    }
  });

  test('each mover', () => {
    const { movers, period, former } = content;
    expect(movers).toHaveLength(5);
    for (const { service, current, former: before } of movers) {
      const of = (row: Row) => row['ServiceName'] === service;
      expect([service, current, before]).toEqual([
        service,
        cost(period.start, period.end, of),
        cost(former.start, former.end, of),
      ]);
    }
  });

  test('the month, without credits and corrections', () => {
    const [month] = content.month;
    if (month === undefined) throw new Error('no month');
    expect(month.spent).toBe(cost(month.start, month.until, isUsual));
  });

  test('the forecast is what has settled and what is expected of the rest', () => {
    const [figure] = content.forecast;
    if (figure?.month === undefined || figure.month === null) throw new Error('no forecast');
    expect(figure.month.actual.amount).toBe(content.month[0]?.spent);
  });

  test('waste is the dearest finding of each resource, never above its cost', () => {
    const waste = content.figures.find(({ id }) => id === 'waste');
    const certain = content.findings.filter(
      ({ verdict, monthlySaving }) =>
        ['IDLE', 'UNUSED', 'EXPIRED', 'NONCOMPLIANT', 'INEFFICIENT'].includes(verdict) &&
        monthlySaving !== null,
    );
    const most = new Map<string, Decimal>();
    for (const { provider, resourceId, monthlySaving, monthlyCost } of certain) {
      const key = `${provider} ${resourceId}`;
      const saving = Decimal.min(monthlySaving?.amount ?? '0', monthlyCost?.amount ?? '1e30');
      most.set(key, Decimal.max(saving, most.get(key) ?? 0));
    }
    const sum = [...most.values()].reduce((total, each) => total.plus(each), new Decimal(0));
    const told = [...(waste?.amounts ?? []), ...(waste?.estimated ?? [])].reduce(
      (total, { amount }) => total.plus(amount),
      new Decimal(0),
    );
    expect(told.toFixed()).toBe(sum.toFixed());
  });

  const TEAM_OF_PROJECT: Readonly<Record<string, string>> = {
    proj_assistant: 'support',
    proj_eval: 'research',
  };
  const teamOf = (row: Row) => tagsOf(row)['team'] ?? TEAM_OF_PROJECT[row['SubAccountId'] ?? ''] ?? '';

  test('each AI driver, and none of what a model is charged for that moved more', () => {
    const { aiDrivers, period, former } = content;
    const changeOf = (when: (row: Row) => boolean) =>
      new Decimal(cost(period.start, period.end, when)).minus(cost(former.start, former.end, when));
    expect(aiDrivers).toHaveLength(5);
    for (const { change, what } of aiDrivers) {
      const [team = '', name = ''] = what.flatMap((part) =>
        typeof part === 'object' && 'name' in part ? [part.name] : [],
      );
      // A machine that is charged by its type has no model: of machines GPUs alone are AI work (AWS: G, P), and whatever
      // this company has of SageMaker.
      const changed = changeOf(
        (row) =>
          teamOf(row) === team &&
          (row['x_AiModel'] === name ||
            (row['x_AiModel'] === '' &&
              row['ServiceName'] === (name === 'Amazon EC2' ? 'Amazon Elastic Compute Cloud' : name) &&
              (name === 'Amazon SageMaker' || /\b[gp]\d\w*\./.test(row['SkuId'] ?? '')))),
      );
      expect([team, name, change.amount]).toEqual([team, name, changed.toFixed()]);
    }
    const told = new Set(
      aiDrivers.map(({ what }) =>
        what.map((part) => (typeof part === 'string' ? part : 'name' in part ? part.name : '')).join(''),
      ),
    );
    const least = Decimal.min(...aiDrivers.map(({ change }) => new Decimal(change.amount).abs()));
    const models = new Set(
      rows.filter((row) => row['x_AiModel']).map((row) => `${teamOf(row)}, ${row['x_AiModel']}`),
    );
    expect(models.size).toBeGreaterThan(3);
    const untold = [...models].filter((one) => !told.has(one));
    for (const one of untold)
      expect(
        changeOf((row) => `${teamOf(row)}, ${row['x_AiModel']}` === one)
          .abs()
          .lte(least),
      ).toBe(true);
  });

  test('tag coverage', () => {
    const [figure] = content.tagging;
    if (figure === undefined || content.asOf === null) throw new Error('no tag coverage');
    const start = new Date(Date.parse(content.asOf) - 30 * 86_400_000).toISOString();
    const sum = (when: (row: Row) => boolean) => cost(start, content.asOf ?? '', when);
    const tagged = sum((row) => !untaggable(row) && whole(row));
    const untagged = sum((row) => !untaggable(row) && !whole(row));
    expect([figure.tagged, figure.untagged, figure.untaggable]).toEqual([tagged, untagged, sum(untaggable)]);
    const share = new Decimal(tagged).div(new Decimal(tagged).plus(untagged)).times(100);
    expect(figure.coverage).toBe(share.toDecimalPlaces(1, Decimal.ROUND_HALF_EVEN).toFixed());
    expect(content.figures.find(({ id }) => id === 'untagged')?.amounts).toEqual([
      { amount: untagged, currency: 'USD' },
    ]);
  });

  test('findings are those of the truth, all of them new or seen before, none acted on', async () => {
    const truth: {
      findings: { check: string; resourceId: string; verdict: string; monthlySaving: string | null }[];
    } = JSON.parse(await readFile(join(folder, 'truth.json'), 'utf8'));
    expect(namesOf(content.findings)).toEqual(namesOf(truth.findings));
    expect([...new Set(content.findings.map(({ state }) => state))]).toEqual(['DETECTED']);
    expect([content.life, content.decisions, content.savings]).toEqual([[], [], null]);
    const dearest = new Map<string, Decimal>();
    for (const { resourceId, monthlySaving } of truth.findings)
      if (monthlySaving !== null)
        dearest.set(resourceId, Decimal.max(dearest.get(resourceId) ?? 0, monthlySaving));
    expect(
      content.wastes.map(({ resourceId, monthlySaving }) => [resourceId, monthlySaving?.amount]),
    ).toEqual(
      [...dearest]
        .toSorted(([, a], [, b]) => b.comparedTo(a))
        .slice(0, 5)
        .map(([id, saving]) => [id, saving.toFixed()]),
    );
  });
}
