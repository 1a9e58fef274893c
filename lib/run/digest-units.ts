import type { InsightAiUse, InsightUnit } from '../digest/insight-model.ts';
import type { Interval } from '../digest/model.ts';
import { unitStates } from './alerts/states.ts';
import type { Auditor } from './auditor.ts';
import { efficiencyReport } from './efficiency.ts';
import type { UnitSettings } from './units/read.ts';
import { readUnits, type UnitRow, unitRows } from './units.ts';

/** What one of each unit of the config cost in the period, as `bursar units` says it, with the alerts of the ledger. */
export async function digestUnits(
  auditor: Auditor,
  { start, end }: Interval,
  sources: readonly string[] | null,
  now: Date,
  team: string | null,
): Promise<InsightUnit[]> {
  const { lake, ledger, terms, asking } = auditor;
  const units = (auditor.units?.(sources) ?? []).filter((unit) => team === null || isOfTeam(unit, team));
  if (units.length === 0) return [];
  const read = await readUnits(lake, { units, dimensions: terms.dimensions, sources }, now, asking);
  const rows = unitRows(read, { start: start.slice(0, 10), end: end.slice(0, 10) }, 'day', terms);
  return (await unitStates(ledger, rows)).map(insightUnit);
}

/** Does a unit look at this team's spend alone? */
function isOfTeam({ spend }: UnitSettings, team: string): boolean {
  const teams = [spend?.['team'] ?? []].flat();
  return teams.length > 0 && teams.every((each) => each === team);
}

function insightUnit({ name, per, currency, total, trend, anomalies, problems }: UnitRow): InsightUnit {
  return {
    name,
    per,
    currency,
    total:
      total === null
        ? null
        : {
            cost: total.cost,
            units: total.units,
            perUnit: total.perUnit,
            daysWithoutUnits: total.daysWithoutUnits,
            daysWithoutCost: total.daysWithoutCost,
          },
    trend: trend?.percent ?? null,
    changes: anomalies.map(
      ({ of, kind, first, last, actual, expected, low, high, open, worse, owner, alert }) => ({
        of,
        kind,
        first,
        last,
        actual,
        expected,
        low,
        high,
        open,
        worse,
        owner: owner === null ? null : { id: owner.id },
        alert: alert === null ? null : { state: alert.state, until: alert.until },
      }),
    ),
    problems,
  };
}

/** How models are used, as `bursar efficiency` says it of what vendors' usage tells. */
export async function digestAiUse(
  auditor: Pick<Auditor, 'lake' | 'ledger'>,
  sources: readonly string[] | null,
  now: Date,
): Promise<InsightAiUse[]> {
  const { rows } = await efficiencyReport(auditor, null, sources, now);
  return rows.map(({ source, provider, project, key, model, currency, current, former, change }) => ({
    source,
    provider,
    project,
    key,
    model,
    currency,
    current,
    former,
    change,
  }));
}
