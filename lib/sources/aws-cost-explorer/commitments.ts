import {
  GetReservationCoverageCommand,
  GetReservationUtilizationCommand,
  GetSavingsPlansCoverageCommand,
  GetSavingsPlansUtilizationCommand,
} from '@aws-sdk/client-cost-explorer';
import type { BesideTable } from '../model.ts';
import { commitmentWindow } from './commitment-window.ts';
import { type AskContext, askPages } from './pages.ts';

/** Services with reservations that Cost Explorer can be asked for (API reference, GetReservationUtilization). */
export const RESERVABLE = [
  'Amazon Elastic Compute Cloud - Compute',
  'Amazon Relational Database Service',
  'Amazon ElastiCache',
  'Amazon Redshift',
  'Amazon Elasticsearch Service',
] as const;

/**
 * How well Savings Plans and reservations were used, and how much of the use they covered, of two weeks by the day.
 * `kind` says which table a row is of; amounts are as AWS writes them. An account without commitments has no rows.
 */
export async function commitmentRows(context: AskContext, now: Date): Promise<BesideTable['rows']> {
  const asked = { TimePeriod: commitmentWindow(now), Granularity: 'DAILY' as const };
  const { client } = context;
  const rows: Record<string, string | null>[] = [];

  const plans = askPages(context, 'ce:GetSavingsPlansUtilization', () =>
    client.send(new GetSavingsPlansUtilizationCommand(asked)),
  );
  for await (const page of plans)
    for (const { TimePeriod, Utilization, Savings } of page.SavingsPlansUtilizationsByTime ?? [])
      rows.push({
        kind: 'savings-plan-utilization',
        start: TimePeriod?.Start ?? null,
        service: null,
        committed: Utilization?.TotalCommitment ?? null,
        used: Utilization?.UsedCommitment ?? null,
        unused: Utilization?.UnusedCommitment ?? null,
        percentage: Utilization?.UtilizationPercentage ?? null,
        saved: Savings?.NetSavings ?? null,
      });

  const covered = askPages(context, 'ce:GetSavingsPlansCoverage', (token) =>
    client.send(
      new GetSavingsPlansCoverageCommand({ ...asked, ...(token === undefined ? {} : { NextToken: token }) }),
    ),
  );
  for await (const page of covered)
    for (const { TimePeriod, Coverage } of page.SavingsPlansCoverages ?? [])
      rows.push({
        kind: 'savings-plan-coverage',
        start: TimePeriod?.Start ?? null,
        service: null,
        covered: Coverage?.SpendCoveredBySavingsPlans ?? null,
        onDemand: Coverage?.OnDemandCost ?? null,
        total: Coverage?.TotalCost ?? null,
        percentage: Coverage?.CoveragePercentage ?? null,
      });

  for (const service of RESERVABLE) {
    const filter = { Filter: { Dimensions: { Key: 'SERVICE' as const, Values: [service] } } };
    const used = askPages(context, 'ce:GetReservationUtilization', (token) =>
      client.send(
        new GetReservationUtilizationCommand({
          ...asked,
          ...filter,
          ...(token === undefined ? {} : { NextPageToken: token }),
        }),
      ),
    );
    for await (const page of used)
      for (const { TimePeriod, Total } of page.UtilizationsByTime ?? [])
        if (Total !== undefined)
          rows.push({
            kind: 'reservation-utilization',
            start: TimePeriod?.Start ?? null,
            service,
            committed: Total.PurchasedHours ?? null,
            used: Total.TotalActualHours ?? null,
            unused: Total.UnusedHours ?? null,
            percentage: Total.UtilizationPercentage ?? null,
            saved: Total.NetRISavings ?? null,
          });
    const cover = askPages(context, 'ce:GetReservationCoverage', (token) =>
      client.send(
        new GetReservationCoverageCommand({
          ...asked,
          ...filter,
          ...(token === undefined ? {} : { NextPageToken: token }),
        }),
      ),
    );
    for await (const page of cover)
      for (const { TimePeriod, Total } of page.CoveragesByTime ?? [])
        if (Total?.CoverageHours !== undefined)
          rows.push({
            kind: 'reservation-coverage',
            start: TimePeriod?.Start ?? null,
            service,
            covered: Total.CoverageHours.ReservedHours ?? null,
            onDemand: Total.CoverageHours.OnDemandHours ?? null,
            total: Total.CoverageHours.TotalRunningHours ?? null,
            percentage: Total.CoverageHours.CoverageHoursPercentage ?? null,
          });
  }
  return rows;
}
