import { expect, test } from 'vitest';
import { describeWithShared } from '../../shared.ts';
import { deliver, heldAfter, openAi, type Row, sum, sums } from '../ai-vendor/deliver.ts';
import { type Answer, exactly, toJson } from '../ai-vendor/server.ts';
import { completions, cost, openAiFake } from './fake.ts';
import { DAY, MODEL, WORLD } from './world.ts';

const row = (rows: readonly Row[], description: string): Row | undefined =>
  rows.find(({ ChargeDescription }) => ChargeDescription === description);

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** A page of costs of November 2nd, digit by digit as given. */
const costsPage = (results: unknown[], more: Record<string, unknown> = {}) => ({
  body: toJson({
    object: 'page',
    data: [{ object: 'bucket', start_time: 1_793_577_600, end_time: 1_793_664_000, results }],
    has_more: false,
    next_page: null,
    ...more,
  }),
});
const result = (value: unknown, more: Record<string, unknown> = {}) => ({
  object: 'organization.costs.result',
  amount: { value, currency: 'usd' },
  line_item: `${MODEL}, input`,
  project_id: 'proj_chat',
  api_key_id: 'key_a',
  ...more,
});
const onlyCosts =
  (answer: Answer) =>
  ({ path }: { path: string }): Answer | null =>
    path === '/v1/organization/costs' ? answer : null;

