import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { BigQuerySettings } from '../../../lib/platform/bigquery/client.ts';
import type { Page, Statement } from '../../../lib/platform/bigquery/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { type Front, openFront } from '../../counterparts/bigquery.front.ts';
import { clientOf } from '../../sources/gcp-bigquery/deliver.ts';
import { renewBigQuery } from '../../sources/gcp-bigquery/tables.ts';

let front: Front;
let meter: Meter;
beforeAll(renewBigQuery);
beforeEach(async () => {
  front = await openFront(inject('bigqueryUrl'));
  meter = new Meter();
});
afterEach(() => front.close());

const NUMBERS: Statement = { sql: 'SELECT n FROM UNNEST([1, 2, 3, 4, 5]) AS n ORDER BY n', location: 'EU' };
const waits: number[] = [];
const client = (more: Partial<BigQuerySettings> = {}) =>
  clientOf(front.url, {
    wait: async (milliseconds) => {
      waits.push(milliseconds);
    },
    ...more,
  });

async function rows(
  statement: Statement,
  more: { signal?: AbortSignal; pageRows?: number } = {},
  settings: Partial<BigQuerySettings> = {},
) {
  const pages: Page[] = [];
  const options = { meter, maximumBytesBilled: 2n ** 40n, ...more };
  for await (const page of client(settings).run(statement, options)) pages.push(page);
  return pages.flatMap((page) => page.rows);
}

const methods = () => front.calls.map(({ method }) => method.replace('bigquery.jobs.', ''));
const jobIds = (): unknown[] =>
  front.calls.flatMap(({ method, body }) =>
    method === 'bigquery.jobs.insert' ? [JSON.parse(JSON.stringify(body)).jobReference.jobId] : [],
  );

/** BigQuery never gets done. */
const running = () => {
  front.change = (method, answer) =>
    method === 'bigquery.jobs.getQueryResults' ? { jobComplete: false } : answer;
};

describe('an answer', () => {
  test('comes page by page, in the location of its tables, as text', async () => {
    expect(await rows(NUMBERS, { pageRows: 2 })).toEqual([['1'], ['2'], ['3'], ['4'], ['5']]);
    expect(methods()).toEqual([
      'insert',
      'getQueryResults',
      'get',
      ...Array<string>(3).fill('getQueryResults'),
    ]);
    expect(front.calls.slice(1).every(({ query }) => query['location'] === 'EU')).toBe(true);
    expect(meter.total().calls).toContainEqual({ api: 'bigquery.jobs.getQueryResults', count: 4 });
  });

  test('no number passes through a double, whatever its type', async () => {
    const sql = `SELECT 9223372036854775807 AS i, BIGNUMERIC '12345678901234567890.123456789012345678' AS b,
      NUMERIC '0.000000001' AS n, TIMESTAMP '2026-07-01 00:00:00.000001+00' AS t, [1, 2] AS l,
      STRUCT('x' AS k, NULL AS v) AS s, CAST(NULL AS STRING) AS nothing`;
    expect(await rows({ sql, location: 'US' })).toEqual([
      [
        '9223372036854775807',
        '12345678901234567890.123456789012345678',
        '0.000000001',
        '1782864000000001',
        ['1', '2'],
        { k: 'x', v: null },
        null,
      ],
    ]);
  });

  test('parameters are texts, with whatever characters', async () => {
    const value = `it's "a" \\ back\`slash\n☃ @b`;
    const sql = 'SELECT @a AS a, @b AS b, @none IS NULL AS n';
    expect(await rows({ sql, params: { a: value, b: '$1', none: null }, location: 'US' })).toEqual([
      [value, '$1', 'true'],
    ]);
  });

  test('an empty answer is one page without rows', async () => {
    expect(
      await rows({ sql: 'SELECT 1 AS n FROM UNNEST(CAST([] AS ARRAY<INT64>)) AS x', location: 'US' }),
    ).toEqual([]);
  });
});

describe('pages that do not add up', () => {
  test('a token that comes again is an error, never an endless loop', async () => {
    front.change = (method, answer) =>
      method === 'bigquery.jobs.getQueryResults' ? { ...answer, pageToken: '2' } : answer;
    await expect(rows(NUMBERS, { pageRows: 2 })).rejects.toThrow('gave the same page token twice');
  });

  test('rows that are missing are an error, never a short answer', async () => {
    front.change = (_method, { pageToken: _token, ...answer }) => answer;
    await expect(rows(NUMBERS, { pageRows: 2 })).rejects.toThrow('gave 2 of the 5 rows of the answer');
  });
});

