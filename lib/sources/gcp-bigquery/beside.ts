import type { GcpSession } from '../../estate/gcp/session.ts';
import { SPEND_ADVICE_PERMISSION, spendAdvice } from '../../estate/gcp/spend-advice.ts';
import type { BigQuery, Page, Statement, TableName } from '../../platform/bigquery/model.ts';
import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { BesideTable, DeliverContext } from '../model.ts';
import { commitmentsOf, commitmentsSql, SPEND_COMMITMENTS } from './commitments.ts';

/** What is read beside the bill: never a part of it, so never in a total. */
export interface GcpBesideSettings {
  /** Export of commitments, `cud_subscriptions_export`: their amounts and when each ends, once a day. */
  readonly commitments?: TableName;
  /** What Google would buy for the billing account of the bill, once a week. */
  readonly advice?: {
    /** `012345-567890-ABCDEF`; null where the name of the bill's table does not tell it. */
    readonly account: string | null;
    readonly session: GcpSession;
  };
}

const DAY = 86_400_000;
const ADVICE = 'commitment advice';
/** Dates of exports differ by less than a run does from the last: a little less than a day, and than a week. */
const DAILY = DAY - DAY / 12;
const WEEKLY = 7 * DAY - DAY / 12;

export function gcpBesidePermissions({ advice }: GcpBesideSettings): readonly Permission[] {
  return advice === undefined ? [] : [SPEND_ADVICE_PERMISSION];
}

/**
 * The tables that are due, and coverage of those that could not be read. Nothing here fails the bill.
 * @param run runs a query under the ceiling of the source
 */
export async function besideOf(
  { commitments, advice }: GcpBesideSettings,
  source: {
    readonly scope: string;
    readonly client: BigQuery;
    readonly location: string | undefined;
    run(statement: Statement, what: string): AsyncGenerator<Page, void, void>;
  },
  { now, held, meter }: DeliverContext,
): Promise<{ tables: BesideTable[]; coverage: Coverage[] }> {
  const due: [name: string, rows: () => Promise<BesideTable['rows']>][] = [];
  const isDue = (name: string, every: number) => {
    const last = held?.beside?.[name];
    return last === undefined || now.getTime() - Date.parse(last) >= every;
  };
  if (commitments !== undefined && isDue(SPEND_COMMITMENTS, DAILY))
    due.push([
      SPEND_COMMITMENTS,
      async () => {
        const table = await source.client.table(commitments, meter);
        const statement = {
          sql: commitmentsSql(table, source.scope),
          location: source.location ?? table.location,
        };
        const pages: Page[] = [];
        for await (const page of source.run(statement, 'to read the commitments')) pages.push(page);
        return commitmentsOf(pages, now);
      },
    ]);
  if (advice !== undefined && isDue(ADVICE, WEEKLY))
    due.push([
      ADVICE,
      async () => {
        if (advice.account === null)
          throw new BursarError('config', 'the name of the table does not tell its billing account', {
            where: source.scope,
            hint: 'Name the export itself (gcp_billing_export_resource_v1_<billing account>), not a view of it.',
          });
        const found = await spendAdvice(advice.session, advice.account, meter);
        return found.map(({ monthlySaving, ...told }) => ({
          ...told,
          // Commitments of Google are paid by the month; usage of 30 days is looked at ("Get recommendations for
          // committed use discounts (CUD)": "By default, the recommendation is based on the last 30 days of usage").
          payment: 'none',
          lookbackDays: '30',
          hourly: null,
          monthlySaving: monthlySaving?.amount ?? null,
          currency: monthlySaving?.currency ?? null,
        }));
      },
    ]);
  const tables: BesideTable[] = [];
  const coverage: Coverage[] = [];
  for (const [name, rows] of due)
    try {
      tables.push({ name, takenAt: now.toISOString(), rows: await rows() });
    } catch (error) {
      if (!(error instanceof BursarError)) throw error;
      const reason = error.hint === null ? error.message : `${error.message}. ${error.hint}`;
      coverage.push({ scope: `${source.scope}, ${name}`, status: 'not-covered', reason, asOf: null });
    }
  return { tables, coverage };
}
