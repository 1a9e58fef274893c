import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../lib/focus/decimal.ts';
import { type CostItem, type Deployment, ownBill, type Size } from '../../lib/run/cost-model.ts';
import { PRICES } from '../../lib/run/cost-prices.ts';

const COMPANY: Size = { accounts: 50, resources: 20_000, rows: 30_000_000 };
const fn = (
  name: string,
  memoryMiB: number,
  starts: number | null,
  metrics = 1,
  moreDiskMiB = 0,
  happenings = 0,
) => ({ name, memoryMiB, moreDiskMiB, starts, metrics, happenings });
const USUAL: Deployment = {
  architecture: 'arm64',
  functions: [
    fn('plan', 512, 30, 2),
    fn('collect', 2048, null, 0, 3584, 2),
    fn('audit', 2048, 30, 3, 3584),
    fn('sweep', 1024, 2880, 2, 0, 7),
    fn('digest', 2048, 4, 0, 3584, 1),
    fn('slack', 1024, null, 0),
  ],
  rowSources: 1,
  costExplorerSources: 0,
  regions: 17,
  looksAtAws: true,
  collections: 30,
  secrets: 0,
  ownKey: false,
  httpApi: false,
  bills: { all: 1, inAthena: 0, elsewhere: 0 },
  alarms: 12,
  queues: 1,
  logDays: 90,
  dashboard: true,
  tracing: false,
};
const sizes = fc.record({
  accounts: fc.integer({ min: 0, max: 1000 }),
  resources: fc.integer({ min: 0, max: 1_000_000 }),
  rows: fc.integer({ min: 0, max: 1_000_000_000 }),
});
const usd = (item: { list: string }) => new Decimal(item.list);

const isIt = ({ unit, service }: CostItem) => unit === PRICES.s3Stored.unit && service === 'S3';

const logsKept = (logDays: number) =>
  ownBill({ ...USUAL, logDays }, COMPANY).items.find(({ item }) => item === `logs kept ${logDays} days`);