describe('what passes is tried again', () => {
  test.each([
    [429, 'rateLimitExceeded'],
    [403, 'rateLimitExceeded'],
    [503, 'backendError'],
    [400, 'tableUnavailable'],
    [null, undefined],
  ])('%s %s', async (status, reason) => {
    front.disturbances.push({
      method: 'bigquery.jobs.getQueryResults',
      times: 2,
      status,
      ...(reason === undefined ? {} : { reason }),
    });
    expect(await rows(NUMBERS)).toHaveLength(5);
  });

  test('as long as Google asks for', async () => {
    waits.length = 0;
    front.disturbances.push({
      method: 'bigquery.jobs.insert',
      times: 1,
      status: 429,
      reason: 'rateLimitExceeded',
      retryAfter: '7',
    });
    expect(await rows(NUMBERS)).toHaveLength(5);
    expect(waits[0]).toBe(7000);
  });

  test('and told in the end', async () => {
    front.disturbances.push({
      method: 'bigquery.jobs.insert',
      times: 99,
      status: 429,
      reason: 'rateLimitExceeded',
    });
    await expect(rows(NUMBERS)).rejects.toMatchObject({ code: 'throttled' });
    expect(methods()).toEqual(Array<string>(6).fill('insert'));
  });

  test('a job whose answer was lost is not made twice', async () => {
    front.disturbances.push({ method: 'bigquery.jobs.insert', times: 1, status: null, after: true });
    expect(await rows(NUMBERS)).toHaveLength(5);
    expect(
      front.calls.filter(({ method }) => method === 'bigquery.jobs.insert').map(({ status }) => status),
    ).toEqual([null, 409]);
    expect(new Set(jobIds()).size).toBe(1);
  });

  test('a job that failed of itself is made again under another id', async () => {
    front.disturbances.push({
      method: 'bigquery.jobs.getQueryResults',
      times: 1,
      status: 400,
      reason: 'jobBackendError',
    });
    expect(await rows(NUMBERS)).toHaveLength(5);
    expect(new Set(jobIds()).size).toBe(2);
  });
});

describe('what does not pass is told', () => {
  test.each([
    [401, 'authError', 'credentials'],
    [403, 'accessDenied', 'denied'],
    [404, 'notFound', 'input'],
    [400, 'bytesBilledLimitExceeded', 'input'],
    [403, 'billingNotEnabled', 'denied'],
    [400, 'resourcesExceeded', 'unavailable'],
  ])('%s %s is %s', async (status, reason, code) => {
    front.disturbances.push({ method: 'bigquery.jobs.getQueryResults', times: 9, status, reason });
    await expect(rows(NUMBERS)).rejects.toMatchObject({ code, where: 'bigquery:bursar-test' });
    // Nothing is tried twice that cannot get better.
    expect(methods().filter((method) => method === 'getQueryResults')).toHaveLength(1);
  });

  test('SQL that Google’s grammar refuses, with its words', async () => {
    await expect(rows({ sql: 'SELECT "a" FROM', location: 'US' })).rejects.toMatchObject({ code: 'input' });
    await expect(rows({ sql: 'SELECT missing FROM (SELECT 1 AS n)', location: 'US' })).rejects.toThrow(
      /BigQuery refuses the query: .*Unrecognized name: missing/,
    );
  });

  test('an answer of another shape is none', async () => {
    front.change = (_method, answer) =>
      Array.isArray(answer['rows']) ? { ...answer, rows: answer['rows'].map(() => ({ f: [] })) } : answer;
    await expect(rows(NUMBERS)).rejects.toThrow('a row that is not of 1 fields');
  });
});

describe('what nobody waits for any more is cancelled', () => {
  test('after the deadline', async () => {
    running();
    await expect(
      rows(NUMBERS, {}, { patience: 30, wait: (ms) => new Promise((r) => setTimeout(r, Math.min(ms, 10))) }),
    ).rejects.toThrow('the query was not done after 0 s');
    expect(methods().at(-1)).toBe('cancel');
    expect(front.calls.at(-1)?.query).toEqual({ location: 'EU' });
    const body = JSON.parse(JSON.stringify(front.calls[0]?.body));
    expect(body.configuration.jobTimeoutMs).toBe('30');
  });

  test('on abort', async () => {
    running();
    const stop = new AbortController();
    const wait = async () => stop.abort();
    await expect(rows(NUMBERS, { signal: stop.signal }, { wait })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(methods().at(-1)).toBe('cancel');
  });

  test('and where that fails, too, the job is named', async () => {
    running();
    front.disturbances.push({ method: 'bigquery.jobs.cancel', times: 99, status: 503 });
    await expect(rows(NUMBERS, {}, { patience: 1 })).rejects.toThrow(
      /the job bursar-[0-9a-f-]{36} could not be cancelled either/,
    );
  });
});

test('a dry run tells bytes and makes no job', async () => {
  front.bytes = () => 10n ** 15n;
  expect((await client().dryRun(NUMBERS, meter)).bytes).toBe(10n ** 15n);
  expect(jobIds()).toEqual([undefined]);
  expect(meter.total().amount).toBe('0');
});
