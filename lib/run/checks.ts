import { checks } from '../checks/index.ts';
import type { DatasetNeed, Verdict } from '../checks/model.ts';

export interface ListedCheck {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly DatasetNeed[];
  readonly verdicts: readonly { readonly verdict: Verdict; readonly actionable: boolean }[];
}

const VERDICTS: readonly Verdict[] = [
  'IDLE',
  'UNUSED',
  'EXPIRED',
  'NONCOMPLIANT',
  'INEFFICIENT',
  'SUSPECTED',
  'HELD',
  'UNOBSERVED',
];

/** Every check of this version. */
export function listChecks(): ListedCheck[] {
  return checks.map(({ id, title, needs, verdicts }) => ({
    id,
    title,
    needs,
    verdicts: VERDICTS.flatMap((verdict) => {
      const known = verdicts[verdict];
      return known === undefined ? [] : [{ verdict, actionable: known.actionable }];
    }),
  }));
}
