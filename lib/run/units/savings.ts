import { type BeforeAfter, beforeAfter, perUnitBeforeAfter } from '../../analysis/units/before-after.ts';
import type { Money } from '../../focus/money.ts';
import { allDimensions, type Dimensions } from '../../lake/dimensions.ts';
import type { Lake } from '../../lake/model.ts';
import type { DataEnd } from '../../lake/queries/data-end.ts';
import { AXIS_NAMES, type SpendPart, spendByName, whereParam } from '../../lake/queries/spend-by.ts';
import type { Auditor } from '../auditor.ts';
import { type StopSaved, stopsSaved } from '../savings.ts';
import { isWanted, wantedOf } from '../spend-where.ts';
import type { ReadUnit, Side } from './read.ts';

const DAY = 86_400_000;
/** Days before a stop in which a charge of its resource shows whose unit it served. */
const LOOKED = 31;

/** What happened to one number of a unit around a stop; null: too few days are known on either side. */
export interface Around {
  readonly of: Side | 'cost';
  /** Of cost per unit. */
  readonly currency: string | null;
  readonly change: BeforeAfter | null;
}

/** One realised saving beside what happened to the units that its resource served. */
export interface SavingEffect {
  readonly findingId: string;
  readonly check: string;
  readonly resourceId: string;
  readonly resourceName: string | null;
  /** ISO-8601 UTC, half-open; until null: it is stopped still. */
  readonly from: string;
  readonly until: string | null;
  /** By the bills; null where they do not say yet. */
  readonly saved: Money | null;
  readonly units: readonly { readonly name: string; readonly numbers: readonly Around[] }[];
}

/**
 * Every stop of ours with success, quality, latency, revenue and cost of each unit that paid for its resource, before
 * and after. It shows what happened at that time; that the stop is why, it does not say.
 * @param only resources that are meant, by their canonical ids; left out: all
 */
export async function savingEffects(
  { lake, ledger }: Pick<Auditor, 'lake' | 'ledger'>,
  units: readonly ReadUnit[],
  dimensions: Dimensions,
  sources: readonly string[] | null,
  only?: ReadonlySet<string>,
): Promise<SavingEffect[]> {
  const ends = await lake.ask<DataEnd>('data-end', {}, sources);
  const billedUntil = ends
    .map(({ end }) => new Date(end).toISOString())
    .toSorted()
    .at(-1);
  if (billedUntil === undefined) return [];
  const effects: SavingEffect[] = [];
  for (const saved of await stopsSaved(lake, ledger, sources, billedUntil, only)) {
    const { finding, stop, found } = saved;
    const served: ReadUnit[] = [];
    for (const unit of units) if (await paidFor(lake, unit, saved, dimensions, sources)) served.push(unit);
    effects.push({
      findingId: finding.id,
      check: finding.check,
      resourceId: finding.resourceId,
      resourceName: finding.resourceName,
      from: stop.from,
      until: stop.until,
      saved: found?.saved ?? null,
      units: served.map((unit) => ({ name: unit.settings.name, numbers: numbersOf(unit, stop) })),
    });
  }
  return effects.toSorted((a, b) => (a.from < b.from ? -1 : 1));
}

function numbersOf({ sides, spends, metric }: ReadUnit, stop: StopSaved['stop']): Around[] {
  const days = { from: stop.from.slice(0, 10), until: stop.until?.slice(0, 10) ?? null };
  return [
    ...spends.map(
      ({ currency, cost }): Around => ({
        of: 'cost',
        currency,
        change: metric === null ? null : perUnitBeforeAfter(cost, metric.values, days),
      }),
    ),
    ...[...sides].map(
      ([of, { values }]): Around => ({ of, currency: null, change: beforeAfter(values, days) }),
    ),
  ];
}

/** Was the resource charged to what the unit is narrowed to, in the month before it was stopped? */
async function paidFor(
  lake: Pick<Lake, 'ask'>,
  { settings }: ReadUnit,
  { finding, stop }: StopSaved,
  configured: Dimensions,
  sources: readonly string[] | null,
): Promise<boolean> {
  const names = Object.keys(allDimensions(configured));
  const wanted = wantedOf(settings.spend, [...names, ...AXIS_NAMES.filter((name) => !names.includes(name))]);
  const axes = [...wanted.keys()].toSorted();
  const { resourceId: id } = finding;
  const parts = await lake.ask<SpendPart>(
    spendByName({ by: axes, where: ['resource'] }),
    {
      start: new Date(Date.parse(stop.from) - LOOKED * DAY).toISOString(),
      end: stop.from,
      [whereParam('resource')]: JSON.stringify([id, id.slice(id.lastIndexOf('/') + 1)]),
    },
    sources,
  );
  return parts.some(({ key }) => isWanted(wanted, axes, key));
}