describe('the monthly bill of Bursar itself', () => {
  it('is below 5 dollars for 50 accounts after what is free, as is aimed at', () => {
    expect(new Decimal(ownBill(USUAL, COMPANY).afterFree).lt(5)).toBe(true);
  });

  it('keeps logs as long as the config says', () => {
    const [month, year] = [logsKept(30), logsKept(365)].map((item) => new Decimal(item?.quantity ?? 'NaN'));
    expect(year?.times(30).toFixed(12)).toBe(month?.times(365).toFixed(12));
  });

  it('reckons these lines by hand', () => {
    const { items } = ownBill({ ...USUAL, secrets: 2, costExplorerSources: 1, ownKey: true }, COMPANY);
    const list = (service: string, item: string) =>
      items.find((each) => each.service === service && each.item === item)?.list;
    // 2 secrets at 0.40.
    expect(list('Secrets Manager', 'secrets')).toBe('0.8');
    // 6 requests a run, 30 runs, 0.01 each.
    expect(list('Cost Explorer', 'requests')).toBe('1.8');
    // 12 alarms at 0.10; one dashboard; one key.
    expect(list('CloudWatch', 'alarms')).toBe('1.2');
    expect(list('CloudWatch', 'dashboard')).toBe('3');
    expect(list('KMS', 'your key')).toBe('1');
    // 850 scopes and 2 bills a day: 25,560 requests at 0.20 a million.
    expect(list('Lambda', 'collect: requests')).toBe('0.005112');
    // 20,000 x 0.05 x 3 metrics, 30 times, at 0.01 a thousand.
    expect(list('CloudWatch', 'metrics of what is looked at')).toBe('0.9');
    // Five pollers, every 20 s of 30 days: 648,000 at 0.40 a million.
    expect(list('SQS', 'looking for tasks')).toBe('0.2592');
    // In all 720 hours 2 of the sweep and a tenth of 7 more; in 30 hours 2 of the plan, 3 of the audit, a tenth of 2 of the
    // collector; in 4 a tenth of one of the digest: 2.9172... metrics at 0.30.
    expect(list('CloudWatch', 'metrics of its own')?.slice(0, 7)).toBe('0.87516');
    // 6,000 findings, 3 write units, 30 audits: 540,000 at 0.625 a million.
    expect(list('DynamoDB', 'findings seen again')).toBe('0.3375');
  });

  it('adds up exactly, and what is free never makes it dearer or less than nothing', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const bill = ownBill(USUAL, size);
        expect(bill.items.reduce((sum, item) => sum.plus(item.list), new Decimal(0)).toFixed()).toBe(
          bill.list,
        );
        for (const { list, afterFree } of bill.items) {
          expect(new Decimal(afterFree).lte(list)).toBe(true);
          expect(new Decimal(afterFree).gte(0)).toBe(true);
        }
      }),
    );
  });

  it('gives what is free once, whatever uses it', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const used = new Map<string, Decimal>();
        for (const { list, afterFree, source, unit, price, per } of ownBill(USUAL, size).items)
          used.set(
            `${source} ${unit}`,
            (used.get(`${source} ${unit}`) ?? new Decimal(0)).plus(
              new Decimal(list).minus(afterFree).div(price).times(per),
            ),
          );
        for (const price of Object.values(PRICES)) {
          const free = 'free' in price ? price.free : '0';
          expect(
            (used.get(`${price.source} ${price.unit}`) ?? new Decimal(0)).toDecimalPlaces(6).lte(free),
          ).toBe(true);
        }
      }),
    );
  });

  it('never falls as a company grows', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom<keyof Size>('accounts', 'resources', 'rows'), (size, grows) => {
        const larger = { ...size, [grows]: size[grows] * 2 + 1 };
        expect(new Decimal(ownBill(USUAL, larger).list).gt(ownBill(USUAL, size).list)).toBe(true);
      }),
    );
  });

  it('without a bill that has rows, rows cost nothing', () => {
    const without = { ...USUAL, rowSources: 0 };
    expect(ownBill(without, COMPANY).list).toBe(ownBill(without, { ...COMPANY, rows: 0 }).list);
  });

  it('traces each run where it is asked to, and none else', () => {
    const bills = [false, true].map((tracing) => ownBill({ ...USUAL, tracing }, COMPANY));
    const [untraced, traced] = bills.map(({ items }) => items.find(({ service }) => service === 'X-Ray'));
    expect(untraced).toBeUndefined();
    // 25,530 tasks (850 scopes and a bill, 30 times), 30 plans, 30 audits, 2,880 sweeps, 4 digests, 1,000 clicks.
    expect(traced).toMatchObject({ quantity: '29474', list: '0.14737', afterFree: '0' });
  });

  it('pays for a dashboard where there is one', () => {
    const { items } = ownBill({ ...USUAL, dashboard: false }, COMPANY);
    expect(items.filter(({ item }) => item === 'dashboard')).toEqual([]);
  });

  it('in Athena keeps no second copy, and pays for what is scanned', () => {
    const services = ownBill({ ...USUAL, bills: { all: 1, inAthena: 1, elsewhere: 0 } }, COMPANY).items;
    expect(services.some(({ item }) => item === 'bills of 13 months')).toBe(false);
    expect(services.find(({ service }) => service === 'Athena')).toBeDefined();
  });

  it('takes another price, says so, and changes no other line', () => {
    const usual = ownBill(USUAL, COMPANY).items;
    const other = ownBill(USUAL, COMPANY, { s3Stored: '0.046' }).items;
    expect(other.filter((item) => !isIt(item))).toEqual(usual.filter((item) => !isIt(item)));
    const before = usual.filter(isIt);
    const given = other.filter(isIt);
    expect(given).toHaveLength(3);
    for (const [at, item] of given.entries()) {
      const twice = usd(before[at] ?? item).times(2);
      expect(usd(item).minus(twice).abs().lt('1e-15')).toBe(true);
      expect(item.source).toBe('as given by --price');
    }
  });

  it('every price is a decimal, has a unit and a source', () => {
    for (const { usd: amount, per, unit, source } of Object.values(PRICES)) {
      expect(amount).toMatch(/^\d+(\.\d+)?$/);
      expect(per).toMatch(/^[1-9]\d*$/);
      expect(unit).not.toBe('');
      expect(source).toMatch(/pricing|price list|User Guide/);
    }
  });
});
