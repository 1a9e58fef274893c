import { GetSavingsPlansUtilizationDetailsCommand } from '@aws-sdk/client-cost-explorer';
import type { BesideTable } from '../model.ts';
import { type AskContext, askPages } from './pages.ts';
import { isoDay } from './window.ts';

/** What AWS has to know of a commitment arrives late: the last two days are left out. */
const LAG_DAYS = 2;
const DAYS = 14;
const DAY = 86_400_000;

/** Name of the table of terms of Savings Plans. */
export const SAVINGS_PLANS = 'savings plans';

/**
 * Each Savings Plan that was paid for in the last two weeks, of the payer and its linked accounts, with when its term
 * ends: a plan that is paid by the month tells no end on the bill. `ends` is null where AWS tells none, or tells it in
 * another form than ISO-8601. The SDK types the attributes as a map of texts; `EndDateTime` and `HourlyCommitment` are
 * in answers as AWS gives them.
 */
export async function savingsPlanRows(context: AskContext, now: Date): Promise<BesideTable['rows']> {
  const end = Math.floor(now.getTime() / DAY) * DAY - LAG_DAYS * DAY;
  const { client } = context;
  const pages = askPages(context, 'ce:GetSavingsPlansUtilizationDetails', (token) =>
    client.send(
      new GetSavingsPlansUtilizationDetailsCommand({
        TimePeriod: { Start: isoDay(end - DAYS * DAY), End: isoDay(end) },
        DataType: ['ATTRIBUTES'],
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    ),
  );
  const rows: Record<string, string | null>[] = [];
  for await (const { SavingsPlansUtilizationDetails = [] } of pages)
    for (const { SavingsPlanArn, Attributes = {} } of SavingsPlansUtilizationDetails) {
      if (SavingsPlanArn === undefined) continue;
      const ends = Attributes['EndDateTime'] ?? '';
      rows.push({
        id: SavingsPlanArn,
        ends: /^\d{4}-\d{2}-\d{2}T/.test(ends) && Number.isFinite(Date.parse(ends)) ? ends : null,
        hourly: Attributes['HourlyCommitment'] ?? null,
      });
    }
  return rows;
}
