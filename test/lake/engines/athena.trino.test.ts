import { AthenaClient } from '@aws-sdk/client-athena';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { NO_ATTRIBUTION } from '../../../lib/lake/attribution/derived.ts';
import { athenaEngine } from '../../../lib/lake/engine/athena.ts';
import type { Athena } from '../../../lib/lake/engine/athena-model.ts';
import type { RemoteEngine } from '../../../lib/lake/engine/remote.ts';
import { exportInPlace, exportRows } from '../../../lib/lake/inplace/aws-focus.ts';
import { inPlaceView } from '../../../lib/lake/inplace/view.ts';
import { queryOf } from '../../../lib/lake/queries/index.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { AthenaServer } from './athena-server.ts';
import { comparable, NOVEMBER, QUESTIONS } from './questions.ts';
import { ROWS } from './rows.ts';
import { exportTable } from './trino-tables.ts';

const trino = inject('trino');
const VIEW = 'SELECT * FROM (VALUES 1, 2, 3) AS t(n)';
let server: AthenaServer;
let client: AthenaClient;
let meter: Meter;
let engine: RemoteEngine;

const engineOf = (more: Partial<Athena> = {}) =>
  athenaEngine({
    client,
    meter,
    region: 'eu-central-1',
    workgroup: 'bursar',
    database: 'default',
    bytesLimit: 1_000_000_000n,
    exports: [{ bucket: 'export', prefix: '' }],
    pollMs: 2,
    ...more,
  });

beforeEach(async () => {
  server = new AthenaServer(trino);
  client = new AthenaClient({
    region: 'eu-central-1',
    endpoint: await server.listen(),
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 3,
  });
  meter = new Meter();
  engine = engineOf();
});
afterEach(async () => {
  client.destroy();
  await server[Symbol.asyncDispose]();
});

const actions = () => server.requests.map(({ action }) => action);
const inputOf = (action: string) => server.requests.find((request) => request.action === action)?.input ?? {};

describe('the questions, through Athena', () => {
  beforeAll(async () => {
    await exportTable(trino, 'athena_questions', ROWS, { money: 'double', version: '1.2' });
  });

  test.each(QUESTIONS)(
    '$query: the same answer, its parameters bound by the server',
    async ({ query, params, answer }) => {
      const bill = exportInPlace(engine, {
        sourceId: 'aws',
        sourceType: 'aws-focus-export',
        table: 'athena_questions',
      });
      const named = queryOf(query, params);
      const sql = named.sql(engine.dialect);
      const found = await engine.ask(await inPlaceView([bill], [], NO_ATTRIBUTION, sql), sql, params);
      expect(comparable(found.map((row) => named.row(row)))).toEqual(comparable(answer));
      // Those in WHERE are bound; what stands in an aggregate, or is grouped by, is written out.
      const marks =
        query.startsWith('spend-by:') || query === 'commitment-usage'
          ? 2
          : query === 'ai-services'
            ? 1
            : (sql.match(/\$[a-z]/g) ?? []).length;
      expect(inputOf('StartQueryExecution')['ExecutionParameters'] ?? []).toHaveLength(marks);
    },
  );

  test('a parameter that is too long for Athena is written into the query', async () => {
    const wasted = JSON.stringify(Array.from({ length: 200 }, (_, index) => `i-'${index}'`));
    const named = queryOf('eligible-usage', { ...NOVEMBER, wasted });
    const rows = exportRows({
      table: 'athena_questions',
      columns: await engine.columns('athena_questions'),
      sourceId: 'aws',
    });
    const found = await engine.ask(rows.sql, named.sql(engine.dialect), { ...NOVEMBER, wasted });
    expect(found.at(-1)).toMatchObject({ kind: 'gcp-compute', amount: '0.125' });
    expect(inputOf('StartQueryExecution')['ExecutionParameters']).toEqual([
      `'${NOVEMBER.start}'`,
      `'${NOVEMBER.end}'`,
    ]);
  });
});

describe('pages', () => {
  test('every page is read, and only the first has a header', async () => {
    server.pageRows = 2;
    const rows = await engine.ask(VIEW, "SELECT 'n' AS n, n AS m FROM costs ORDER BY m", {});
    expect(rows).toEqual([1, 2, 3].map((m) => ({ n: 'n', m })));
    expect(actions().filter((action) => action === 'GetQueryResults')).toHaveLength(2);
  });

  test('a first row that is no header is an error, never a lost row', async () => {
    server.header = false;
    await expect(engine.ask(VIEW, 'SELECT n FROM costs', {})).rejects.toThrow(
      'does not begin with the names',
    );
  });

  test('a token that repeats is an error, never an endless loop', async () => {
    server.stuck = true;
    await expect(engine.ask(VIEW, 'SELECT n FROM costs', {})).rejects.toThrow('same page twice');
  });

  test('NULL, booleans, times, decimals and big numbers come as from the local engine', async () => {
    const [row] = await engine.ask(
      VIEW,
      `SELECT CAST(NULL AS VARCHAR) AS nothing, '' AS empty, true AS yes, DECIMAL '-1.500' AS amount,
              TIMESTAMP '2026-11-01 00:00:00.000' AS at, DATE '2026-11-01' AS day,
              9007199254740993 AS big, 42 AS small FROM costs LIMIT 1`,
      {},
    );
    expect(row).toEqual({
      nothing: null,
      empty: '',
      yes: true,
      amount: '-1.5',
      at: '2026-11-01T00:00:00.000Z',
      day: '2026-11-01',
      big: '9007199254740993',
      small: 42,
    });
  });
});

