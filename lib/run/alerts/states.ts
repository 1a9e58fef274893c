import { isAnomaly, matching } from '../../ledger/alerts/match.ts';
import type { Alert } from '../../ledger/alerts/model.ts';
import { listAlerts } from '../../ledger/alerts/store.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import type { AnomalyReport, AnomalyRow } from '../anomalies.ts';
import type { AlertStanding, BudgetReport } from '../budget-model.ts';

type Reader = Pick<LedgerStore, 'getDoc' | 'getDocs'>;

/** The report with the alerts of each budget and period that the ledger keeps. */
export async function statesOf(ledger: Reader, report: BudgetReport): Promise<BudgetReport> {
  const alerts = await listAlerts(ledger);
  return {
    ...report,
    rows: report.rows.map((row) => ({
      ...row,
      alerts: alerts
        .filter(
          ({ subject, window, limit }) =>
            subject['budget'] === row.name &&
            limit?.currency === row.limit.currency &&
            (window === null || window.start === row.start),
        )
        .map(standing),
    })),
  };
}

/** The alert of each anomaly; null where none is kept: it was over before anyone could be told, or no audit ran. */
export async function anomalyStates(
  ledger: Reader,
  { rows }: Pick<AnomalyReport, 'rows'>,
): Promise<Map<AnomalyRow, AlertStanding>> {
  const alerts = (await listAlerts(ledger)).filter(isAnomaly);
  return new Map(
    rows.flatMap((row) => {
      const thing = {
        subject: row.key,
        alsoSeen: row.alsoSeen,
        source: row.source,
        firstDay: row.first,
        lastDay: row.last,
        money: row.effect,
      };
      const same = matching(thing, alerts);
      return same === null ? [] : [[row, standing(same)] as const];
    }),
  );
}

function standing({ id, what, state, by, until }: Alert): AlertStanding {
  return {
    id,
    what,
    state,
    by: by === null ? null : `slack:${by.person.team}:${by.person.user}`,
    at: by?.at ?? null,
    until,
  };
}
