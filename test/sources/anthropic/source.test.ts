import { describe, expect, test } from 'vitest';
import { anthropicFake } from '../../counterparts/anthropic.ts';
import { anthropic, deliver, heldAfter, type Row, sum, sums } from '../ai-vendor/deliver.ts';
import type { Answer } from '../ai-vendor/server.ts';
import { costResult, page, report } from './answers.ts';
import { WORLD } from './world.ts';

const find = (rows: readonly Row[], want: Readonly<Record<string, string>>): Row[] =>
  rows.filter((row) => Object.entries(want).every(([key, value]) => row[key] === value));

describe('the bill of an Anthropic organisation', () => {
  test('cents become dollars, and the rows add up to the cost report to the last digit', async () => {
    await using fake = await anthropicFake(WORLD);
    const { rows, delivery } = await deliver(anthropic(fake.url));
    // 3 + 0.6 + 1.5 + 0.6 + 0.75, 0.999999 + 0.000105, 0.000003 + 0.000015, 0.0015 + 0.0000225, 0.40, 1.2378912.
    expect(sum(rows, 'BilledCost')).toBe('9.0895357');
    expect(sums(rows, 'BilledCost', 'SubAccountName')).toEqual({
      Search: '9.0879952',
      Chat: '0.0015225',
      '': '0.000018',
    });
    expect(delivery).toMatchObject({ periods: ['2026-11'], asOf: '2026-11-21T00:00:00.000Z' });
  });

  test('the kinds of tokens are disjoint and add up to the usage report, by kind and by key', async () => {
    await using fake = await anthropicFake(WORLD);
    const { rows } = await deliver(anthropic(fake.url));
    expect(sums(rows, 'x_TokenQuantity', 'x_TokenKind')).toEqual({
      input: '3334334',
      'cached-input': '2000000',
      'cache-write': '500000',
      output: '150011',
    });
    expect(sums(rows, 'x_TokenQuantity', 'x_ApiKeyId')).toEqual({
      apikey_a: '3550000',
      apikey_b: '333340',
      apikey_c: '2101003',
      '': '2',
    });
  });

  test('the report has no keys: what a key cost is what its tokens cost, and says that it is shared out', async () => {
    await using fake = await anthropicFake(WORLD);
    const { rows } = await deliver(anthropic(fake.url));
    const [second] = find(rows, { x_ApiKeyId: 'apikey_b', x_TokenKind: 'input' });
    expect(second).toMatchObject({
      BilledCost: '0.999999',
      BillingAccountId: '12345678-1234-5678-1234-567812345678',
      BillingAccountName: 'Acme',
      SubAccountId: 'wrkspc_search',
      PricingQuantity: '0.333333',
      PricingUnit: '1000000 Tokens',
      x_AiModel: 'claude-sonnet-4',
      x_AiModelVersion: '20250514',
      x_TokenQuantity: '333333',
      x_InferredColumns: 'BilledCost,ContractedCost,ListCost',
    });
    const [alone] = find(rows, { x_ApiKeyId: 'apikey_c', x_TokenKind: 'input', BilledCost: '0.0015' });
    expect(alone?.['x_InferredColumns']).toBe('ContractedCost,ListCost');
    expect(
      sums(
        find(rows, { ChargeDescription: 'Web Search Usage' }),
        'BilledCost',
        'x_ApiKeyId',
        'ConsumedQuantity',
      ),
    ).toEqual({
      'apikey_a 30': '0.3',
      'apikey_b 10': '0.1',
    });
  });

  test('the default workspace and the Console have no ids, and none are made up', async () => {
    await using fake = await anthropicFake(WORLD);
    const { rows } = await deliver(anthropic(fake.url));
    expect(find(rows, { BilledCost: '0.000015' })[0]).toMatchObject({
      SubAccountId: '',
      SubAccountName: '',
      SubAccountType: '',
      x_ApiKeyId: '',
      x_TokenQuantity: '1',
    });
  });

  test('five minutes and an hour of cache are written at their own price', async () => {
    await using fake = await anthropicFake(WORLD);
    const { rows } = await deliver(anthropic(fake.url));
    expect(sums(find(rows, { x_TokenKind: 'cache-write' }), 'BilledCost', 'x_TokenQuantity')).toEqual({
      '400000': '1.5',
      '100000': '0.6',
    });
  });

  test('Priority Tier has no cost: its tokens are there, with an estimate apart, and the blind spot is told', async () => {
    await using fake = await anthropicFake(WORLD);
    const { rows, delivery } = await deliver(anthropic(fake.url));
    const priority = rows.filter(({ x_ListEstimate }) => x_ListEstimate !== '');
    expect(sums(priority, 'x_ListEstimate', 'x_TokenKind', 'x_TokenQuantity', 'BilledCost')).toEqual({
      'input 2000000 0': '30',
      'output 100000 0': '7.5',
    });
    expect(delivery.coverage).toEqual([
      { scope: 'bill:anthropic', status: 'complete', reason: null, asOf: '2026-11-21T00:00:00.000Z' },
      {
        scope: 'bill:anthropic:priority',
        status: 'not-covered',
        reason: expect.stringContaining('does not tell what its service tier priority costs'),
        asOf: null,
      },
    ]);
  });

  test('pages are followed, and give the same bill as one page', async () => {
    await using whole = await anthropicFake(WORLD);
    await using paged = await anthropicFake({ ...WORLD, pageDays: 3 });
    const [one, many] = [await deliver(anthropic(whole.url)), await deliver(anthropic(paged.url))];
    expect(many.rows).toEqual(one.rows);
    expect(paged.asked).toHaveLength(2 * 7 + 2);
  });

  test('a month costs two calls: an organisation may ask but so often', async () => {
    await using fake = await anthropicFake(WORLD);
    const { own } = await deliver(anthropic(fake.url, { months: 3 }));
    expect(own.calls).toEqual([
      { api: 'anthropic.organizations.cost_report', count: 4 },
      { api: 'anthropic.organizations.me', count: 1 },
      { api: 'anthropic.organizations.usage_report.messages', count: 4 },
      { api: 'anthropic.organizations.workspaces', count: 1 },
    ]);
    expect(own.calls.map(({ api }) => api)).toEqual(
      anthropic(fake.url).calls?.toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });

  test('a settled month is not asked again; an open one is, and delivers nothing where it is as it was', async () => {
    await using fake = await anthropicFake(WORLD);
    const { delivery } = await deliver(anthropic(fake.url, { months: 2 }));
    expect(delivery.periods).toEqual(['2026-09', '2026-10', '2026-11']);
    const before = fake.asked.length;
    const again = await deliver(anthropic(fake.url, { months: 2 }), { held: heldAfter(delivery) });
    expect(again.delivery).toMatchObject({ files: [], periods: [] });
    const starts = fake.asked.slice(before).flatMap(({ query }) => query.getAll('starting_at'));
    expect([...new Set(starts)]).toEqual(['2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z']);
  });

  test('what a settled month cannot tell is told as long as it is in the window', async () => {
    const [, , , priority] = WORLD.events;
    if (priority === undefined) throw new Error('the world has Priority Tier');
    await using fake = await anthropicFake({ events: [{ ...priority, day: '2026-09-02' }] });
    const first = await deliver(anthropic(fake.url, { months: 2 }));
    const again = await deliver(anthropic(fake.url, { months: 2 }), { held: heldAfter(first.delivery) });
    expect(again.delivery.periods).toEqual([]);
    expect(again.delivery.coverage.map(({ scope }) => scope)).toEqual([
      'bill:anthropic',
      'bill:anthropic:priority',
    ]);
    const later = await deliver(anthropic(fake.url, { months: 1 }), { held: heldAfter(first.delivery) });
    expect(later.delivery.coverage.map(({ scope }) => scope)).toEqual(['bill:anthropic']);
  });

  test('costs that usage cannot tell apart keep their money, and the tokens are counted once', async () => {
    const cost = {
      workspace_id: null,
      cost_type: 'tokens',
      model: 'claude-opus-4-8',
      token_type: 'output_tokens',
      service_tier: 'standard',
      context_window: '0-200k',
    };
    await using fake = await anthropicFake({
      events: [
        {
          day: '2026-11-02',
          workspace: null,
          key: 'apikey_a',
          model: 'claude-opus-4-8',
          tokens: { output_tokens: 100 },
        },
      ],
      instead: report(
        'cost_report',
        page([
          costResult('10', { ...cost, description: 'fast' }),
          costResult('5', { ...cost, description: 'standard' }),
        ]),
      ),
    });
    const { rows } = await deliver(anthropic(fake.url));
    expect(
      rows.map(({ BilledCost, x_TokenQuantity, x_ListEstimate }) => [
        BilledCost,
        x_TokenQuantity,
        x_ListEstimate,
      ]),
    ).toEqual([
      ['0.1', '', ''],
      ['0.05', '', ''],
      ['0', '100', ''],
    ]);
  });

  test('an ordinary key is told which key is needed', async () => {
    await using fake = await anthropicFake(WORLD);
    await expect(deliver(anthropic(fake.url, { key: 'sk-ant-api03-x' }))).rejects.toMatchObject({
      code: 'credentials',
      hint: expect.stringContaining('sk-ant-admin'),
    });
  });

  test('an organisation whose name cannot be read is called as the source is', async () => {
    await using fake = await anthropicFake({
      ...WORLD,
      instead: ({ path }) =>
        path.endsWith('/me') ? { status: 404, body: { error: { message: 'Not found' } } } : null,
    });
    const { rows, delivery } = await deliver(anthropic(fake.url));
    expect(rows[0]).toMatchObject({
      BillingAccountId: 'anthropic',
      x_InferredColumns: expect.stringContaining('BillingAccountId'),
    });
    expect(delivery.coverage.map(({ scope }) => scope)).toContain('bill:anthropic:organisation');
  });

  test.each<[string, Answer, RegExp]>([
    [
      'a page token that comes back',
      page([], { has_more: true, next_page: 'page_again' }),
      /same page token/,
    ],
    ['half a page', { body: '{"data":[{"starting_at":"2026-11-02T00:0' }, /half an answer/],
    ['a page of HTML', { body: '<html>' }, /a web page/],
    ['an amount that is no number', page([costResult('12,50')]), /a number/],
    ['a missing amount', page([costResult(undefined)]), /amount/],
    ['a cost twice', page([costResult('1'), costResult('2')]), /twice/],
    [
      'a bucket without a day',
      {
        body: {
          data: [{ starting_at: 'soon', ending_at: 'later', results: [] }],
          has_more: false,
          next_page: null,
        },
      },
      /no day/,
    ],
  ])('%s is refused, and nothing is delivered', async (_what, answer, words) => {
    await using fake = await anthropicFake({ events: [], instead: report('cost_report', answer) });
    await expect(deliver(anthropic(fake.url))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(words),
    });
  });

  test('usage with a negative or broken count is refused', async () => {
    const usage = { uncached_input_tokens: -1, cache_read_input_tokens: 0, output_tokens: 0 };
    await using fake = await anthropicFake({
      events: [],
      instead: report('usage_report/messages', page([usage])),
    });
    await expect(deliver(anthropic(fake.url))).rejects.toMatchObject({
      message: expect.stringContaining('a whole number'),
    });
  });
});
