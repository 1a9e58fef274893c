import { GetSavingsPlansUtilizationDetailsCommand } from '@aws-sdk/client-cost-explorer';
import type { BesideTable } from '../model.ts';
import { commitmentWindow, termEnd } from './commitment-window.ts';
import { type AskContext, askPages } from './pages.ts';

/** Name of the table of terms of Savings Plans. */
export const SAVINGS_PLANS = 'savings plans';

/**
 * Each Savings Plan that was paid for in the last two weeks, of the payer and its linked accounts, with when its term
 * ends: a plan that is paid by the month tells no end on the bill. `ends` is null where AWS tells none, or tells it in
 * another form than ISO-8601. The SDK types the attributes as a map of texts; `EndDateTime` and `HourlyCommitment` are
 * in answers as AWS gives them.
 */
export async function savingsPlanRows(context: AskContext, now: Date): Promise<BesideTable['rows']> {
  const { client } = context;
  const pages = askPages(context, 'ce:GetSavingsPlansUtilizationDetails', (token) =>
    client.send(
      new GetSavingsPlansUtilizationDetailsCommand({
        TimePeriod: commitmentWindow(now),
        DataType: ['ATTRIBUTES'],
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    ),
  );
  const rows: Record<string, string | null>[] = [];
  for await (const { SavingsPlansUtilizationDetails = [] } of pages)
    for (const { SavingsPlanArn, Attributes = {} } of SavingsPlansUtilizationDetails) {
      if (SavingsPlanArn === undefined) continue;
      rows.push({
        id: SavingsPlanArn,
        ends: termEnd(Attributes['EndDateTime']),
        hourly: Attributes['HourlyCommitment'] ?? null,
      });
    }
  return rows;
}
