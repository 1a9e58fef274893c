import { chargeEnd, type NamedQuery, orEmpty, textIn } from './query.ts';

export interface DataEnd {
  readonly source: string;
  /** First ChargePeriodStart and last ChargePeriodEnd (exclusive) of the source. */
  readonly start: string;
  readonly end: string;
}

/** Up to when the rows of each source speak. */
export const dataEnd: NamedQuery<DataEnd> = {
  name: 'data-end',
  params: [],
  sql: (d) => `
    SELECT ${orEmpty(d, 'x_Source')} AS source, MIN(${d.name('ChargePeriodStart')}) AS start_at,
           MAX(${chargeEnd(d)}) AS end_at
    FROM costs GROUP BY 1 ORDER BY 1`,
  merge: { keys: ['source'], min: ['start_at'], max: ['end_at'] },
  row: (raw) => ({
    source: textIn(raw, 'source'),
    start: textIn(raw, 'start_at'),
    end: textIn(raw, 'end_at'),
  }),
};
