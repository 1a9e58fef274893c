import { type NamedQuery, textIn } from './query.ts';

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
  sql: `
    SELECT COALESCE("x_Source", '') AS source, MIN("ChargePeriodStart") AS start_at, MAX(COALESCE("ChargePeriodEnd", "ChargePeriodStart")) AS end_at
    FROM costs GROUP BY ALL ORDER BY source`,
  row: (raw) => ({
    source: textIn(raw, 'source'),
    start: textIn(raw, 'start_at'),
    end: textIn(raw, 'end_at'),
  }),
};
