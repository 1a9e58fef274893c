import { alertId } from '../../ledger/alerts/decide.ts';
import { isAnomaly, matching, partsOf } from '../../ledger/alerts/match.ts';
import type { Alert, AlertFacts } from '../../ledger/alerts/model.ts';
import { forgetClosed, listAlerts } from '../../ledger/alerts/store.ts';
import { BursarError } from '../../platform/errors.ts';
import { anomalyReport } from '../anomalies.ts';
import type { Auditor } from '../auditor.ts';
import type { BudgetRow } from '../budget-model.ts';
import { budgetReport } from '../budgets.ts';
import { basisOf, keepAnomalies } from '../kept.ts';
import { anomalyFacts, budgetFacts, budgetParts } from './facts.ts';
import { keepSeen } from './keep.ts';
import { type AlertSettings, NEWS_DAYS } from './model.ts';
import { unitAlerts } from './units.ts';

const DAY = 86_400_000;
/** The dearest anomalies are kept, so many a run; `bursar anomalies` lists all of them. */
const MOST = 200;
/** Of the dearest, the cause is looked for. */
const CAUSES = 20;
/** Days after the end of its period in which an alert of a budget is closed. */
const LATE_DAYS = 14;

type Judge = Pick<Auditor, 'lake' | 'ledger' | 'ownerOf' | 'progress' | 'units' | 'asking'>;

/**
 * Keeps what the bills say of anomalies and budgets, and what the numbers of units do, as alerts of the ledger. Sends
 * nothing: a sweep does. What one of them cannot judge is told and leaves the others.
 * @param sources the bills that are judged; null: all. Budgets and units speak of all bills: judged with all alone
 */
export async function recordAlerts(
  auditor: Judge,
  settings: AlertSettings,
  sources: readonly string[] | null,
  runId: string,
  now: Date,
): Promise<void> {
  const kept = await listAlerts(auditor.ledger);
  const work = [
    ...(settings.anomalies ? [() => anomalies(auditor, settings, sources, kept, runId, now)] : []),
    ...(sources === null ? [() => budgets(auditor, settings, kept, runId, now)] : []),
    ...(sources === null && settings.anomalies
      ? [() => unitAlerts(auditor, settings, kept, runId, now)]
      : []),
  ];
  // What keeps several of them from judging is told once.
  const told = new Set<string>();
  for (const judge of work)
    try {
      await judge();
    } catch (error) {
      if (!(error instanceof BursarError)) throw error;
      if (!told.has(error.told)) auditor.progress.warn(`alerts could not be judged: ${error.told}`);
      told.add(error.told);
    }
  await forgetClosed(auditor.ledger, kept, now);
}

async function anomalies(
  auditor: Judge,
  settings: AlertSettings,
  sources: readonly string[] | null,
  kept: readonly Alert[],
  runId: string,
  now: Date,
): Promise<void> {
  const held = await auditor.lake.sources();
  if (held.length === 0) return;
  auditor.progress.step('looking for anomalies');
  const minimum = Number(settings.minimum);
  const report = await anomalyReport(auditor, { days: NEWS_DAYS, minimum, sources, causes: CAUSES }, now);
  await keepAnomalies(auditor.ledger, await basisOf(auditor.lake, sources), report);
  const settled = new Map(
    report.freshness.map(({ source, end, unsettledFrom }) => [
      source,
      [end.slice(0, 10), unsettledFrom ?? '9999'].toSorted()[0] ?? '',
    ]),
  );
  const known = kept.filter(isAnomaly);
  const seen = new Set<string>();
  for (const row of report.rows.slice(0, MOST)) {
    const until = settled.get(row.source);
    if (until === undefined) continue;
    const facts = anomalyFacts(row, until, settings);
    const same = matching(
      facts,
      known.filter(({ id }) => !seen.has(id)),
    );
    // What is over before anyone was told of it is no news.
    if (same === null && !facts.ongoing) continue;
    const id = same?.id ?? alertId(...partsOf(facts));
    seen.add(id);
    await keepSeen(auditor, id, { type: 'seen', id, facts }, runId, now);
    if (!facts.ongoing)
      await keepSeen(
        auditor,
        id,
        { type: 'over', reason: 'nothing was off for three settled days' },
        runId,
        now,
      );
  }
  for (const alert of known) {
    // Only a bill that was judged can say that something is over.
    if (seen.has(alert.id) || alert.state === 'closed' || !settled.has(alert.source ?? '')) continue;
    const old = now.getTime() - Date.parse(alert.seen.first) >= NEWS_DAYS * DAY;
    const reason = old ? 'its level is the usual one by now' : 'the bills show it no more';
    await keepSeen(auditor, alert.id, { type: 'over', reason }, runId, now);
  }
}

async function budgets(
  auditor: Judge,
  settings: AlertSettings,
  kept: readonly Alert[],
  runId: string,
  now: Date,
): Promise<void> {
  const known = kept.filter(({ kind }) => kind === 'budget' || kind === 'forecast' || kind === 'expired');
  const report =
    settings.budgets.length === 0 ? { rows: [] } : await budgetReport(auditor, settings, null, now);
  const seen = new Set<string>();
  for (const row of report.rows) {
    const budget = settings.budgets.find(({ name }) => name === row.name);
    if (budget === undefined) continue;
    for (const [facts, isHighest] of ranked(budgetFacts(row, budget, settings))) {
      const id = alertId(...budgetParts(facts));
      seen.add(id);
      await keepSeen(auditor, id, { type: 'seen', id, facts }, runId, now);
      // Of tiers that are passed, one message tells the highest.
      if (!isHighest)
        await keepSeen(auditor, id, { type: 'over', reason: 'a higher tier is reached' }, runId, now);
    }
  }
  for (const alert of known) {
    if (alert.state === 'closed' || seen.has(alert.id)) continue;
    await keepSeen(auditor, alert.id, { type: 'over', reason: overOf(alert, report.rows, now) }, runId, now);
  }
}

/** Facts of one budget and period, each with whether no higher tier of it is reached. */
function ranked(all: readonly AlertFacts[]): (readonly [AlertFacts, boolean])[] {
  const highest = Math.max(...all.map(({ tier }) => tier ?? 0));
  return all.map((facts) => [facts, facts.tier === null || facts.tier === highest] as const);
}

function overOf({ subject, window, kind }: Alert, rows: readonly BudgetRow[], now: Date): string {
  const isOver = window !== null && now.getTime() - Date.parse(window.end) >= LATE_DAYS * DAY;
  if (isOver) return 'its period is over';
  if (!rows.some(({ name }) => name === subject['budget'])) return 'the config has no such budget any more';
  return kind === 'forecast'
    ? 'it is no longer likely, or has come true'
    : 'the bills or the config say otherwise';
}
