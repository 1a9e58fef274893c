import { open } from 'node:fs/promises';
import type { GetCostAndUsageResponse, Group, ResultByTime } from '@aws-sdk/client-cost-explorer';
import { BursarError } from '../../platform/errors.ts';
import { type AskContext, costPages } from './pages.ts';
import type { Chunk } from './periods.ts';
import { BY_RECORD_TYPE, byAccountAndService, type CostQuery, TOTAL } from './queries.ts';
import { groupOf, groupsOf, type RecordGroup } from './record-types.ts';
import { COLUMNS, costRow, csvLine, hasMoney } from './rows.ts';
import { add, mustEqual, type Sums } from './sums.ts';
import { dayAfter } from './window.ts';

/** What a chunk held. */
export interface ChunkRead {
  readonly rows: number;
  /** The end of the last day that has a row, `YYYY-MM-DD`: a day that is still empty has not arrived yet. */
  readonly lastDay: string | null;
  /** The total of each day. */
  readonly byDay: Sums;
}

/**
 * Reads some billing periods into a CSV of FOCUS rows at `path`: the total a day, the record types a day, then one
 * query a group of record types by account and service. All three must add up to the same.
 * @throws BursarError `unavailable` where they do not, or where an answer is not what was asked for.
 */
export async function readChunk(
  context: AskContext & { readonly billingAccountId: string },
  chunk: Chunk,
  path: string,
  step: () => void,
): Promise<ChunkRead> {
  const { where } = context;
  const ask = (query: CostQuery): AsyncGenerator<ResultByTime> => daysOf(context, chunk, query, step);

  const total: Sums = new Map();
  for await (const { day, Total, Groups } of withDay(ask(TOTAL))) {
    if ((Groups ?? []).length > 0) throw refuse(where, `groups for ${day.start} where a total was asked for`);
    add(total, day.start, Total, where);
  }

  const byType: Sums = new Map();
  const byGroup: Sums = new Map();
  const types = new Set<string>();
  for await (const { day, Groups } of withDay(ask(BY_RECORD_TYPE)))
    for (const { Keys, Metrics } of Groups ?? []) {
      const [type, ...more] = Keys ?? [];
      if (type === undefined || more.length > 0)
        throw refuse(where, `a group with the keys ${JSON.stringify(Keys ?? null)} instead of a record type`);
      types.add(type);
      add(byType, day.start, Metrics, where);
      add(byGroup, keyOf(day.start, groupOf(type)), Metrics, where);
    }
  mustEqual(byType, total, 'the record types', where);

  const rows = new RowWriter(context.billingAccountId, where);
  const file = await open(path, 'w');
  try {
    await file.write(csvLine(COLUMNS));
    for (const { group, types: own } of groupsOf(types))
      for await (const page of pagesOf(context, chunk, byAccountAndService(own), step))
        await file.write(rows.lines(page, chunk, group));
  } finally {
    await file.close();
  }
  mustEqual(rows.sums, byGroup, 'accounts and services', where);
  return { rows: rows.count, lastDay: rows.lastDay, byDay: total };
}

async function* pagesOf(
  context: AskContext,
  chunk: Chunk,
  query: CostQuery,
  step: () => void,
): AsyncGenerator<GetCostAndUsageResponse> {
  for await (const page of costPages(context, chunk, query)) {
    step();
    yield page;
  }
}

async function* daysOf(
  context: AskContext,
  chunk: Chunk,
  query: CostQuery,
  step: () => void,
): AsyncGenerator<ResultByTime> {
  for await (const page of pagesOf(context, chunk, query, step))
    for (const result of page.ResultsByTime ?? []) {
      dayOf(result, chunk, context.where);
      yield result;
    }
}

async function* withDay(
  results: AsyncGenerator<ResultByTime>,
): AsyncGenerator<ResultByTime & { day: { start: string } }> {
  for await (const result of results) yield { ...result, day: { start: result.TimePeriod?.Start ?? '' } };
}

/** The day of a result; refused where it is none, or none that was asked for. */
function dayOf(result: ResultByTime, chunk: Chunk, where: string): { start: string; end: string } {
  const start = result.TimePeriod?.Start ?? '';
  const end = result.TimePeriod?.End ?? '';
  if (
    !(start >= chunk.start && end <= chunk.end) ||
    !/^\d{4}-\d\d-\d\d$/.test(start) ||
    dayAfter(start) !== end
  )
    throw refuse(where, `the period ${start || '?'} to ${end || '?'}, which is no day that was asked for`);
  return { start, end };
}

/** Turns pages into CSV lines, and refuses what would lose money or count it twice. */
class RowWriter {
  count = 0;
  lastDay: string | null = null;
  /** Costs by day and group of record types. */
  readonly sums: Sums = new Map();
  readonly #billingAccountId: string;
  readonly #where: string;
  readonly #accountNames = new Map<string, string>();
  readonly #seen = new Map<string, Set<string>>();

  constructor(billingAccountId: string, where: string) {
    this.#billingAccountId = billingAccountId;
    this.#where = where;
  }

  lines(page: GetCostAndUsageResponse, chunk: Chunk, group: RecordGroup): string {
    for (const { Value, Attributes } of page.DimensionValueAttributes ?? []) {
      const name = Attributes?.['description'];
      if (Value !== undefined && name !== undefined) this.#accountNames.set(Value, name);
    }
    let lines = '';
    for (const result of page.ResultsByTime ?? []) {
      const day = dayOf(result, chunk, this.#where);
      const groups = result.Groups ?? [];
      // Grouped answers have an empty Total, or zeros on a day without groups; money there would be lost.
      if (groups.length === 0 && Object.values(result.Total ?? {}).some(hasMoney))
        throw refuse(this.#where, `a total for ${day.start} without its accounts and services`);
      for (const one of groups) lines += this.#line(one, day, result.Estimated ?? true, group);
    }
    return lines;
  }

  #line(one: Group, day: { start: string; end: string }, estimated: boolean, group: RecordGroup): string {
    const where = this.#where;
    const row = costRow(one, {
      where,
      billingAccountId: this.#billingAccountId,
      day,
      estimated,
      group,
      accountNames: this.#accountNames,
    });
    if (row === null) return '';
    const key = keyOf(day.start, group);
    const seen = this.#seen.get(key) ?? new Set();
    this.#seen.set(key, seen);
    const own = `${row.SubAccountId}\n${row.ServiceName}`;
    if (seen.has(own))
      throw refuse(
        where,
        `${row.ServiceName} of account ${row.SubAccountId} on ${day.start} twice, which would count it double`,
      );
    seen.add(own);
    add(this.sums, key, one.Metrics, where);
    this.count += 1;
    if (this.lastDay === null || day.end > this.lastDay) this.lastDay = day.end;
    return csvLine(COLUMNS.map((column) => row[column]));
  }
}

function keyOf(day: string, { name }: RecordGroup): string {
  return `${day} (${name})`;
}

function refuse(where: string, what: string): BursarError {
  return new BursarError('unavailable', `Cost Explorer answered with ${what}`, {
    where,
    hint: 'Nothing of this run was kept; run again, and report it if it stays.',
  });
}
