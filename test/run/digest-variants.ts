import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { DEMO_NOW } from '../../lib/demo/company.ts';
import { audienceOf } from '../../lib/digest/audience.ts';
import { digestContent } from '../../lib/digest/content.ts';
import type { DigestContent } from '../../lib/digest/content-model.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { silent } from '../../lib/platform/progress.ts';
import { assembleCli } from '../../lib/run/assemble/cli.ts';
import { digestInput } from '../../lib/run/digest.ts';
import { traced } from '../digest/traced.ts';
import type { DemoDigest, Row } from './demo-digest.ts';

const VARIANTS = [
  ['week', 'everyone'],
  ['week', 'executive'],
  ['week', 'research'],
  ['day', 'everyone'],
  ['month', 'everyone'],
  ['month', 'executive'],
] as const;

const DAY = 86_400_000;
const TEAM_OF_PROJECT: Readonly<Record<string, string>> = {
  proj_assistant: 'support',
  proj_eval: 'research',
};
const tagsOf = (row: Row): Record<string, string> => JSON.parse(row['Tags'] || '{}');
const teamOf = (row: Row) => tagsOf(row)['team'] ?? TEAM_OF_PROJECT[row['SubAccountId'] ?? ''] ?? '';
const percent = (part: Decimal | string, whole: Decimal | string) => ({
  percent: new Decimal(part).div(whole).times(100).toDecimalPlaces(1).toFixed(),
});

const isUsual = (row: Row) => !['Credit', 'Adjustment'].includes(row['ChargeCategory'] ?? '');
const total = (amounts: readonly string[]) => amounts.reduce((all, each) => all.plus(each), new Decimal(0));

/** The demo's other digests, each number again from the files of the bills, and none shown that is not explained. */
export function variantNumbers(made: () => DemoDigest): void {
  const digests = new Map<string, DigestContent>();
  const of = (name: string): DigestContent => {
    const found = digests.get(name);
    if (found === undefined) throw new Error(`no digest of a ${name}`);
    return found;
  };

  beforeAll(async () => {
    const { folder } = made();
    const now = new Date(DEMO_NOW);
    await using assembled = await assembleCli(
      { config: join(folder, 'bursar.yaml'), state: folder },
      now,
      silent,
    );
    for (const [kind, whom] of VARIANTS) {
      const selection = { sources: null, scopes: null };
      const input = await digestInput(assembled.auditor, kind, selection, now, audienceOf(whom));
      digests.set(`${kind}, ${whom}`, digestContent(input));
    }
  }, 120_000);

  /** EffectiveCost of the files themselves, in USD, of days from `start` before `end`. */
  const cost = (start: string, end: string, when: (row: Row) => boolean = () => true): string =>
    made()
      .rows.filter((row) => {
        const day = (row['ChargePeriodStart'] ?? '').slice(0, 10);
        return (
          row['BillingCurrency'] === 'USD' && day >= start.slice(0, 10) && day < end.slice(0, 10) && when(row)
        );
      })
      .reduce((sum, row) => sum.plus(row['EffectiveCost'] ?? '0'), new Decimal(0))
      .toFixed();

  describe.each(VARIANTS.map((names) => names.join(', ')))('of a %s', (name) => {
    /** Of a team's digest its rows alone. */
    const ours = (row: Row) => {
      const { audience } = of(name);
      return audience.kind !== 'team' || teamOf(row) === audience.team;
    };

    test('spend, days and movers are sums of the files', () => {
      const { spend, period, former, daily, movers } = of(name);
      expect(spend.map(({ currency, current, former: before }) => [currency, current, before])).toEqual([
        ['USD', cost(period.start, period.end, ours), cost(former.start, former.end, ours)],
      ]);
      expect(daily[0]?.days.length).toBeGreaterThan(20);
      for (const { day, amount } of daily[0]?.days ?? [])
        expect([day, amount]).toEqual([day, cost(day, new Date(Date.parse(day) + DAY).toISOString(), ours)]);
      expect(movers.length).toBeGreaterThan(2);
      for (const { service, current, former: before } of movers) {
        const its = (row: Row) => ours(row) && row['ServiceName'] === service;
        expect([service, current, before]).toEqual([
          service,
          cost(period.start, period.end, its),
          cost(former.start, former.end, its),
        ]);
      }
    });

    test('no number is shown that --explain does not list', () => {
      const found = traced(of(name));
      expect(Object.values(found).flatMap(({ untraced }) => untraced)).toEqual([]);
      for (const { shown } of Object.values(found)) expect(shown).toBeGreaterThan(15);
    });
  });

  test('with more budgets no number is shown that --explain does not list', () => {
    const found = traced(made().content);
    expect(made().content.budgets).toHaveLength(6);
    expect(Object.values(found).flatMap(({ untraced }) => untraced)).toEqual([]);
  });

  test('what who leads is told are shares of the files and of the findings', () => {
    const { executive, period, findings, commitments } = of('week, executive');
    const figure = (id: string) => {
      const found = executive.find((one) => one.id === id);
      if (found === undefined) throw new Error(`no ${id}`);
      const amounts = found.note.flatMap((part) =>
        typeof part === 'object' && 'money' in part ? [new Decimal(part.money.amount)] : [],
      );
      return { value: found.value, amounts };
    };
    expect(figure('allocated').value).toEqual(
      percent(
        cost(period.start, period.end, (row) => teamOf(row) !== ''),
        cost(period.start, period.end),
      ),
    );
    const idle = findings
      .filter((one) => one.check === 'idle-gpu' && one.verdict === 'IDLE' && one.costBasis === 'billed')
      .reduce((sum, { monthlyCost }) => sum.plus(monthlyCost?.amount ?? '0'), new Decimal(0));
    const gpus = figure('idle-gpu-share');
    expect(gpus.amounts[0]?.toFixed()).toBe(idle.toFixed());
    expect(gpus.value).toEqual(percent(idle, gpus.amounts[1] ?? '1'));
    const error = figure('forecast-error');
    const [foreseen = new Decimal(0), charged = new Decimal(0)] = error.amounts;
    expect(charged.toFixed(2)).toBe(new Decimal(cost('2026-10-01', '2026-11-01', isUsual)).toFixed(2));
    expect(error.value).toEqual(percent(foreseen.minus(charged).abs(), charged));
    const coverage = commitments?.coverage ?? [];
    const covered = total(coverage.map((each) => each.covered));
    expect(figure('commitment-coverage').value).toEqual(
      percent(covered, covered.plus(total(coverage.map(({ onDemand }) => onDemand)))),
    );
  });
}
