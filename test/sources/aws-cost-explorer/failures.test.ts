import { CostExplorerClient, type GetCostAndUsageResponse } from '@aws-sdk/client-cost-explorer';
import { fromIni } from '@aws-sdk/credential-providers';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../../lib/platform/errors.ts';
import { deliver } from './deliver.ts';
import { costExplorerFake, day, group, page } from './fake.ts';

const some = day('2026-11-01', [group('111122223333', 'A', '1')]);

const REFUSALS: readonly [string, ErrorCode, RegExp][] = [
  ['AccessDeniedException', 'denied', /ce:GetCostAndUsage/],
  ['ExpiredTokenException', 'credentials', /credentials/],
  ['UnrecognizedClientException', 'credentials', /credentials/],
  ['DataUnavailableException', 'unavailable', /no data yet/],
  ['LimitExceededException', 'throttled', /throttled/],
  ['BillExpirationException', 'input', /period/],
  ['ValidationException', 'input', /period/],
  ['InvalidNextTokenException', 'unavailable', /between two pages/],
  ['RequestChangedException', 'unavailable', /between two pages/],
];

test.each(REFUSALS)('%s is told as %s, with where and what to do', async (error, code, words) => {
  await using fake = await costExplorerFake(() => ({ error, message: 'as AWS says it' }));
  await expect(deliver(fake.client)).rejects.toMatchObject({
    name: 'BursarError',
    code,
    message: expect.stringMatching(words),
    where: 'bill:aws-api',
    hint: expect.stringMatching(/\w{3}/),
  });
});

test('throttling and server faults are retried before they are told', async () => {
  for (const fault of [
    { error: 'LimitExceededException', message: 'slow down' },
    { error: 'InternalFailure', message: 'oops', status: 500 },
    'break' as const,
  ]) {
    await using fake = await costExplorerFake((_request, index) => (index === 0 ? fault : page([some])));
    const { rows, own } = await deliver(fake.client);
    expect(rows).toHaveLength(1);
    expect(fake.requests).toHaveLength(2);
    expect(own.calls).toEqual([{ api: 'ce:GetCostAndUsage', count: 1 }]);
  }
});

test('a failure on a later page fails the whole delivery', async () => {
  await using fake = await costExplorerFake((_request, index) =>
    index === 0 ? page([some], 'next') : { error: 'AccessDeniedException', message: 'no more' },
  );
  await expect(deliver(fake.client)).rejects.toMatchObject({ code: 'denied' });
});

test('without credentials nothing is asked and the way to sign in is told', async () => {
  const client = new CostExplorerClient({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:9',
    credentials: fromIni({ profile: 'absent', filepath: '/nonexistent', configFilepath: '/nonexistent' }),
  });
  await expect(deliver(client)).rejects.toMatchObject({
    code: 'credentials',
    hint: expect.stringContaining('sso'),
  });
});

test('a server that is not there is told as such', async () => {
  const client = new CostExplorerClient({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:9',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  await expect(deliver(client)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a page token that comes back is an error and not an endless bill', async () => {
  await using fake = await costExplorerFake((_request, index) =>
    page(index === 0 ? [some] : [], index % 2 === 0 ? 'a' : 'b'),
  );
  await expect(deliver(fake.client)).rejects.toMatchObject({
    message: expect.stringContaining('same page token'),
  });
  expect(fake.requests).toHaveLength(3);
});

const ODD: readonly [string, GetCostAndUsageResponse, RegExp][] = [
  ['the same group twice', page([some, some]), /twice/],
  ['a day outside of the period', page([day('2026-09-30', [])]), /no day that was asked for/],
  ['the running day', page([day('2026-11-22', [])]), /no day that was asked for/],
  [
    'a month for a day',
    page([{ TimePeriod: { Start: '2026-10-01', End: '2026-11-01' }, Groups: [] }]),
    /no day that was asked for/,
  ],
  [
    'a total whose groups are missing',
    page([{ ...day('2026-11-01', []), Total: { UnblendedCost: { Amount: '7', Unit: 'USD' } } }]),
    /without its accounts/,
  ],
  [
    'a group by one key',
    page([day('2026-11-01', [{ ...group('111122223333', 'A', '1'), Keys: ['A'] }])]),
    /instead of account, service/,
  ],
  [
    'a missing amount',
    page([
      day('2026-11-01', [
        { Keys: ['111122223333', 'A'], Metrics: { UnblendedCost: { Amount: '1', Unit: 'USD' } } },
      ]),
    ]),
    /without AmortizedCost/,
  ],
  [
    'an amount that is no number',
    page([day('2026-11-01', [group('111122223333', 'A', 'NaN')])]),
    /not a decimal/,
  ],
  [
    'money without a currency',
    page([day('2026-11-01', [group('111122223333', 'A', '1', '1', '')])]),
    /currency/,
  ],
];

test.each(ODD)('%s is refused, and nothing is delivered', async (_what, answer, words) => {
  await using fake = await costExplorerFake(() => answer);
  await expect(deliver(fake.client)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(words),
  });
});
