import { isAnomaly, matching } from '../../ledger/alerts/match.ts';
import type { Alert } from '../../ledger/alerts/model.ts';
import { listAlerts } from '../../ledger/alerts/store.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import type { AnomalyReport } from '../anomalies.ts';
import type { AlertStanding, BudgetReport } from '../budget-model.ts';
import type { UnitRow } from '../units.ts';
import { unitThing } from './units.ts';

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

/** The report with the alert of each anomaly; null where none is kept: it was over before any audit kept it. */
export async function anomalyStates<T extends Pick<AnomalyReport, 'rows'>>(
  ledger: Reader,
  report: T,
): Promise<T> {
  const alerts = (await listAlerts(ledger)).filter(isAnomaly);
  return {
    ...report,
    rows: report.rows.map((row) => {
      const { key: subject, alsoSeen, source, first: firstDay, last: lastDay, effect } = row;
      const same = matching({ subject, alsoSeen, source, firstDay, lastDay, money: effect }, alerts);
      return same === null ? row : { ...row, alert: standing(same) };
    }),
  };
}

/** The units with the alert of each up and down; null where none is kept: it was over before any audit kept it. */
export async function unitStates(ledger: Reader, units: readonly UnitRow[]): Promise<UnitRow[]> {
  const alerts = (await listAlerts(ledger)).filter(({ kind }) => kind === 'unit');
  return units.map((unit) => ({
    ...unit,
    anomalies: unit.anomalies.map((each) => {
      const same = matching(unitThing(unit, each), alerts);
      return same === null ? each : { ...each, alert: standing(same) };
    }),
  }));
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
