import { inWindow, type NamedQuery, textIn } from './query.ts';

export interface UnusedCommitment {
  readonly currency: string;
  /** EffectiveCost of what was committed and not used, decimal text. */
  readonly unused: string;
}

/** What commitments cost in a window without being used (FOCUS 1.2, CommitmentDiscountStatus "Unused"). */
export const unusedCommitment: NamedQuery<UnusedCommitment> = {
  name: 'unused-commitment',
  params: ['start', 'end'],
  sql: (d) => `
    SELECT ${d.name('BillingCurrency')} AS currency, SUM(${d.name('EffectiveCost')}) AS unused
    FROM costs WHERE ${inWindow(d)} AND ${d.name('CommitmentDiscountStatus')} = 'Unused'
    GROUP BY 1 ORDER BY 1`,
  merge: { keys: ['currency'], sum: ['unused'] },
  row: (raw) => ({ currency: textIn(raw, 'currency'), unused: textIn(raw, 'unused') }),
};
