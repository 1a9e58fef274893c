import { advise } from '../../lib/analysis/commitments/advise.ts';
import type { Pool, Rate } from '../../lib/analysis/commitments/model.ts';
import { KINDS, usageOf } from './commitment-usage.ts';
import { type Measured, measured } from './measure.ts';

const YEAR = 8760;

const rate = (discount: string, more: Partial<Rate> = {}): Rate => ({
  term: '1y',
  payment: 'none',
  discount,
  source: 'made up',
  ...more,
});

/** One year of hours of many slices, each with a programme of its own, and one programme over all of them. */
export async function commitmentAdvice({
  programmes,
}: {
  programmes: number;
}): Promise<Measured & { advised: number }> {
  const [steady] = KINDS;
  if (steady === undefined) throw new RangeError('there is no kind of usage');
  const slices = Array.from({ length: programmes - 1 }, (_, at) => ({
    name: `place family${at}`,
    own: [
      {
        programme: `own family${at}`,
        rates: [rate((0.3 + 0.002 * at).toFixed(3)), rate('0.55', { term: '3y', payment: 'all' })],
      },
    ],
    amounts: usageOf(steady, at + 1).amounts.slice(0, YEAR),
  }));
  const pool: Pool = {
    provider: 'aws',
    currency: 'USD',
    shared: { programme: 'shared', rates: [rate('0.27'), rate('0.45', { term: '3y' })] },
    start: '2024-01-01T00:00:00.000Z',
    stepHours: 1,
    slices,
    wasteLeftOut: 0,
    expiring: [],
  };
  const now = new Date(Date.parse(pool.start) + YEAR * 3_600_000);
  const { value, ...figures } = await measured(async () => advise(pool, now));
  return { ...figures, advised: value.filter((each) => 'schedule' in each).length };
}
