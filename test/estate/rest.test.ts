import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { pathPart, rest } from '../../lib/estate/rest.ts';
import { BursarError } from '../../lib/platform/errors.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { selfSigned } from './self-signed.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(
  answer: (path: string, response: ServerResponse, headers: object) => void,
): Promise<string> {
  const server = createServer((request, response) => answer(request.url ?? '', response, request.headers));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const client = (address: string, more: Partial<Parameters<typeof rest>[0]> = {}) =>
  rest({
    where: 'store:docs',
    address,
    headers: async () => ({ authorization: 'Basic c2VjcmV0' }),
    hint: 'See the login.',
    wait: async () => undefined,
    ...more,
  });

async function refused(work: Promise<unknown>): Promise<BursarError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BursarError)) throw new Error(`no BursarError: ${String(error)}`);
  expect(error.where).toBe('store:docs');
  expect(`${error.told} ${JSON.stringify(error)}`).not.toContain('c2VjcmV0');
  return error;
}

test('an answer is read as JSON, with path, query and login as given', async () => {
  const seen: unknown[] = [];
  const url = await serve((path, response, headers) => {
    seen.push(path, headers);
    response.end('{"ü":1}');
  });
  const meter = new Meter();
  expect(await client(url).get('call', '/_stats/docs,store', { filter_path: 'a.*,b' }, meter)).toEqual({
    ü: 1,
  });
  expect(seen[0]).toBe('/_stats/docs,store?filter_path=a.*%2Cb');
  expect(seen[1]).toMatchObject({ authorization: 'Basic c2VjcmV0', accept: 'application/json' });
  expect(meter.total().calls).toEqual([{ api: 'call', count: 1 }]);
});

test.each([
  [401, 'credentials', 1],
  [403, 'denied', 1],
  [404, 'input', 1],
  [400, 'unavailable', 1],
  [429, 'throttled', 4],
  [503, 'unavailable', 4],
] as const)('HTTP %i is told as %s, after %i attempts', async (status, code, attempts) => {
  const url = await serve((_path, response) => response.writeHead(status).end('{"error":"because"}'));
  const meter = new Meter();
  const error = await refused(client(url).get('call', '/x', {}, meter));
  expect(error.code).toBe(code);
  expect(error.message).toContain('because');
  expect(meter.total().calls).toEqual([{ api: 'call', count: attempts }]);
});

test('a read by POST carries its body, with integers of 64 bits as they are', async () => {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      seen.push(request.method, request.headers['content-type'], await text(request));
      response.end('{"id":18446744073709551615,"n":7,"x":1e30}');
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}`;
  const wide = client(url, { wideIntegers: true });
  expect(await wide.post('call', '/x', { offset: 18_446_744_073_709_551_615n }, new Meter())).toEqual({
    id: 18_446_744_073_709_551_615n,
    n: 7,
    x: 1e30,
  });
  expect(seen).toEqual(['POST', 'application/json', '{"offset":18446744073709551615}']);
});

test('text comes as it is, with a parameter of several values repeated', async () => {
  const seen: unknown[] = [];
  const url = await serve((path, response, headers) => {
    seen.push(path, headers);
    response.end('up 1\n');
  });
  expect(await client(`${url}/base`).text('call', '/metrics', { a: ['1', '2'], b: 'ü' }, new Meter())).toBe(
    'up 1\n',
  );
  expect(seen[0]).toBe('/base/metrics?a=1&a=2&b=%C3%BC');
  expect(seen[1]).toMatchObject({ accept: 'text/plain' });
});

test('it waits as long as it is asked to, and no longer than half a minute', async () => {
  const answers = ['7', '3600', 'Wed, 21 Oct 2026 07:28:00 GMT'];
  const url = await serve((_path, response) =>
    response.writeHead(429, { 'retry-after': answers.shift() ?? '1' }).end('{}'),
  );
  const waits: number[] = [];
  await refused(client(url, { wait: async (ms) => waits.push(ms) }).get('call', '/x', {}, new Meter()));
  expect(waits.slice(0, 2)).toEqual([7000, 30_000]);
  expect(waits[2]).toBeLessThan(5000);
});

test.each(['', '.', '..'])('the name %o is no part of a path', (name) => {
  expect(() => pathPart(name)).toThrow(BursarError);
});

test('any other name is one part of a path', () => {
  for (const name of ['a/b', '../x', '...', '__proto__', 'ü?#%2e', ' '])
    expect(new URL(`http://h/${pathPart(name)}/x`).pathname.split('/')).toHaveLength(3);
});

