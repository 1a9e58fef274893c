import { GetReservationUtilizationCommand } from '@aws-sdk/client-cost-explorer';
import type { BesideTable } from '../model.ts';
import { commitmentWindow, termEnd } from './commitment-window.ts';
import { RESERVABLE } from './commitments.ts';
import { type AskContext, askPages } from './pages.ts';

/** Name of the table of terms of reservations. */
export const RESERVATIONS = 'reservations';

/**
 * Each reservation of the last two weeks, of the payer and its linked accounts, with when its term ends: one that is
 * paid by the month tells no end on the bill. A request for each service that has reservations, since the filter
 * takes one and without it AWS answers of EC2 alone; `GroupBy` allows no granularity (API reference,
 * GetReservationUtilization). The SDK types the attributes as a map of texts; `reservationARN`, which is what the bill
 * calls the commitment, and `endDateTime` are in answers as AWS gives them. Each is null where an answer lacks it.
 */
export async function reservationRows(context: AskContext, now: Date): Promise<BesideTable['rows']> {
  const { client } = context;
  const rows: Record<string, string | null>[] = [];
  for (const service of RESERVABLE) {
    const pages = askPages(context, 'ce:GetReservationUtilization', (token) =>
      client.send(
        new GetReservationUtilizationCommand({
          TimePeriod: commitmentWindow(now),
          GroupBy: [{ Type: 'DIMENSION', Key: 'SUBSCRIPTION_ID' }],
          Filter: { Dimensions: { Key: 'SERVICE', Values: [service] } },
          ...(token === undefined ? {} : { NextPageToken: token }),
        }),
      ),
    );
    for await (const { UtilizationsByTime = [] } of pages)
      for (const { Value, Attributes = {} } of UtilizationsByTime.flatMap(({ Groups = [] }) => Groups))
        rows.push({
          id: Attributes['reservationARN'] ?? null,
          ends: termEnd(Attributes['endDateTime']),
          service,
          subscription: Value ?? null,
        });
  }
  return rows;
}
