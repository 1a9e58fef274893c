import { NO_ATTRIBUTION } from '../attribution/derived.ts';
import type { Extent, Manifest } from '../manifest.ts';
import { chargeEnd, orEmpty, textIn } from '../queries/query.ts';
import type { InPlaceSource } from './model.ts';
import { inPlaceView } from './view.ts';

/**
 * What a bill that lies elsewhere holds, in the shape of a bill that the lake holds: which accounts of which payer in
 * which billing period, so that it is known which of two bills of the same charges counts. One query, of the columns
 * of ids and times alone. A period counts as read up to its last charge.
 */
export async function inPlaceManifest(source: InPlaceSource): Promise<Manifest> {
  const d = source.engine.dialect;
  const sql = `
    SELECT ${d.month(d.name('BillingPeriodStart'))} AS period, ${orEmpty(d, 'ProviderName')} AS provider,
           ${orEmpty(d, 'BillingAccountId')} AS billing_account, ${orEmpty(d, 'SubAccountId')} AS sub_account,
           MIN(${d.name('ChargePeriodStart')}) AS first_start, MAX(${chargeEnd(d)}) AS last_end
    FROM costs GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`;
  const view = await inPlaceView([source], [], NO_ATTRIBUTION, sql);
  const periods = new Map<string, Extent[]>();
  for (const row of await source.engine.ask(view, sql, {})) {
    const period = textIn(row, 'period');
    const extents = periods.get(period) ?? [];
    extents.push({
      provider: textIn(row, 'provider'),
      billingAccount: textIn(row, 'billing_account'),
      subAccount: textIn(row, 'sub_account'),
      start: textIn(row, 'first_start'),
      end: textIn(row, 'last_end'),
    });
    periods.set(period, extents);
  }
  const { sourceId, sourceType, grain } = source;
  return {
    schemaVersion: 1,
    generation: 0,
    sourceId,
    sourceType,
    grain,
    asOf: null,
    ingestedAt: lastEnd([...periods.values()].flat()),
    periods: [...periods].map(([period, extents]) => ({
      period,
      current: {
        id: 'in-place',
        ingestedAt: lastEnd(extents),
        rows: 0,
        bytes: 0,
        parts: [],
        columns: [],
        totals: [],
        extents,
      },
      former: null,
    })),
  };
}

function lastEnd(extents: readonly Extent[]): string {
  return extents.map(({ end }) => end).reduce((a, b) => (a > b ? a : b), '1970-01-01T00:00:00.000Z');
}
