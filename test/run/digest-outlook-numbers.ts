import { beforeAll, describe, expect, test } from 'vitest';
import { forecast } from '../../lib/analysis/forecast/forecast.ts';
import type { AnomalyLine, DigestContent } from '../../lib/digest/content-model.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { type DemoDigest, dayOf, isUsual, type Row, tagsOf } from './demo-digest.ts';

const DAY = 86_400_000;

const iso = (at: number) => new Date(at).toISOString().slice(0, 10);
const plus = (day: string, by: number) => iso(Date.parse(day) + by * DAY);
const cents = (amount: Decimal) => amount.toDecimalPlaces(2).toFixed();

function sum(of: readonly Row[], column = 'EffectiveCost'): Decimal {
  return of.reduce((total, row) => total.plus(row[column] || '0'), new Decimal(0));
}

/**
 * What the demo's digest says of anomalies, budgets, commitments and forecasts, by another way: sums over the files of
 * the bills, and arithmetic that is written here. Of models alone that is checked which follows without them: that what
 * was seen is outside of the range that would have been nothing, that what was expected is near the median of the same
 * weekdays before, that ranges hold as many of the errors that they rest on as they say.
 */
export function outlookNumbers(made: () => DemoDigest): void {
  let content: DigestContent;
  let rows: readonly Row[];
  beforeAll(() => {
    ({ content, rows } = made());
  });

  const TEAM_OF_PROJECT: Readonly<Record<string, string>> = {
    proj_assistant: 'support',
    proj_eval: 'research',
  };
  const teamOf = (row: Row) =>
    tagsOf(row)['team'] ?? TEAM_OF_PROJECT[row['SubAccountId'] ?? ''] ?? 'unallocated';

  /** Rows of days from `start` before `end`. */
  function within(start: string, end: string, when: (row: Row) => boolean = () => true): Row[] {
    return rows.filter(
      (row) => dayOf(row) >= start.slice(0, 10) && dayOf(row) < end.slice(0, 10) && when(row),
    );
  }

  /** Does a charge belong to the series? The class of transfer is the service's own here. */
  const isOf = ({ key }: AnomalyLine) => {
    const reads: Readonly<Record<string, (row: Row) => string>> = {
      service: (row) => row['ServiceName'] ?? '',
      account: (row) => row['SubAccountId'] ?? '',
      team: teamOf,
      model: (row) => row['x_AiModel'] ?? '',
      transfer: (row) => (row['ServiceName'] === 'AWS Data Transfer' ? 'transfer' : 'no transfer'),
    };
    return (row: Row) =>
      isUsual(row) &&
      Object.entries(key).every(([axis, value]) => {
        const read = reads[axis];
        if (read === undefined) throw new Error(`unknown axis ${axis}`);
        return axis === 'transfer'
          ? (read(row) === 'no transfer') === (value === 'no transfer')
          : read(row) === value;
      });
  };

  const lines = () => {
    const found = content.anomalies?.lines ?? [];
    expect(found.length).toBeGreaterThanOrEqual(3);
    return found;
  };

  describe('anomalies', () => {
    test('what gave each away is what its charges add up to, and outside of what would have been nothing', () => {
      for (const line of lines()) {
        const { start, value, low, high } = line.judged;
        expect([line.what, value.amount]).toEqual([
          line.what,
          cents(sum(within(start, plus(line.caught, 1), isOf(line)))),
        ]);
        const seen = new Decimal(value.amount);
        expect([line.what, seen.gt(high.amount) || seen.lt(low.amount)]).toEqual([line.what, true]);
      }
    });

    test('its effect is what was charged less what its weekdays cost before, within a tenth', () => {
      for (const line of lines()) {
        const when = isOf(line);
        let [charged, usual] = [new Decimal(0), new Decimal(0)];
        for (let day = line.first; day <= line.last; day = plus(day, 1)) {
          charged = charged.plus(sum(within(day, plus(day, 1), when)));
          const weeks = Math.floor((Date.parse(day) - Date.parse(line.first)) / (7 * DAY));
          const before = [1, 2, 3, 4]
            .map((week) => plus(day, -7 * (weeks + week)))
            .filter((each) => each >= '2026-08-18')
            .map((each) => sum(within(each, plus(each, 1), when)))
            .toSorted((a, b) => a.comparedTo(b));
          const middle = before.length / 2;
          usual = usual.plus(
            (before[Math.ceil(middle) - 1] ?? new Decimal(0)).plus(before[Math.floor(middle)] ?? 0).div(2),
          );
        }
        const difference = charged.minus(usual).minus(line.effect.amount).abs();
        expect([line.what, difference.lte(charged.abs().times('0.1'))]).toEqual([line.what, true]);
      }
    });

    test('what it comes to a month is its effect a day, thirty times, where it stays', () => {
      for (const { kind, first, last, effect, impact } of lines()) {
        const days = Math.round((Date.parse(last) - Date.parse(first)) / DAY) + 1;
        const stays = kind !== 'spike' && kind !== 'dip';
        const a = new Decimal(effect.amount);
        const wanted = stays ? a.div(days).times(30) : a;
        // The effect itself is told to the cent.
        expect(
          wanted.minus(impact.amount).abs().lte(new Decimal(30).div(days).times('0.005').plus('0.005')),
        ).toBe(true);
      }
    });

    test('each cause is the difference of its own charges between the two spans', () => {
      let checked = 0;
      for (const line of lines()) {
        if (line.against === null) continue;
        const { start, end } = line.against;
        const when = isOf(line);
        // As many days from its first on: where the bill begins less than its length before it, not all of them.
        const length = Math.round((Date.parse(end) - Date.parse(start)) / DAY);
        expect(
          start >= (rows.map((row) => row['ChargePeriodStart'] ?? '').toSorted()[0] ?? '').slice(0, 10),
        ).toBe(true);
        const moved = (own: (row: Row) => boolean) =>
          sum(within(line.first, plus(line.first, length), (row) => when(row) && own(row))).minus(
            sum(within(start, end, (row) => when(row) && own(row))),
          );
        for (const { kind, value, difference, share } of line.causes) {
          const own: Readonly<Record<string, (row: Row) => boolean>> = {
            resource: (row) => row['ResourceId'] === value,
            region: (row) => row['RegionId'] === value,
          };
          const is = own[kind];
          if (is === undefined) continue;
          checked += 1;
          expect([value, difference]).toEqual([value, moved(is).toFixed()]);
          const whole = moved(() => true);
          expect(new Decimal(difference).div(whole).minus(share).abs().lte('0.01')).toBe(true);
        }
      }
      expect(checked).toBeGreaterThanOrEqual(4);
    });

    test('no step or spike of a service in an account is left out that is plain to see', () => {
      const services = [...new Set(rows.map((row) => `${row['ServiceName']}|${row['SubAccountId']}`))];
      const told = lines().map(({ key }) => `${key['service'] ?? ''}|${key['account'] ?? ''}`);
      for (const one of services) {
        const when = (row: Row) => isUsual(row) && `${row['ServiceName']}|${row['SubAccountId']}` === one;
        const week = (end: string) => sum(within(plus(end, -7), end, when)).toNumber();
        // The last settled week against the seven before it.
        const before = [1, 2, 3, 4, 5, 6, 7].map((back) => week(plus('2026-11-14', -7 * back)));
        const off = week('2026-11-14') - Math.max(...before);
        const isPlain = off > 0.5 * Math.max(...before) && off > 200;
        expect([one, !isPlain || told.includes(one)]).toEqual([one, true]);
      }
    });
  });

  const budget = (name: string) => {
    const found = content.budgets.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no budget ${name}`);
    return found;
  };

  const until = () => content.forecast[0]?.until ?? '';

  describe('budgets', () => {
    test('what is spent of each is what its settled charges add up to, in percent of the limit', () => {
      const wanted = [
        ['everything', isUsual, '2026-11-01'],
        ['research', (row: Row) => isUsual(row) && teamOf(row) === 'research', '2026-11-01'],
        [
          'model APIs',
          (row: Row) => isUsual(row) && ['Amazon Bedrock', 'OpenAI API'].includes(row['ServiceName'] ?? ''),
          '2026-11-01',
        ],
        ['surely kept', isUsual, '2026-11-01'],
        ['surely exceeded', isUsual, '2026-11-01'],
        ['models', (row: Row) => isUsual(row) && row['ServiceName'] === 'Amazon Bedrock', '2026-10-01'],
      ] as const;
      expect(content.budgets.map(({ name }) => name)).toEqual(wanted.map(([name]) => name));
      for (const [name, when, start] of wanted) {
        const { spent, percent, limit } = budget(name);
        const own = sum(within(start, until(), when));
        expect([name, spent.amount]).toEqual([name, own.toFixed()]);
        const share = own.div(limit.amount).times(100);
        expect([name, share.minus(percent).abs().lte('0.05')]).toEqual([name, true]);
      }
    });

    test('what all will have cost is what the month’s forecast says, and chances follow its ranges', () => {
      const month = content.forecast[0]?.month;
      if (month === null || month === undefined) throw new Error('no forecast');
      const [kept, exceeded] = [budget('surely kept').outlook, budget('surely exceeded').outlook];
      expect([kept?.total, exceeded?.total]).toEqual([month.total, month.total]);
      const widest = month.ranges.at(-1);
      expect(widest?.level).toBe(0.9);
      expect(Number(widest?.high.amount)).toBeLessThan(90_000);
      expect(Number(widest?.low.amount)).toBeGreaterThan(40_000);
      expect(kept?.probability).toBeLessThanOrEqual(0.1);
      expect(exceeded?.probability).toBeGreaterThanOrEqual(0.9);
    });
  });

  describe('the forecast', () => {
    test('is what has settled and what comes, and its ranges hold as many of their errors as they say', () => {
      const [figure] = content.forecast;
      const month = figure?.month;
      if (figure === undefined || month === null || month === undefined) throw new Error('no forecast');
      const start = '2026-08-18';
      const values: number[] = [];
      for (let day = start; day < figure.until; day = plus(day, 1))
        values.push(sum(within(day, plus(day, 1), isUsual)).toNumber());
      expect(values).toHaveLength(88);
      const rest = Math.round((Date.parse(month.end) - Date.parse(figure.until)) / DAY);
      const year = Math.round((Date.parse('2027-01-01') - Date.parse(figure.until)) / DAY);
      const told = forecast(
        { start: `${start}T00:00:00.000Z`, step: DAY, values },
        { horizon: year, sums: [rest] },
      );
      if ('notEnough' in told) throw new Error(told.reason);
      const [next] = told.sums;
      if (next === undefined) throw new Error('no sum');
      const settled = sum(within(month.start, figure.until, isUsual));
      expect(month.actual.amount).toBe(settled.toFixed());
      const at = (more: number) => settled.plus(more).toDecimalPlaces(2).toFixed();
      expect(month.total.amount).toBe(at(next.mean));
      // The days of it add up to it.
      const days = figure.expected.reduce((total, { amount }) => total.plus(amount), new Decimal(0));
      expect(
        settled
          .plus(days)
          .minus(month.total.amount)
          .abs()
          .lte(0.005 * rest + 0.01),
      ).toBe(true);
      expect(next.errors.length).toBeGreaterThanOrEqual(20);
      for (const { level, low, high } of month.ranges) {
        const [least, most] = [low, high].map(({ amount }) =>
          new Decimal(amount).minus(month.total.amount).toNumber(),
        );
        const held = next.errors.filter(
          (error) => error >= (least ?? 0) - 0.01 && error <= (most ?? 0) + 0.01,
        );
        expect([level, held.length / next.errors.length >= level - 1 / next.errors.length]).toEqual([
          level,
          true,
        ]);
      }
    });
  });

  const figure = () => {
    if (content.commitments === null || content.commitments.window === null)
      throw new Error('no commitments');
    return { ...content.commitments, window: content.commitments.window };
  };

  /** Ids of what is about to be stopped, as bills write them. */
  const wasted = () =>
    new Set(
      content.findings
        .filter(({ verdict }) => ['IDLE', 'UNUSED', 'EXPIRED'].includes(verdict))
        .flatMap(({ resourceId }) => [resourceId, resourceId.split('/').at(-1) ?? '']),
    );
  const isOnDemand = (row: Row) =>
    row['ChargeCategory'] === 'Usage' &&
    row['CommitmentDiscountId'] === '' &&
    row['PricingCategory'] === 'Standard' &&
    !wasted().has(row['ResourceId'] ?? '');
  // What each kind of programme covers, of the services that this company has.
  const KINDS: Readonly<Record<string, (row: Row) => boolean>> = {
    'aws-compute': (row) => row['ServiceName'] === 'Amazon Elastic Compute Cloud',
    'aws-database': (row) =>
      ['Amazon Relational Database Service', 'Amazon OpenSearch Service'].includes(row['ServiceName'] ?? ''),
    'aws-sagemaker': (row) => row['ServiceName'] === 'Amazon SageMaker' && row['PricingUnit'] === 'Hours',
    'gcp-compute': (row) => row['ServiceName'] === 'Compute Engine',
  };

  describe('commitments', () => {
    test('what each that is held was used and not used', () => {
      const { held, window } = figure();
      expect(held).toHaveLength(1);
      for (const { id, used, unused, utilisation } of held) {
        const of = (status: string) =>
          sum(
            within(
              window.start,
              window.end,
              (row) => row['CommitmentDiscountId'] === id && row['CommitmentDiscountStatus'] === status,
            ),
          );
        expect([used.amount, unused.amount]).toEqual([of('Used').toFixed(), of('Unused').toFixed()]);
        const share = of('Used').div(of('Used').plus(of('Unused')));
        expect(
          share
            .minus(utilisation ?? 0)
            .abs()
            .lte('1e-17'),
        ).toBe(true);
      }
    });

    test('what is covered and what is on demand, by kind', () => {
      const { coverage, window } = figure();
      expect(coverage.map(({ kind }) => kind).toSorted()).toEqual(Object.keys(KINDS));
      for (const { kind, covered, onDemand } of coverage) {
        const is = KINDS[kind] ?? (() => false);
        const used = within(
          window.start,
          window.end,
          (row) => is(row) && row['CommitmentDiscountStatus'] === 'Used',
        );
        expect([kind, covered]).toEqual([kind, sum(used, 'ListCost').toFixed()]);
        const open = within(window.start, window.end, (row) => is(row) && isOnDemand(row));
        expect([kind, onDemand]).toEqual([kind, sum(open).toFixed()]);
      }
    });

    test('what is advised saves what its days add up to, is the best that could be bought, and costs what is said', () => {
      const [advice] = figure().advice;
      const [first] = advice?.schedule ?? [];
      if (advice === undefined || first === undefined) throw new Error('no advice');
      const compute = KINDS['aws-compute'] ?? (() => false);
      const gone = wasted();
      const spend: Decimal[] = [];
      for (
        let day = advice.window.start.slice(0, 10);
        day < advice.window.end.slice(0, 10);
        day = plus(day, 1)
      ) {
        const of = (when: (row: Row) => boolean) =>
          within(day, plus(day, 1), (row) => compute(row) && when(row));
        // What the held plan spends on waste will cover other use, once that is stopped.
        const freed = sum(
          of((row) => row['CommitmentDiscountStatus'] === 'Used' && gone.has(row['ResourceId'] ?? '')),
          'ListCost',
        );
        spend.push(sum(of(isOnDemand)).minus(freed));
      }
      expect(spend).toHaveLength(58);
      const price = new Decimal(1).minus(advice.rate.discount);
      /** Of 30 days in which so much is committed to an hour, at its discounted price. */
      const bought = (hourly: Decimal) => {
        const fee = hourly.times(24);
        const used = spend.map((each) => Decimal.min(each, fee.div(price)));
        const covered = used.reduce((total, each) => total.plus(each), new Decimal(0));
        return {
          saving: covered.minus(fee.times(spend.length)).div(spend.length).times(30),
          utilisation: covered.times(price).div(fee.times(spend.length)),
        };
      };
      const hourly = new Decimal(first.hourly.amount);
      const { saving, utilisation } = bought(hourly);
      expect(saving.minus(advice.monthlySaving.amount).abs().lte('1e-12')).toBe(true);
      expect(utilisation.minus(advice.utilisation).abs().lte('1e-12')).toBe(true);
      // Saving is highest where it covers some day's spend wholly: none of the levels is better than the optimum.
      const best = spend
        .map((each) => each.times(price).div(24))
        .toSorted((a, b) => bought(b).saving.comparedTo(bought(a).saving))[0];
      if (best === undefined) throw new Error('no day');
      expect(best.minus(advice.optimum.amount).abs().lte('0.00001')).toBe(true);
      expect(hourly.lte(advice.optimum.amount)).toBe(true);
      // A term of one year has 365 days.
      expect(advice.obligation.amount).toBe(hourly.times(24).times(365).toFixed());
      expect(content.figures.find(({ id }) => id === 'commitments')?.amounts).toEqual([advice.monthlySaving]);
    });
  });
}
