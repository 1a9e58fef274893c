import type { AskedQuery, DigestContent } from './content-model.ts';
import { figureRows, findingRows } from './explain-findings.ts';
import { moverRows } from './explain-movers.ts';
import { outlookRows } from './explain-outlook.ts';
import { type Explained, type Family, type Row, Rows } from './explain-rows.ts';
import { spendRows } from './explain-spend.ts';
import { unitRows } from './explain-units.ts';
import type { Format } from './format.ts';

/** What of the queries that were asked a family of numbers was read by: the beginnings of their names. */
const QUERIES = {
  spend: ['spend-by-service', 'spend-by:provider,service|team', 'spend-total'],
  daily: ['spend-by-day', 'spend-by:day|team'],
  movers: ['spend-by-service', 'spend-by:provider,service|team', 'movers:provider,service|'],
  drivers: ['movers:service,model,team|'],
  series: ['daily-series:|', 'source-ends'],
  tagging: ['tag-spend'],
  // Where an audit kept them, none of these was asked.
  anomalies: ['daily-series:service,account,team,transfer|', 'daily-series:model,account|', 'excess:'],
  commitments: ['eligible-usage', 'commitment-usage', 'commitments-held', 'commitment-ends', 'provider-ends'],
  executive: ['spend-by:team|', 'spend-by:ai_class|', 'daily-series:|', 'eligible-usage', 'commitment-usage'],
  savings: ['resource-days', 'data-end'],
  units: ['daily-series:', 'source-ends'],
  efficiency: ['model-costs', 'source-ends'],
  ledger: [],
} as const satisfies Readonly<Record<Family, readonly string[]>>;

/** Every number that a digest shows, in the order in which it tells them. */
export function explained(content: DigestContent, format: Format): Explained[] {
  return rowsOf(content, format).map(({ family, ...row }) => ({
    ...row,
    queries: queriesOf(content.asked, family),
    asOf: family === 'ledger' ? content.now : content.asOf,
  }));
}

function queriesOf(asked: readonly AskedQuery[], family: Family): Explained['queries'] {
  const names: readonly string[] = QUERIES[family];
  const rows = new Map<string, number>();
  for (const { query, rows: count } of asked)
    if (names.some((name) => query === name || (/[:|]$/.test(name) && query.startsWith(name))))
      rows.set(query, (rows.get(query) ?? 0) + count);
  return [...rows].map(([query, count]) => ({ query, rows: count }));
}

function rowsOf(content: DigestContent, format: Format): Row[] {
  const rows = new Rows(format);
  return [spendRows, figureRows, moverRows, unitRows, outlookRows, findingRows].flatMap((of) =>
    of(content, rows),
  );
}
