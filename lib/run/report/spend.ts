import type { SpendDetail, SpendLeaf } from '../../digest/detail-model.ts';
import type { Interval } from '../../digest/model.ts';
import { UNALLOCATED } from '../../lake/dimensions.ts';
import type { Lake } from '../../lake/model.ts';
import { type SpendPart, spendByName } from '../../lake/queries/spend-by.ts';

const AXES = ['team', 'service', 'model', 'resource'] as const;

/** Effective cost of a period by team, service, model and resource. */
export async function spendDetail(
  lake: Pick<Lake, 'ask'>,
  window: Interval,
  sources: readonly string[] | null,
): Promise<SpendDetail> {
  const name = spendByName({ by: AXES, where: [] });
  const parts = await lake.ask<SpendPart>(name, { ...window }, sources);
  return {
    window,
    rows: parts.map(leafOf),
    source: `bills: EffectiveCost by team, service, model and resource, ${window.start}/${window.end}`,
  };
}

function leafOf({ key, currency, effective }: SpendPart): SpendLeaf {
  const [team = '', service = '', model = '', resource = ''] = key.map((value) =>
    value === UNALLOCATED ? '' : value,
  );
  return { team, service, model, resource, currency, effective };
}
