import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import type { BesideTable } from '../model.ts';
import { CeilingReached } from './ceiling.ts';
import { commitmentAdviceRows } from './commitment-advice.ts';
import { commitmentRows } from './commitments.ts';
import type { AskContext } from './pages.ts';
import { hourlyRows, resourceRows } from './recent.ts';
import { RESERVATIONS, reservationRows } from './reservations.ts';
import { SAVINGS_PLANS, savingsPlanRows } from './savings-plans.ts';
import type { Totals } from './sums.ts';
import { tagRows } from './tags.ts';

/** What is read beside the bill: never a part of it, so never in a total. */
export interface BesideSettings {
  /** Tag keys, as Cost Explorer knows them: cost by account and value, a month. */
  readonly tags?: readonly string[];
  /** The last 14 days by the hour, account and service; the payer has to opt in, and AWS charges for it. */
  readonly hourly?: boolean;
  /** The last 14 days by EC2 instance; the payer has to opt in. */
  readonly resources?: boolean;
  /** Use and coverage of Savings Plans and reservations, and when each ends, once a week. */
  readonly commitments?: boolean;
  /** What Cost Explorer recommends to buy, once a week. */
  readonly commitmentAdvice?: boolean;
}

/** Name of the table of what Cost Explorer recommends to buy. */
const COMMITMENT_ADVICE = 'commitment advice';
const WEEK = 7 * 86_400_000;

/**
 * The tables that are due, and coverage of those that could not be read. Nothing here fails the bill: a table that
 * the account has not opted in to, or that the role may not read, is told and left out.
 */
export async function besideOf(
  context: AskContext,
  settings: BesideSettings,
  read: {
    readonly now: Date;
    readonly held: Readonly<Record<string, string>>;
    readonly totals: readonly Totals[];
  },
): Promise<{ tables: BesideTable[]; coverage: Coverage[] }> {
  const { now, held, totals } = read;
  const takenAt = now.toISOString();
  const due: [name: string, rows: () => Promise<BesideTable['rows']>][] = [];
  for (const key of settings.tags ?? []) due.push([`tag ${key}`, () => tagRows(context, key, totals)]);
  if (settings.hourly === true) due.push(['hourly', () => hourlyRows(context, now)]);
  if (settings.resources === true) due.push(['resources', () => resourceRows(context, now)]);
  const weekly = (name: string) => {
    const last = held[name];
    return last === undefined || now.getTime() - Date.parse(last) >= WEEK;
  };
  if (settings.commitments === true && weekly('commitments'))
    due.push(['commitments', () => commitmentRows(context, now)]);
  if (settings.commitments === true && weekly(SAVINGS_PLANS))
    due.push([SAVINGS_PLANS, () => savingsPlanRows(context, now)]);
  if (settings.commitments === true && weekly(RESERVATIONS))
    due.push([RESERVATIONS, () => reservationRows(context, now)]);
  if (settings.commitmentAdvice === true && weekly(COMMITMENT_ADVICE))
    due.push([COMMITMENT_ADVICE, () => commitmentAdviceRows(context)]);

  const tables: BesideTable[] = [];
  const coverage: Coverage[] = [];
  for (const [name, rows] of due)
    try {
      tables.push({ name, takenAt, rows: await rows() });
    } catch (error) {
      if (!(error instanceof BursarError)) throw error;
      coverage.push({
        scope: `${context.where}, ${name}`,
        status: error instanceof CeilingReached ? 'partial' : 'not-covered',
        reason: error.message,
        asOf: null,
      });
    }
  return { tables, coverage };
}
