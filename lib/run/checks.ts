import { checks } from '../checks/index.ts';
import type { DatasetNeed, Verdict } from '../checks/model.ts';
import type { Permission } from '../platform/permissions.ts';

export interface ListedCheck {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly DatasetNeed[];
  readonly verdicts: readonly { readonly verdict: Verdict; readonly actionable: boolean }[];
  /** Datasets that it rests on; `all`: it judges whatever the other checks collect. */
  readonly datasets: readonly string[] | 'all';
  /** What these may call, with what the provider charges for it; left out: nothing. */
  readonly permissions: readonly Permission[];
}

/** In the order in which they are told: what is certain first. */
export const VERDICTS: readonly Verdict[] = [
  'IDLE',
  'UNUSED',
  'EXPIRED',
  'NONCOMPLIANT',
  'INEFFICIENT',
  'SUSPECTED',
  'HELD',
  'UNOBSERVED',
];

/**
 * Every check of this version.
 * @param permissions what each dataset may call
 */
export function listChecks(permissions: ReadonlyMap<string, readonly Permission[]>): ListedCheck[] {
  return checks.map(({ id, title, needs, verdicts, datasets }) => ({
    id,
    title,
    needs,
    verdicts: VERDICTS.flatMap((verdict) => {
      const known = verdicts[verdict];
      return known === undefined ? [] : [{ verdict, actionable: known.actionable }];
    }),
    datasets,
    permissions: datasets === 'all' ? [] : once(datasets.flatMap((name) => permissions.get(name) ?? [])),
  }));
}

function once(permissions: readonly Permission[]): Permission[] {
  return [...new Map(permissions.map((each) => [`${each.cloud} ${each.action}`, each])).values()];
}