describeWithShared('the bill of an OpenAI organisation', () => {
  test('rows add up to the costs to the last digit, and tokens to the usage by kind', async () => {
    await using fake = await openAiFake(WORLD);
    const { rows, delivery, own } = await deliver(openAi(fake.url));
    expect(sum(rows, 'BilledCost')).toBe('3.2862711');
    expect(sum(rows, 'EffectiveCost')).toBe('3.2862711');
    expect(sums(rows, 'x_TokenQuantity', 'x_TokenKind')).toEqual({
      input: '1000087',
      'cached-input': '200000',
      'cache-write': '400000',
      output: '1',
    });
    expect(sums(rows, 'ConsumedQuantity', 'ConsumedUnit')).toEqual({
      Tokens: '1600088',
      Seconds: '60',
      Requests: '3',
      Bytes: '1000',
    });
    expect(delivery).toMatchObject({
      periods: ['2026-11'],
      grain: 'account-service',
      asOf: '2026-11-21T00:00:00.000Z',
      coverage: [{ scope: 'bill:openai', status: 'complete', reason: null }],
    });
    expect(own.amount).toBe('0');
    expect(own.calls.map(({ api }) => api)).toEqual(openAi(fake.url).calls?.toSorted(byText));
    expect(own.calls.every(({ count }) => count === 1)).toBe(true);
  });

  test('a line of tokens says whose, which model, and how many', async () => {
    await using fake = await openAiFake(WORLD);
    const { rows } = await deliver(openAi(fake.url));
    expect(row(rows, `${MODEL}, cached input`)).toMatchObject({
      BilledCost: '0.25',
      BillingAccountId: 'org-acme',
      SubAccountId: 'proj_chat',
      SubAccountName: 'Chat',
      ProviderName: 'OpenAI',
      ChargePeriodStart: '2026-11-02T00:00:00Z',
      ChargePeriodEnd: '2026-11-03T00:00:00Z',
      BillingPeriodStart: '2026-11-01T00:00:00Z',
      BillingPeriodEnd: '2026-12-01T00:00:00Z',
      BillingCurrency: 'USD',
      PricingQuantity: '0.2',
      PricingUnit: '1000000 Tokens',
      ConsumedQuantity: '200000',
      ConsumedUnit: 'Tokens',
      x_AiModel: 'gpt-4o',
      x_AiModelVersion: '2024-08-06',
      x_ApiKeyId: 'key_a',
      x_TokenKind: 'cached-input',
      x_TokenQuantity: '200000',
      x_ListEstimate: '',
      x_Estimated: 'false',
    });
  });

  test('lines of no model keep their money; null projects and keys stay null', async () => {
    await using fake = await openAiFake(WORLD);
    const { rows } = await deliver(openAi(fake.url));
    expect(row(rows, 'assistants api | file search')).toMatchObject({
      BilledCost: '0.000271',
      SubAccountId: '',
      SubAccountType: '',
      x_ApiKeyId: '',
      x_AiModel: '',
      x_TokenQuantity: '',
    });
  });

  test('usage without a cost is a row without money, with an estimate only where there is a price', async () => {
    await using fake = await openAiFake(WORLD);
    const { rows } = await deliver(openAi(fake.url));
    expect(row(rows, 'gpt-5.6-luna, Input Tokens')).toMatchObject({
      BilledCost: '0',
      x_TokenQuantity: '10',
      x_ListEstimate: '0.00001',
      x_ListEstimateSource: expect.stringContaining('2026'),
    });
    expect(row(rows, 'omni-moderation-latest, Input Tokens')).toMatchObject({
      BilledCost: '0',
      x_TokenQuantity: '77',
      x_ListEstimate: '',
    });
    const estimated = rows.filter(({ x_ListEstimate }) => x_ListEstimate !== '');
    expect(estimated.every(({ BilledCost }) => BilledCost === '0')).toBe(true);
  });

  test('the newest three whole days are estimated, and the running day is not asked for', async () => {
    await using fake = await openAiFake(WORLD);
    const { rows } = await deliver(openAi(fake.url));
    expect(
      new Set(rows.filter((each) => each['x_Estimated'] === 'true').map((each) => each['ChargePeriodStart'])),
    ).toEqual(new Set(['2026-11-20T00:00:00Z']));
    const ends = fake.asked.flatMap(({ query }) => query.getAll('end_time'));
    expect(new Set(ends)).toEqual(new Set([String(Date.parse('2026-11-22T00:00:00Z') / 1000)]));
  });

  test('pages are followed, and give the same bill as one page', async () => {
    await using whole = await openAiFake(WORLD);
    await using paged = await openAiFake({ ...WORLD, pageDays: 2 });
    const [one, many] = [await deliver(openAi(whole.url)), await deliver(openAi(paged.url))];
    expect(many.rows).toEqual(one.rows);
    expect(paged.asked.length).toBeGreaterThan(whole.asked.length * 9);
  });

  test('only the projects that were asked for', async () => {
    await using fake = await openAiFake(WORLD);
    const { rows } = await deliver(openAi(fake.url, { projects: ['proj_search'], organisation: 'org-own' }));
    expect(sums(rows, 'BilledCost', 'SubAccountId', 'BillingAccountId')).toEqual({
      'proj_search org-own': '0.5',
    });
  });

  test('amounts as OpenAI really gives them: texts of forty digits, and a zero with an exponent', async () => {
    const amounts = [
      '0E-6176',
      '0.000004500000000000000000000000000000000',
      '0.00003420000000000000000000000000000000',
    ];
    const lines = ['cached input', 'input', 'output'].map((kind) => `gpt-4o-mini-2024-07-18, ${kind}`);
    await using fake = await openAiFake({
      undocumented: true,
      costs: lines.map((line, index) =>
        cost(DAY, line, 0, {
          amount: { value: amounts[index], currency: 'usd' },
          quantity: exactly('30.0'),
          organization_id: 'org-x',
          organization_name: 'Acme',
        }),
      ),
    });
    const { rows } = await deliver(openAi(fake.url));
    expect(rows.map(({ BilledCost }) => BilledCost)).toEqual(['0', '0.0000045', '0.0000342']);
    expect(rows[0]).toMatchObject({
      BillingAccountId: 'org-x',
      BillingAccountName: 'Acme',
      PricingQuantity: '0.00003',
    });
  });

  test('an organisation without spend replaces its months with nothing', async () => {
    await using fake = await openAiFake({});
    const { delivery } = await deliver(openAi(fake.url, { months: 1 }));
    expect(delivery).toMatchObject({
      files: [],
      periods: ['2026-10', '2026-11'],
      asOf: null,
      coverage: [{ status: 'complete' }],
    });
  });

  test('what was settled is not asked again, and what is as it was is not delivered again', async () => {
    const world = { costs: [cost('2026-08-02', 'a', 1), cost('2026-10-02', 'b', 2), cost(DAY, 'c', 3)] };
    await using fake = await openAiFake(world);
    const first = await deliver(openAi(fake.url, { months: 3 }));
    expect(first.delivery.periods).toEqual(['2026-08', '2026-09', '2026-10', '2026-11']);
    const held = heldAfter(first.delivery);
    const before = fake.asked.length;
    const again = await deliver(openAi(fake.url, { months: 3 }), { held });
    expect(again.delivery).toMatchObject({ files: [], periods: [], coverage: [{ status: 'complete' }] });
    const starts = fake.asked.slice(before).flatMap(({ query }) => query.getAll('start_time'));
    expect(new Set(starts)).toEqual(
      new Set(['2026-10-01', '2026-11-01'].map((day) => String(Date.parse(day) / 1000))),
    );

    // Asked otherwise, everything is asked again.
    const other = await deliver(openAi(fake.url, { months: 3, projects: ['proj_chat'] }), { held });
    expect(other.delivery.periods).toHaveLength(4);
  });

  test('a month with an amount that the table cannot hold is delivered, and its loss told, every time', async () => {
    await using fake = await openAiFake({
      costs: [cost('2026-08-02', 'a', exactly('1e-19')), cost('2026-08-03', 'b', 1), cost(DAY, 'c', 3)],
    });
    const first = await deliver(openAi(fake.url, { months: 3 }));
    const again = await deliver(openAi(fake.url, { months: 3 }), { held: heldAfter(first.delivery) });
    expect(again.delivery.periods).toEqual(['2026-08']);
    expect(again.rows.map(({ BilledCost }) => BilledCost)).toEqual(['1e-19', '1']);
  });

  test('a closed month that changed is delivered whole, and alone', async () => {
    await using fake = await openAiFake({ costs: [cost('2026-10-02', 'b', 2), cost(DAY, 'c', 3)] });
    const held = heldAfter((await deliver(openAi(fake.url, { months: 1 }))).delivery);
    await using later = await openAiFake({
      costs: [cost('2026-10-02', 'b', 2), cost('2026-10-30', 'late', 5), cost(DAY, 'c', 3)],
    });
    const { delivery, rows } = await deliver(openAi(later.url, { months: 1 }), { held });
    expect(delivery.periods).toEqual(['2026-10']);
    expect(sum(rows, 'BilledCost')).toBe('7');
  });

  test('a kind of usage that the address does not know is told, and the bill stands', async () => {
    await using fake = await openAiFake({
      ...WORLD,
      instead: ({ path }) =>
        path.endsWith('/images') ? { status: 404, body: { error: { message: 'Invalid URL' } } } : null,
    });
    const { rows, delivery } = await deliver(openAi(fake.url));
    expect(sum(rows, 'BilledCost')).toBe('3.2862711');
    expect(delivery.coverage.map(({ scope, status }) => `${scope} ${status}`)).toEqual([
      'bill:openai complete',
      'bill:openai:usage/images not-covered',
    ]);
  });

  test('a key that may not read names is no harm to the bill', async () => {
    await using fake = await openAiFake({
      ...WORLD,
      instead: ({ path }) =>
        path.endsWith('/projects') ? { status: 403, body: { error: { message: 'missing scopes' } } } : null,
    });
    const { rows, delivery } = await deliver(openAi(fake.url));
    expect(row(rows, `${MODEL}, input`)).toMatchObject({ SubAccountName: 'proj_chat' });
    expect(delivery.coverage[1]).toMatchObject({ scope: 'bill:openai:projects', status: 'failed' });
  });

  test('a key that is no admin key is told what is needed', async () => {
    await using fake = await openAiFake(WORLD);
    await expect(deliver(openAi(fake.url, { key: 'sk-proj-x' }))).rejects.toMatchObject({
      code: 'credentials',
      where: 'bill:openai',
      hint: expect.stringContaining('admin key'),
    });
  });

  test.each<[string, Answer, RegExp]>([
    [
      'a page token that comes back',
      costsPage([], { has_more: true, next_page: 'again' }),
      /same page token/,
    ],
    ['more without a token', costsPage([], { has_more: true }), /no token/],
    ['a missing amount', costsPage([result(1, { amount: undefined })]), /amount/],
    ['an amount that is no number', costsPage([result('many')]), /a number/],
    ['an amount without a currency', costsPage([result(1, { amount: { value: 1 } })]), /currency/],
    ['a cost twice', costsPage([result(1), result(1)]), /twice/],
    ['a week for a day', { body: costsPage([]).body.replace('1793664000', '1794182400') }, /no day/],
    ['a list', { body: [] }, /not as documented/],
  ])('%s is refused, and nothing is delivered', async (_what, answer, words) => {
    await using fake = await openAiFake({ instead: onlyCosts(answer) });
    await expect(deliver(openAi(fake.url))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(words),
    });
  });

  test('a server that tells every day, whatever it is asked, is heard once a day', async () => {
    const days = ['2026-10-31', '2026-11-01', '2026-11-22'].map((day, index) => ({
      object: 'bucket',
      start_time: Date.parse(day) / 1000,
      end_time: Date.parse(day) / 1000 + 86_400,
      results: [result(10 ** index)],
    }));
    const body = toJson({ object: 'page', data: days, has_more: false, next_page: null });
    await using fake = await openAiFake({ instead: onlyCosts({ body }) });
    const { rows } = await deliver(openAi(fake.url, { months: 1 }));
    // The running day is nobody's yet.
    expect(sums(rows, 'BilledCost', 'ChargePeriodStart')).toEqual({
      '2026-10-31T00:00:00Z': '1',
      '2026-11-01T00:00:00Z': '10',
    });
  });

  test('a failure on a later call fails the whole delivery', async () => {
    await using fake = await openAiFake({
      ...WORLD,
      instead: ({ path }) => (path.endsWith('/moderations') ? { status: 403, body: { error: 'no' } } : null),
    });
    await expect(deliver(openAi(fake.url))).rejects.toMatchObject({ code: 'denied' });
  });

  test('usage that contradicts itself is refused', async () => {
    await using fake = await openAiFake({
      usage: { completions: [completions(DAY, MODEL, { input: 1, cached: 2, output: 0 })] },
    });
    await expect(deliver(openAi(fake.url))).rejects.toMatchObject({
      message: expect.stringContaining('more cached tokens than input tokens'),
    });
  });

  test('names with commas, quotes and line ends are kept', async () => {
    const line = 'a "line", with\nmore';
    await using fake = await openAiFake({
      costs: [cost(DAY, line, 1)],
      projects: { proj_chat: '=Chat, "prod"' },
    });
    const { rows } = await deliver(openAi(fake.url));
    expect(rows[0]).toMatchObject({ ChargeDescription: line, SubAccountName: '=Chat, "prod"' });
  });
});
