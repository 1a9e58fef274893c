import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { BursarError } from '../errors.ts';
import type { Meter } from '../meter.ts';
import { failureOf, isAlreadyThere, mustBeMadeAgain, told } from './errors.ts';
import type { BigQuery, Field, Page, RunOptions, Statement, Table, TableName, Value } from './model.ts';
import { shown } from './name.ts';
import { dollars } from './price.ts';
import { pause, type Rest, type RestSettings, rest } from './rest.ts';
import { insertBody } from './statement.ts';
import { fieldsOf, rowOf, tableSchema } from './values.ts';

export interface BigQuerySettings extends RestSettings {
  /** Project that runs and pays for the queries. */
  readonly project: string;
  /** A query that is not done by then is cancelled, milliseconds. */
  readonly patience?: number;
}

const PATIENCE = 10 * 60_000;
/** One look waits this long at BigQuery for the end of the job, milliseconds. */
const LOOK = 10_000;
const PAGE_ROWS = 20_000;
/** A job that failed for a fault that passes is made so often. */
const JOBS = 3;
/** Of a job that has failed already. */
const status = z
  .object({
    errorResult: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  })
  .optional();
const insertAnswer = z.object({
  status,
  statistics: z
    .object({
      totalBytesProcessed: z.string().optional(),
      query: z
        .object({
          totalBytesProcessed: z.string().optional(),
          schema: z.object({ fields: z.array(tableSchema).optional() }).optional(),
        })
        .optional(),
    })
    .optional(),
});
const results = z.object({
  jobComplete: z.boolean().optional(),
  totalRows: z.string().optional(),
  pageToken: z.string().optional(),
  schema: z.object({ fields: z.array(tableSchema).optional() }).optional(),
  rows: z.array(z.unknown()).optional(),
});
const jobAnswer = z.object({
  status,
  statistics: z
    .object({ query: z.object({ totalBytesBilled: z.string().optional() }).optional() })
    .optional(),
});
const tableAnswer = z.object({
  type: z.string().optional(),
  location: z.string().optional(),
  numBytes: z.string().optional(),
  schema: z.object({ fields: z.array(tableSchema).optional() }).optional(),
  timePartitioning: z
    .object({ field: z.string().optional(), requirePartitionFilter: z.boolean().optional() })
    .optional(),
  requirePartitionFilter: z.boolean().optional(),
});

/** BigQuery's REST API v2 over google-auth-library. Every query is a job of its own id, made idempotently. */
export function bigQuery(settings: BigQuerySettings): BigQuery {
  const { project, patience = PATIENCE } = settings;
  const api = rest(settings);
  const where = `bigquery:${project}`;
  return {
    project,
    table: (name, meter, signal) => readTable(api, name, meter, signal),
    async dryRun(statement, meter, signal) {
      const answer = insertAnswer.parse(
        await api.call(
          insertCall(project, insertBody(statement, { project, jobId: null, dryRun: true })),
          where,
          meter,
          signal,
        ),
      );
      const query = answer.statistics?.query;
      const bytes = query?.totalBytesProcessed ?? answer.statistics?.totalBytesProcessed;
      if (bytes === undefined)
        throw new BursarError('unavailable', 'a dry run did not tell what the query would read', {
          where,
          hint: 'Run again, and report it if it stays.',
        });
      return { bytes: BigInt(bytes), fields: fieldsOf(query?.schema?.fields) };
    },
    run: (statement, options) => runJob(api, project, where, patience, statement, options),
  };
}

function insertCall(project: string, body: object) {
  return {
    id: 'bigquery.jobs.insert',
    method: 'POST',
    path: `projects/${encodeURIComponent(project)}/jobs`,
    body,
    permission: 'bigquery.jobs.create',
  } as const;
}

async function readTable(api: Rest, name: TableName, meter: Meter, signal?: AbortSignal): Promise<Table> {
  const { project, dataset, table } = name;
  const answer = tableAnswer.parse(
    await api.call(
      {
        id: 'bigquery.tables.get',
        method: 'GET',
        path: `projects/${encodeURIComponent(project)}/datasets/${encodeURIComponent(dataset)}/tables/${encodeURIComponent(table)}`,
        permission: 'bigquery.tables.get',
      },
      `bigquery:${shown(name)}`,
      meter,
      signal,
    ),
  );
  const time = answer.timePartitioning;
  return {
    name,
    location: answer.location ?? 'US',
    type: answer.type ?? 'TABLE',
    fields: fieldsOf(answer.schema?.fields),
    partition:
      time === undefined
        ? null
        : {
            field: time.field ?? null,
            filterRequired: answer.requirePartitionFilter ?? time.requirePartitionFilter ?? false,
          },
    bytes: answer.numBytes === undefined ? null : BigInt(answer.numBytes),
  };
}

/** Makes the job, waits for it and gives its pages; whatever ends this before the job's end cancels it. */
async function* runJob(
  api: Rest,
  project: string,
  where: string,
  patience: number,
  statement: Statement,
  options: RunOptions,
): AsyncGenerator<Page, void, void> {
  const { meter, maximumBytesBilled, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    const job = new Job(api, project, where, statement.location, options);
    try {
      await job.make(insertBody(statement, { project, jobId: job.id, maximumBytesBilled, patience }));
      await job.wait(patience);
    } catch (error) {
      const again = mustBeMadeAgain(error) && attempt < JOBS && signal?.aborted !== true;
      if (!again) throw await job.givenUp(error);
      await api.wait(pause(attempt, null), signal);
      continue;
    }
    await job.tellBytes(meter);
    yield* job.pages();
    return;
  }
}

class Job {
  readonly id = `bursar-${randomUUID()}`;
  readonly #api: Rest;
  readonly #path: string;
  readonly #jobPath: string;
  readonly #project: string;
  readonly #where: string;
  readonly #location: string;
  readonly #options: RunOptions;