test('what passes is asked again', async () => {
  let asked = 0;
  const url = await serve((_path, response) => {
    asked += 1;
    response.writeHead(asked < 3 ? 503 : 200).end('[]');
  });
  expect(await client(url).get('call', '/x', {}, new Meter())).toEqual([]);
});

test('a redirect is not followed: the login goes nowhere else', async () => {
  let elsewhere = 0;
  const other = await serve((_path, response) => {
    elsewhere += 1;
    response.end('{}');
  });
  const url = await serve((_path, response) => response.writeHead(302, { location: other }).end());
  expect((await refused(client(url).get('call', '/x', {}, new Meter()))).message).toContain('HTTP 302');
  expect(elsewhere).toBe(0);
});

test('an answer that is larger than allowed is given up while it comes', async () => {
  const url = await serve((_path, response) => response.end(`"${'x'.repeat(5_000_000)}"`));
  const error = await refused(client(url, { mostBytes: 1000 }).get('call', '/x', {}, new Meter()));
  expect(error.message).toContain('larger than 1000 bytes');
});

test('a page of a login is no answer', async () => {
  const url = await serve((_path, response) => response.end('<html>log in</html>'));
  expect((await refused(client(url).get('call', '/x', {}, new Meter()))).message).toContain('no JSON');
});

test('a store that never answers is given up', async () => {
  const url = await serve(() => undefined);
  expect((await refused(client(url, { timeout: 50 }).get('call', '/x', {}, new Meter()))).code).toBe(
    'unavailable',
  );
});

test('nobody listens', async () => {
  const url = await serve((_path, response) => response.end());
  for (const stop of stops.splice(0)) stop();
  expect((await refused(client(url).get('call', '/x', {}, new Meter()))).message).toContain('got no answer');
});

test('a certificate that cannot be verified is refused before anything is said', async () => {
  let asked = 0;
  const server = createTlsServer(selfSigned(), (_request, response) => {
    asked += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const error = await refused(client(`https://127.0.0.1:${address.port}`).get('call', '/x', {}, new Meter()));
  expect(error.code).toBe('unavailable');
  expect(error.message).toMatch(/self.signed certificate/);
  expect(asked).toBe(0);
});

test.each([403, 404, 500])(
  'HTTP %i that shows the request does not show what proved who asks',
  async (status) => {
    const url = await serve((_path, response, headers) => {
      response.statusCode = status;
      response.end(`no way: ${JSON.stringify(headers)} of root:hunter2long`);
    });
    const login = Buffer.from('root:hunter2long').toString('base64');
    for (const headers of [
      { authorization: `Basic ${login}` },
      { authorization: 'Bearer hunter2long' },
      { 'api-key': 'hunter2long' },
      {
        authorization: 'AWS4-HMAC-SHA256 Credential=A/b, Signature=f00',
        'x-amz-security-token': 'hunter2long',
      },
    ]) {
      const error = await refused(
        client(url, { headers: async () => headers }).get('call', '/', {}, new Meter()),
      );
      expect(error.told).toContain('no way');
      const told = `${error.told} ${JSON.stringify(error)}`;
      expect(told).not.toContain('hunter2long');
      expect(told).not.toContain(login);
      expect(told).not.toContain('Signature=f00');
    }
  },
);

test('who proves who asks knows what is sent; what is given back is told by DELETE', async () => {
  const methods: unknown[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      methods.push([request.method, await text(request)]);
      response.end('{}');
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const signed: unknown[] = [];
  const http = client(`http://127.0.0.1:${address.port}`, {
    headers: async (_url, { method, body = '' }) => {
      signed.push([method, body]);
      return {};
    },
  });
  await http.get('call', '/a', {}, new Meter());
  await http.post('call', '/a', { id: 1n }, new Meter());
  await http.release('call', '/a', { id: 'x' }, new Meter());
  expect(signed).toEqual([
    ['GET', ''],
    ['POST', '{"id":1}'],
    ['DELETE', '{"id":"x"}'],
  ]);
  expect(methods).toEqual(signed);
});
