import type { DataTable } from '../../digest/table.ts';
import { Decimal } from '../../focus/decimal.ts';
import { timesMoney } from '../../focus/money.ts';
import { MONTH_DAYS } from '../../focus/month.ts';
import type { Lake } from '../../lake/model.ts';
import type { LedgerStore } from '../../ledger/model.ts';
import { type StopSaved, stopsSaved } from '../savings.ts';

const MONTH_HOURS = 24 * MONTH_DAYS;

/** Every stop of ours: what was estimated for its hours beside what the bills say that it saved. */
export async function stopsTable(
  lake: Pick<Lake, 'ask'>,
  ledger: Pick<LedgerStore, 'all' | 'getDocs'>,
  sources: readonly string[] | null,
  billedUntil: string,
): Promise<DataTable> {
  const stops = await stopsSaved(lake, ledger, sources, billedUntil);
  return {
    id: 'stops',
    caption: 'Each stop: what was estimated for its billed hours, and what the bills say it saved',
    columns: [
      { id: 'resource', label: 'Resource', kind: 'text' },
      { id: 'check', label: 'Check', kind: 'text' },
      { id: 'finding', label: 'Finding', kind: 'text' },
      { id: 'stopped', label: 'Stopped', kind: 'instant' },
      { id: 'ended', label: 'Until', kind: 'instant' },
      { id: 'billed_hours', label: 'Hours billed', kind: 'number' },
      { id: 'currency', label: 'Currency', kind: 'text' },
      { id: 'estimated', label: 'Estimated', kind: 'money' },
      { id: 'realised', label: 'Realised', kind: 'money' },
    ],
    rows: stops.map(rowOf),
    source:
      'ledger: stops; resource-days: EffectiveCost of their resources before and after, without data and requests',
  };
}

function rowOf({ finding, stop, found }: StopSaved): (string | null)[] {
  const { estimated } = stop;
  const same = found !== null && estimated !== null && estimated.currency === found.saved.currency;
  return [
    finding.resourceName ?? finding.resourceId,
    finding.check,
    finding.id,
    stop.from,
    stop.until,
    found === null ? null : new Decimal(found.hours).toDecimalPlaces(1).toFixed(),
    found?.saved.currency ?? estimated?.currency ?? null,
    // What was said is of a month; beside the bills stands what that comes to in the hours that they tell.
    same ? timesMoney(estimated, new Decimal(found.hours).div(MONTH_HOURS)).amount : null,
    found?.saved.amount ?? null,
  ];
}