  constructor(api: Rest, project: string, where: string, location: string, options: RunOptions) {
    this.#api = api;
    this.#project = project;
    this.#where = where;
    this.#location = location;
    this.#options = options;
    this.#path = `projects/${encodeURIComponent(project)}/queries/${this.id}`;
    this.#jobPath = `projects/${encodeURIComponent(project)}/jobs/${this.id}`;
  }

  async make(body: object): Promise<void> {
    let answer: unknown;
    try {
      answer = await this.#api.call(
        insertCall(this.#project, body),
        this.#where,
        this.#options.meter,
        this.#options.signal,
      );
    } catch (error) {
      // The first attempt got through and its answer was lost: the id is ours alone.
      if (!isAlreadyThere(error)) throw error;
      return;
    }
    this.#refuse('bigquery.jobs.insert', insertAnswer.parse(answer));
  }

  /** Throws what a job says that it failed of. */
  #refuse(call: string, answer: { status?: z.infer<typeof status> }): void {
    const failed = answer.status?.errorResult;
    if (failed === undefined) return;
    const permission = 'bigquery.jobs.create and bigquery.tables.getData';
    throw told(failureOf(failed), { call, permission, where: this.#where });
  }

  /** Waits for the job's end; throws what the job failed of. */
  async wait(patience: number): Promise<void> {
    const until = performance.now() + patience;
    for (let look = 1; ; look += 1) {
      const left = until - performance.now();
      if (left <= 0)
        throw new BursarError(
          'unavailable',
          `the query was not done after ${Math.round(patience / 1000)} s`,
          {
            where: this.#where,
            hint: 'Read fewer months, or look for what keeps the project from running queries.',
          },
        );
      const answer = await this.#results({
        maxResults: '0',
        timeoutMs: String(Math.ceil(Math.min(LOOK, left))),
      });
      if (answer.jobComplete === true) return;
      await this.#api.wait(Math.min(pause(Math.min(look, 3), null), Math.max(left, 1)), this.#options.signal);
      if (this.#options.signal?.aborted === true)
        throw new BursarError('unavailable', 'the query was stopped', { where: this.#where });
    }
  }

  /** Cancels the job, as far as it was made and still runs; gives back what to throw. */
  async givenUp(error: unknown): Promise<unknown> {
    if (!(error instanceof BursarError) || error.code !== 'unavailable') return error;
    try {
      await this.#api.call(
        {
          id: 'bigquery.jobs.cancel',
          method: 'POST',
          path: `${this.#jobPath}/cancel`,
          params: { location: this.#location },
          permission: 'bigquery.jobs.create',
        },
        this.#where,
        this.#options.meter,
      );
      return error;
    } catch (failed) {
      // Never made, or gone: then there is nothing that runs on.
      if (failed instanceof BursarError && failed.code === 'input') return error;
      const why = failed instanceof Error ? failed.message : String(failed);
      return new BursarError(
        'unavailable',
        `${error.message}; the job ${this.id} could not be cancelled either: ${why}`,
        { where: this.#where, hint: error.hint ?? 'Cancel it by hand if it still runs.', cause: error },
      );
    }
  }

  /** Reads what Google bills for the job and counts it. */
  async tellBytes(meter: Meter): Promise<void> {
    const answer = jobAnswer.parse(
      await this.#api.call(
        {
          id: 'bigquery.jobs.get',
          method: 'GET',
          path: this.#jobPath,
          params: { location: this.#location },
          permission: 'bigquery.jobs.create',
        },
        this.#where,
        meter,
        this.#options.signal,
      ),
    );
    this.#refuse('bigquery.jobs.get', answer);
    const bytes = BigInt(answer.statistics?.query?.totalBytesBilled ?? '0');
    meter.count('bigquery: query', dollars(bytes));
    this.#options.billed?.(bytes);
  }

  async *pages(): AsyncGenerator<Page, void, void> {
    const seen = new Set<string>();
    let fields: readonly Field[] = [];
    let given = 0;
    for (let token = ''; ; ) {
      const answer = await this.#results({
        maxResults: String(this.#options.pageRows ?? PAGE_ROWS),
        ...(token === '' ? {} : { pageToken: token }),
      });
      if (answer.schema !== undefined) fields = fieldsOf(answer.schema.fields);
      const rows: (readonly Value[])[] = (answer.rows ?? []).map((row) => rowOf(row, fields, this.#where));
      given += rows.length;
      const totalRows = Number(answer.totalRows ?? '0');
      if (rows.length > 0 || token === '') yield { fields, rows, totalRows };
      const next = answer.pageToken ?? '';
      if (next === '') {
        if (given !== totalRows)
          throw this.#odd(`gave ${given} of the ${totalRows} rows of the answer and no token for more`);
        return;
      }
      if (seen.has(next)) throw this.#odd('gave the same page token twice');
      seen.add(next);
      token = next;
    }
  }

  async #results(params: Readonly<Record<string, string>>): Promise<z.infer<typeof results>> {
    const answer = await this.#api.call(
      {
        id: 'bigquery.jobs.getQueryResults',
        method: 'GET',
        path: this.#path,
        params: { location: this.#location, 'formatOptions.useInt64Timestamp': 'true', ...params },
        permission: 'bigquery.jobs.create and bigquery.tables.getData',
      },
      this.#where,
      this.#options.meter,
      this.#options.signal,
    );
    return results.parse(answer);
  }

  #odd(what: string): BursarError {
    return new BursarError('unavailable', `bigquery.jobs.getQueryResults ${what}`, {
      where: this.#where,
      hint: 'Run again, and report it if it stays.',
    });
  }
}
