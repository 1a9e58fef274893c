import type { Extent } from '../manifest.ts';
import { textIn } from '../queries/query.ts';
import { scan } from '../view.ts';
import type { Engine } from './duckdb.ts';

/** Which accounts of which provider some parts hold, and over which charge periods. */
export async function extentsOf(engine: Engine, paths: readonly string[]): Promise<Extent[]> {
  if (paths.length === 0) return [];
  const rows = await engine.ask(
    `SELECT * FROM ${scan(paths)}`,
    `SELECT COALESCE("ProviderName", '') AS provider, COALESCE("BillingAccountId", '') AS billing_account,
            COALESCE("SubAccountId", '') AS sub_account, MIN("ChargePeriodStart") AS first_start,
            MAX(COALESCE("ChargePeriodEnd", "ChargePeriodStart")) AS last_end
     FROM costs GROUP BY ALL ORDER BY ALL`,
    {},
  );
  return rows.map((row) => ({
    provider: textIn(row, 'provider'),
    billingAccount: textIn(row, 'billing_account'),
    subAccount: textIn(row, 'sub_account'),
    start: textIn(row, 'first_start'),
    end: textIn(row, 'last_end'),
  }));
}
