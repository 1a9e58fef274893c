import type { HeldBill } from '../model.ts';
import type { BillingWindow } from './window.ts';
import { billingPeriodOf } from './window.ts';

/**
 * When a closed billing period is asked again, days after its end: its last days arrive late, credits and refunds
 * later, and AWS may deliver it again for two weeks. After the last one it has settled and is never asked again.
 */
export const ASKED_AGAIN_AFTER_DAYS = [0, 1, 2, 3, 5, 9, 14] as const;

const DAY = 86_400_000;

/** Half-open days that are asked in one go, and the billing periods in them. */
export type Chunk = Pick<BillingWindow, 'start' | 'end' | 'periods'>;

/**
 * What is to be asked of a window, in whole periods, for a period is replaced whole: the current one, and those that
 * have not settled when their day has come. The newest two go together, so that a daily run asks each query once;
 * older ones, at first, one by one from the newest, so that a ceiling keeps the newest.
 */
export function chunksOf(window: BillingWindow, held: HeldBill | null, now: Date, scheme: string): Chunk[] {
  const open = window.periods.filter(
    (period) =>
      stageOf(period, now) === null || held?.fingerprints[period] !== fingerprintOf(period, scheme, now),
  );
  const chunk = (periods: readonly string[]): Chunk => {
    const [first = ''] = periods;
    const last = periods.at(-1) ?? first;
    const { end } = billingPeriodOf(`${last}-01`);
    return { start: `${first}-01`, end: end < window.end ? end : window.end, periods };
  };
  const newest = window.periods.slice(-2).filter((period) => open.includes(period));
  const older = open.filter((period) => !newest.includes(period));
  return [
    ...(newest.length === 0 ? [] : [chunk(newest)]),
    ...older.toReversed().map((period) => chunk([period])),
  ];
}

/** What a period was made of: which questions were asked of which account, and how long after its end. */
export function fingerprintOf(period: string, scheme: string, now: Date): string {
  const stage = stageOf(period, now);
  return `${scheme}|${stage === null ? `open ${now.toISOString()}` : `closed ${stage} days`}`;
}

/** The last of `ASKED_AGAIN_AFTER_DAYS` that has come; null: the period has not ended. */
function stageOf(period: string, now: Date): number | null {
  const days = (now.getTime() - Date.parse(`${billingPeriodOf(`${period}-01`).end}T00:00:00Z`)) / DAY;
  return ASKED_AGAIN_AFTER_DAYS.findLast((each) => days >= each) ?? null;
}
