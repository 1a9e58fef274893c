import { type NamedQuery, orEmpty, TOLD_ENDS, textIn, toldEnd, toldEnds } from './query.ts';

export interface DataEnd {
  readonly source: string;
  /** First ChargePeriodStart of the source, and up to when it tells what was used (exclusive). */
  readonly start: string;
  readonly end: string;
  /** Does it charge by the day or the hour? One that has invoices of months alone tells nothing of the last days. */
  readonly daily: boolean;
}

/** Up to when the rows of each source speak. */
export const dataEnd: NamedQuery<DataEnd> = {
  name: 'data-end',
  params: [],
  sql: (d) => `
    SELECT ${orEmpty(d, 'x_Source')} AS source, MIN(${d.name('ChargePeriodStart')}) AS start_at,
           ${toldEnds(d)}
    FROM costs GROUP BY 1 ORDER BY 1`,
  merge: { keys: ['source'], min: ['start_at'], max: TOLD_ENDS },
  row: (raw) => ({
    source: textIn(raw, 'source'),
    start: textIn(raw, 'start_at'),
    ...toldEnd(raw),
  }),
};
