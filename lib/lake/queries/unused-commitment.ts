import { IN_WINDOW, type NamedQuery, textIn } from './query.ts';

export interface UnusedCommitment {
  readonly currency: string;
  /** EffectiveCost of what was committed and not used, decimal text. */
  readonly unused: string;
}

/** What commitments cost in a window without being used (FOCUS 1.2, CommitmentDiscountStatus "Unused"). */
export const unusedCommitment: NamedQuery<UnusedCommitment> = {
  name: 'unused-commitment',
  params: ['start', 'end'],
  sql: `
    SELECT "BillingCurrency" AS currency, SUM("EffectiveCost") AS unused
    FROM costs WHERE ${IN_WINDOW} AND "CommitmentDiscountStatus" = 'Unused'
    GROUP BY ALL ORDER BY currency`,
  row: (raw) => ({ currency: textIn(raw, 'currency'), unused: textIn(raw, 'unused') }),
};
