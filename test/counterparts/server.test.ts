import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { answers, freePort, launch, startAll } from './server.ts';

const serving = (port: number) =>
  `require('http').createServer((q, s) => s.end('up')).listen(${port}, '127.0.0.1')`;

test('a server is there once it is launched, and gone once it is stopped', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = await launch({
    name: `test-${port}`,
    command: process.execPath,
    args: ['-e', serving(port)],
    ready: () => answers(url),
  });
  expect(await (await fetch(url)).text()).toBe('up');
  await running.stop();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('stopping ends what the server itself started, though it ignores the polite signal', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const grandchild = `process.on('SIGTERM', () => {}); ${serving(port)}`;
  const running = await launch({
    name: `test-${port}`,
    command: process.execPath,
    args: [
      '-e',
      `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}]); setInterval(() => {}, 1000)`,
    ],
    ready: () => answers(url),
  });
  expect(await (await fetch(url)).text()).toBe('up');
  await running.stop();
  await expect.poll(() => answers(url).catch(() => false)).toBe(false);
});

test('a server that ends at once is an error that shows the end of its log', async () => {
  const starting = launch({
    name: 'test-broken',
    command: process.execPath,
    args: ['-e', 'console.error("port is taken"); process.exit(7)'],
    ready: async () => false,
  });
  await expect(starting).rejects.toThrow(/test-broken did not start: it ended with 7.*port is taken/s);
});

test('a server that never answers is stopped and an error', async () => {
  const starting = launch({
    name: 'test-silent',
    command: process.execPath,
    args: ['-e', 'setInterval(() => {}, 1000)'],
    ready: async () => false,
    patienceMs: 200,
  });
  await expect(starting).rejects.toThrow('test-silent did not start: it did not answer in time');
});

test('where one of several does not start, the others are stopped', async () => {
  const server = createServer((_, response) => response.end());
  const port = await freePort();
  const starting = startAll([
    async () => {
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      return () => new Promise<void>((resolve) => server.close(() => resolve()));
    },
    () => Promise.reject(new Error('the second did not start')),
  ]);
  await expect(starting).rejects.toThrow('the second did not start');
  expect(server.listening).toBe(false);
});
