import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { trinoEngine } from '../../../lib/lake/engine/trino.ts';

/** An answer of a gateway or of Trino in trouble, which a healthy Trino cannot be made to give. */
type Answer = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: string };

let server: Server | undefined;
const seen: { method: string; url: string; authorization: string | undefined }[] = [];
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  server = undefined;
  seen.length = 0;
});

async function serving(
  answer: (request: IncomingMessage, base: string, count: number) => Answer,
): Promise<string> {
  let base = '';
  server = createServer((request, response) => {
    seen.push({
      method: request.method ?? '',
      url: request.url ?? '',
      authorization: request.headers.authorization,
    });
    const { status = 200, headers = {}, body } = answer(request, base, seen.length);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  base = `http://127.0.0.1:${address.port}`;
  return base;
}

const engineOf = (url: string, more: { password?: string; deadlineMs?: number } = {}) =>
  trinoEngine(
    {
      server: url,
      catalog: 'c',
      schema: 's',
      user: 'u',
      ...(more.password === undefined ? {} : { password: more.password }),
    },
    more.deadlineMs,
  );
const ask = (url: string, more: { password?: string; deadlineMs?: number } = {}, signal?: AbortSignal) =>
  engineOf(url, more).ask('SELECT 1 AS n', 'SELECT n FROM costs', {}, signal === undefined ? {} : { signal });

const DONE = JSON.stringify({ id: 'q', columns: [{ name: 'n', type: 'bigint' }], data: [[1]] });

describe('a gateway in front of Trino', () => {
  test.each([429, 502, 503, 504])('%s is tried again', async (status) => {
    const url = await serving((_request, _base, count) =>
      count < 3 ? { status, body: 'busy' } : { body: DONE },
    );
    expect(await ask(url)).toEqual([{ n: 1 }]);
    expect(seen).toHaveLength(3);
  });

  test.each([
    [401, 'credentials'],
    [403, 'denied'],
    [404, 'unavailable'],
    [500, 'unavailable'],
  ] as const)('%s is told at once as %s', async (status, code) => {
    const url = await serving(() => ({ status, body: 'no' }));
    await expect(ask(url)).rejects.toMatchObject({ code });
    expect(seen).toHaveLength(1);
  });

  test('what it asks to wait is waited', async () => {
    const url = await serving((_request, _base, count) =>
      count === 1 ? { status: 429, headers: { 'retry-after': '1' }, body: '' } : { body: DONE },
    );
    const before = performance.now();
    await ask(url);
    expect(performance.now() - before).toBeGreaterThan(990);
  });

  test('nobody there is told with the address', async () => {
    await expect(ask('http://127.0.0.1:1')).rejects.toMatchObject({
      code: 'unavailable',
      where: 'http://127.0.0.1:1',
    });
  });
});

describe('the password', () => {
  test('goes with every request of the same server, the cancel included', async () => {
    const url = await serving(({ method }, base) =>
      method === 'POST'
        ? { body: JSON.stringify({ id: 'q', nextUri: `${base}/next` }) }
        : {
            body: JSON.stringify({
              id: 'q',
              nextUri: `${base}/next`,
              error: { message: 'm', errorName: 'E', errorType: 'USER_ERROR' },
            }),
          },
    );
    await expect(ask(url, { password: 'geheim' })).rejects.toThrow('does not accept');
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'DELETE']);
    const basic = `Basic ${Buffer.from('u:geheim').toString('base64')}`;
    expect(new Set(seen.map(({ authorization }) => authorization))).toEqual(new Set([basic]));
  });

  test('is not sent where an answer leads elsewhere', async () => {
    const url = await serving(() => ({ body: JSON.stringify({ id: 'q', nextUri: 'http://127.0.0.1:1/x' }) }));
    await expect(ask(url, { password: 'geheim' })).rejects.toThrow('leads to another address');
    expect(seen).toHaveLength(1);
  });

  test('is never sent in the clear', async () => {
    await expect(ask('http://trino.example.com:8080', { password: 'geheim' })).rejects.toMatchObject({
      code: 'config',
    });
  });
});

const endless = (base: string) => ({ body: JSON.stringify({ id: 'q', nextUri: `${base}/next` }) });

describe('a query that does not end', () => {
  test('is cancelled at the server when nobody waits any longer', async () => {
    const url = await serving((_request, base) => endless(base));
    const abort = new AbortController();
    const asked = ask(url, {}, abort.signal);
    setTimeout(() => abort.abort(), 50);
    await expect(asked).rejects.toThrow(/abort/i);
    expect(seen.at(-1)).toMatchObject({ method: 'DELETE', url: '/next' });
  });

  test('is cancelled when it takes too long', async () => {
    const url = await serving((_request, base) => endless(base));
    await expect(ask(url, { deadlineMs: 60 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('was stopped'),
    });
    expect(seen.at(-1)?.method).toBe('DELETE');
  });

  test('that gives the same page again and again is an error', async () => {
    const url = await serving((_request, base) => ({
      body: JSON.stringify({
        id: 'q',
        nextUri: `${base}/next`,
        columns: [{ name: 'n', type: 'bigint' }],
        data: [[1]],
      }),
    }));
    await expect(ask(url)).rejects.toThrow('same page twice');
  });

  test('that fails half-way gives no rows', async () => {
    const url = await serving(({ method }, base) =>
      method === 'POST'
        ? {
            body: JSON.stringify({
              id: 'q',
              nextUri: `${base}/next`,
              columns: [{ name: 'n', type: 'bigint' }],
              data: [[1]],
            }),
          }
        : {
            body: JSON.stringify({
              id: 'q',
              error: { message: 'out of memory', errorName: 'EXCEEDED', errorType: 'INSUFFICIENT_RESOURCES' },
            }),
          },
    );
    await expect(ask(url)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test('a number is what Trino wrote, to the last digit', async () => {
  const url = await serving(() => ({
    body: '{"id":"q","columns":[{"name":"n","type":"bigint"},{"name":"d","type":"decimal(38,18)"}],"data":[[9007199254740993,"0.100000000000000000"]]}',
  }));
  expect(await ask(url)).toEqual([{ n: '9007199254740993', d: '0.1' }]);
});
