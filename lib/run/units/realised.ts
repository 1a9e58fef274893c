import type { Dimensions } from '../../lake/dimensions.ts';
import type { FindingRecord } from '../../ledger/model.ts';
import type { Auditor } from '../auditor.ts';
import { readUnits } from '../units.ts';
import { type SavingEffect, savingEffects } from './savings.ts';

/**
 * What stops of these findings' resources saved by the bills, with the numbers of each unit before and after, by the
 * id of the resource. Nothing is asked where nothing of ours was stopped.
 */
export async function realisedOf(
  auditor: Pick<Auditor, 'lake' | 'ledger' | 'units' | 'asking' | 'progress'>,
  records: readonly FindingRecord[],
  dimensions: Dimensions,
  now: Date,
): Promise<ReadonlyMap<string, readonly SavingEffect[]>> {
  const stopped = new Set(
    records.flatMap(({ life, finding }) => (life?.stopped ? [finding.resourceId] : [])),
  );
  if (stopped.size === 0) return new Map();
  const { lake, asking, progress } = auditor;
  const question = { units: auditor.units?.(null) ?? [], dimensions, sources: null };
  const read = await readUnits(lake, question, now, asking);
  for (const { settings, problems } of read)
    for (const problem of problems) progress.warn(`unit ${settings.name}: ${problem}`);
  const effects = await savingEffects(auditor, read, dimensions, null, stopped);
  return Map.groupBy(effects, ({ resourceId }) => resourceId);
}