describe('what it costs and how it ends', () => {
  test('bytes that were scanned are metered at $5 a TB, to the megabyte', async () => {
    server.scanned = 3 * 2 ** 40 + 1;
    await engine.ask(VIEW, 'SELECT n FROM costs', {});
    // 3 TB and one more megabyte.
    expect(meter.total().amount).toBe('15.000004768371582031');
    expect(meter.total().calls).toContainEqual({ api: 'athena:StartQueryExecution', count: 1 });
  });

  test('a small query costs ten megabytes, EXPLAIN and a failed query nothing', async () => {
    server.scanned = 1;
    await engine.ask(VIEW, 'SELECT n FROM costs', {});
    expect(meter.total().amount).toBe('0.000047683715820312');
    const before = meter.total().amount;
    expect(await engine.bytes(VIEW, 'SELECT n FROM costs', {})).toBe(0n);
    server.next = { state: 'FAILED', reason: 'GENERIC_INTERNAL_ERROR', category: 1 };
    await expect(engine.ask(VIEW, 'SELECT n FROM costs', {})).rejects.toThrow('could not answer');
    expect(meter.total().amount).toBe(before);
  });

  test('a lost answer is asked again with the same token, and the query is started once', async () => {
    await engine.ask(VIEW, 'SELECT n FROM costs', {});
    server.loseAnswers = 1;
    const before = server.started;
    await engine.ask(VIEW, 'SELECT n FROM costs', {});
    expect(server.started).toBe(before + 1);
    const tokens = server.requests
      .filter(({ action }) => action === 'StartQueryExecution')
      .map(({ input }) => input['ClientRequestToken']);
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(2);
  });

  test('a query that nobody waits for any longer is stopped at the server', async () => {
    const abort = new AbortController();
    server.next = { state: 'RUNNING' };
    const asked = engine.ask(VIEW, 'SELECT n FROM costs', {}, { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await expect(asked).rejects.toThrow(/abort/i);
    expect(server.stopped).toHaveLength(1);
  });

  test('so is one that takes too long', async () => {
    server.next = { state: 'RUNNING' };
    await expect(engineOf({ deadlineMs: 40 }).ask(VIEW, 'SELECT n FROM costs', {})).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('was stopped'),
    });
    expect(server.stopped).toHaveLength(1);
  });

  test.each([
    {
      next: { state: 'CANCELLED', reason: 'Bytes scanned limit was exceeded' },
      code: 'input',
      says: 'limit of the workgroup bursar, having scanned 25000000 bytes',
    },
    { next: { state: 'CANCELLED', reason: '' }, code: 'unavailable', says: 'cancelled from elsewhere' },
    {
      next: { state: 'FAILED', reason: 'Access Denied (Service: Amazon S3; Status Code: 403)', category: 2 },
      code: 'denied',
      says: 'may not read',
    },
    {
      next: { state: 'FAILED', reason: 'Insufficient Lake Formation permission(s) on bills', category: 2 },
      code: 'denied',
      says: 'may not read',
    },
    {
      next: { state: 'FAILED', reason: "SYNTAX_ERROR: line 1:8: Column 'x' cannot be resolved", category: 2 },
      code: 'input',
      says: 'does not accept',
    },
    {
      next: { state: 'FAILED', reason: 'INTERNAL_ERROR', category: 1 },
      code: 'unavailable',
      says: 'could not',
    },
  ] as const)('$next.state, $next.reason: $code', async ({ next, code, says }) => {
    server.next = next;
    await expect(engine.ask(VIEW, 'SELECT n FROM costs', {})).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says),
    });
  });

  test('SQL that Trino refuses is told as input', async () => {
    await expect(engine.ask(VIEW, 'SELECT nope FROM costs', {})).rejects.toMatchObject({ code: 'input' });
  });

  test('no query is started in a workgroup without a limit, or with a higher one', async () => {
    server.cutoff = undefined;
    await expect(engine.ask(VIEW, 'SELECT n FROM costs', {})).rejects.toMatchObject({
      code: 'config',
      hint: expect.stringContaining('BytesScannedCutoffPerQuery=1000000000'),
    });
    server.cutoff = 1_000_000_001;
    await expect(engine.ask(VIEW, 'SELECT n FROM costs', {})).rejects.toMatchObject({ code: 'config' });
    expect(server.started).toBe(0);
    server.cutoff = 1_000_000_000;
    await expect(engine.ask(VIEW, 'SELECT n FROM costs', {})).resolves.toHaveLength(3);
  });

  test('a table that is not there is told', async () => {
    await expect(engine.columns('nothing')).rejects.toThrow('table nothing not found');
    await expect(engine.columns('a.b.c')).rejects.toMatchObject({ code: 'config' });
  });
});
