import { CostExplorerClient, type GetCostAndUsageResponse } from '@aws-sdk/client-cost-explorer';
import { fromIni } from '@aws-sdk/credential-providers';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../../lib/platform/errors.ts';
import { answersOf } from './bill.ts';
import { deliver } from './deliver.ts';
import { costExplorerFake, day, group, page } from './fake.ts';

const ONE = [{ day: '2026-11-01', billed: '1' }];
const bill = answersOf(ONE);

/** The bill, but with this answer to the question by account and service. */
const but =
  (answer: GetCostAndUsageResponse) =>
  (request: Record<string, unknown>): GetCostAndUsageResponse =>
    'Filter' in request ? answer : bill(request);

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
    await using fake = await costExplorerFake((request, index) => (index === 0 ? fault : bill(request)));
    const { rows, own } = await deliver(fake.client);
    expect(rows).toHaveLength(1);
    expect(fake.requests).toHaveLength(4);
    expect(own.calls).toEqual([{ api: 'ce:GetCostAndUsage', count: 3 }]);
  }
});

test('a failure on a later page fails the whole delivery', async () => {
  await using fake = await costExplorerFake((request) =>
    'NextPageToken' in request
      ? { error: 'AccessDeniedException', message: 'no more' }
      : but(page([some], 'next'))(request),
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
  await using fake = await costExplorerFake((request, index) =>
    but(page(index === 2 ? [some] : [], index % 2 === 0 ? 'a' : 'b'))(request),
  );
  await expect(deliver(fake.client)).rejects.toMatchObject({
    message: expect.stringContaining('same page token'),
  });
  expect(fake.requests).toHaveLength(5);
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
  await using fake = await costExplorerFake(but(answer));
  await expect(deliver(fake.client)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(words),
  });
});

const METRICS = (billed: string) => ({
  UnblendedCost: { Amount: billed, Unit: 'USD' },
  AmortizedCost: { Amount: billed, Unit: 'USD' },
});

test('what does not add up is refused: a lost group, a lost record type, a total of another sum', async () => {
  const total = { ...day('2026-11-01', []), Total: METRICS('1.01') };
  for (const [answer, words] of [
    [but(page([])), /2026-11-01 \(usage\): accounts and services come to 0 billed, the total is 1/],
    [but(page([day('2026-11-01', [group('1', 'A', '1', '2')])])), /come to 2 effective/],
    [
      (request: Record<string, unknown>) => ('GroupBy' in request ? bill(request) : page([total])),
      /the record types come to 1 billed, the total is 1\.01/,
    ],
    [
      (request: Record<string, unknown>) => ('GroupBy' in request ? bill(request) : page([some])),
      /groups for 2026-11-01 where a total was asked for/,
    ],
  ] as const) {
    await using fake = await costExplorerFake(answer);
    await expect(deliver(fake.client)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(words),
    });
  }
});

test('amounts that were rounded one by one still add up; a cent does not', async () => {
  // Three thirds of a ten-billionth: 0.3333333333 three times is 0.9999999999, and the total says 1.0000000000.
  const thirds = ['A', 'B', 'C'].map((service) => group('1', service, '0.3333333333'));
  await using fake = await costExplorerFake(but(page([day('2026-11-01', thirds)])));
  expect((await deliver(fake.client)).rows).toHaveLength(3);
  await using off = await costExplorerFake(but(page([day('2026-11-01', [group('1', 'A', '0.999999')])])));
  await expect(deliver(off.client)).rejects.toMatchObject({ code: 'unavailable' });
});
