import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { queryApart } from '../../lib/lake/engine/query-process.ts';
import type { QueryLimits } from '../../lib/lake/model.ts';

const LIMITS: QueryLimits = { memoryMiB: 512, seconds: 30, rows: 10_000 };
const ENDLESS = 'SELECT COUNT(*) AS n FROM range(10000000) a, range(10000000) b';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-query-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function ask(sql: string, limits: Partial<QueryLimits> = {}) {
  const view = "SELECT CAST('0.100000000000000000' AS DECIMAL(38,18)) AS BilledCost, 'EC2' AS ServiceName";
  return queryApart({
    sql,
    view,
    paths: [],
    tempDir: join(folder, 'spill'),
    limits: { ...LIMITS, ...limits },
  });
}

/** Processes that a process has started, as Linux tells them. */
function childrenOf(pid: number | undefined): number[] {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).flatMap((task) =>
    (readFileSync(join(tasks, task, 'children'), 'utf8').match(/\d+/g) ?? []).map(Number),
  );
}

/** Of the processes that were started since: the one of a query. */
async function queryOf(asker: number | undefined, before: readonly number[]): Promise<number> {
  return await vi.waitFor(
    () => {
      const [pid] = childrenOf(asker).filter((each) => !before.includes(each));
      if (pid === undefined || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('query-child'))
        throw new Error('no query is asked yet');
      return pid;
    },
    { timeout: 20_000, interval: 5 },
  );
}

/** The most memory that a process has held so far, MiB. */
function mostHeld(pid: number): number {
  const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? Number.NaN) / 1024;
}

describe('memory that the engine does not count', () => {
  test.each([
    ['a list of long texts', "SELECT list_transform(range(1000000), x -> repeat('x', 10000)) AS l"],
    [
      'texts of texts',
      "SELECT length(list_transform(range(1000000), x -> repeat('x', 10000))::VARCHAR) AS n",
    ],
    [
      'a replacement of a replacement',
      "SELECT length(replace(replace(repeat('a', 10000), 'a', repeat('b', 1000)), 'b', repeat('c', 1000))) AS n",
    ],
  ])('%s ends within the limit and a quarter more, and says so', async (_name, sql) => {
    const before = childrenOf(process.pid);
    const asked = ask(sql).catch((error: unknown) => error);
    const pid = await queryOf(process.pid, before);
    let most = 0;
    while (existsSync(`/proc/${pid}/status`)) {
      most = Math.max(most, mostHeldOr(pid, most));
      await pause(1);
    }
    expect(await asked).toMatchObject({
      code: 'input',
      message: 'the query needs more than 512 MiB of memory',
    });
    expect(most).toBeGreaterThan(200);
    expect(most).toBeLessThan(512 * 1.25);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });

  test('a long answer is refused before it fills whoever asked', async () => {
    await expect(
      ask("SELECT repeat('x', 10000) AS x FROM range(20000)", { rows: 20_000 }),
    ).rejects.toMatchObject({
      code: 'input',
      message: 'the answer is longer than 128 MiB',
    });
  });
});

/** Of a process that may have ended meanwhile. */
function mostHeldOr(pid: number, former: number): number {
  try {
    const held = mostHeld(pid);
    return Number.isNaN(held) ? former : held;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return former;
    throw error;
  }
}

describe('what comes back', () => {
  test('keeps its types and its order, over many messages', async () => {
    const sql =
      "SELECT i AS n, i::DECIMAL(38,18) / 8 AS part, MAP {'__proto__': 'x'} AS tags, i > 3 AS more, NULL AS none FROM range(9000) t(i) ORDER BY i";
    const { columns, rows, truncated } = await ask(sql);
    expect(truncated).toBe(false);
    expect(columns.map(({ name }) => name)).toEqual(['n', 'part', 'tags', 'more', 'none']);
    expect(rows).toHaveLength(9000);
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 9000 }, (_, at) => at));
    expect(JSON.stringify(rows[5])).toBe(
      '{"n":5,"part":0.625,"tags":{"__proto__":"x"},"more":true,"none":null}',
    );
    expect((await ask('SELECT BilledCost FROM costs')).rows).toEqual([{ BilledCost: '0.1' }]);
  });

  test.each([
    [10, false],
    [9, true],
    [0, true],
  ])('at most %d rows of ten', async (most, truncated) => {
    const answer = await ask('SELECT i FROM range(10) t(i)', { rows: most });
    expect({ rows: answer.rows.length, truncated: answer.truncated }).toEqual({ rows: most, truncated });
  });
});

describe('its process', () => {
  test('is ended from outside where it does not heed the limit of time', async () => {
    const before = childrenOf(process.pid);
    const refused = ask(ENDLESS, { seconds: 1 }).catch((error: unknown) => error);
    const pid = await queryOf(process.pid, before);
    process.kill(pid, 'SIGSTOP');
    expect(await refused).toMatchObject({
      code: 'input',
      message: 'the query took more than 1 seconds and was stopped',
    });
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });

  test('that ends by itself is told, and the next query is answered', async () => {
    const before = childrenOf(process.pid);
    const refused = ask(ENDLESS).catch((error: unknown) => error);
    process.kill(await queryOf(process.pid, before), 'SIGKILL');
    expect(await refused).toMatchObject({
      code: 'internal',
      message: 'the process of the query ended by itself (SIGKILL)',
    });
    expect((await ask('SELECT ServiceName FROM costs')).rows).toEqual([{ ServiceName: 'EC2' }]);
  });

  test('is handed no secret of the environment', async () => {
    vi.stubEnv('BURSAR_TEST_SECRET', 'hush');
    const before = childrenOf(process.pid);
    const refused = ask(ENDLESS).catch((error: unknown) => error);
    const pid = await queryOf(process.pid, before);
    const given = readFileSync(`/proc/${pid}/environ`, 'utf8');
    vi.unstubAllEnvs();
    process.kill(pid, 'SIGKILL');
    expect(await refused).toMatchObject({ code: 'internal' });
    expect(given).toContain('PATH=');
    expect(given).not.toContain('hush');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'ends with whoever asked, by %s',
    async (signal) => {
      const asker: ChildProcess = spawn(
        process.execPath,
        [join(import.meta.dirname, 'asking.child.ts'), folder],
        {
          stdio: 'ignore',
        },
      );
      const pid = await queryOf(asker.pid, []);
      const ended = once(asker, 'exit');
      asker.kill(signal);
      expect(await ended).toEqual([null, signal]);
      await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false), { timeout: 5000, interval: 10 });
    },
  );
});
