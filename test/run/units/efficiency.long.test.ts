import { expect, test } from 'vitest';
import { z } from 'zod';
import { dayPlus } from '../../../lib/analysis/units/days.ts';
import type { ModelCalls, Snapshot } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import type { Auditor } from '../../../lib/run/auditor.ts';
import { collectBill } from '../../../lib/run/bill.ts';
import { efficiencyReport } from '../../../lib/run/efficiency.ts';
import type { ReadBedrock } from '../../../lib/run/efficiency-model.ts';
import { efficiencyJsonSchema } from '../../../lib/run/unit-schema.ts';
import { anthropicFake } from '../../counterparts/anthropic.ts';
import { type BillRow, bench, delivery, row } from '../../lake/bills.ts';
import { describeWithShared } from '../../shared.ts';
import { anthropic, openAi } from '../../sources/ai-vendor/deliver.ts';
import { SONNET } from '../../sources/anthropic/world.ts';
import { completions, cost, openAiFake } from '../../sources/openai/fake.ts';
import { auditorOf, opened } from '../auditor.ts';

const NOW = new Date('2026-11-22T11:30:00Z');
/** 8 October to 21 November; from the 19th on nothing has settled, so that the week begins on the 12th. */
const DAYS = Array.from({ length: 45 }, (_, at) => dayPlus('2026-10-08', at));
const isWeek = (day: string) => day >= '2026-11-12';
const MODEL = 'gpt-4o-2024-08-06';

async function report(lake: Auditor['lake'], bedrock: ReadBedrock | null = null) {
  const told = await efficiencyReport({ lake }, bedrock, null, NOW);
  const plain: unknown = JSON.parse(JSON.stringify(told));
  expect(z.fromJSONSchema(efficiencyJsonSchema()).safeParse(plain).error).toBeUndefined();
  return told;
}

const world = (requests: number) => ({
  costs: DAYS.map((day) => cost(day, `${MODEL}, input`, 1)),
  usage: {
    completions: DAYS.map((day) =>
      completions(day, MODEL, { input: 10, output: 1 }, { num_model_requests: requests }),
    ),
  },
});

describeWithShared('AI efficiency from the bills and usage of vendors', () => {
  test('OpenAI: requests, tokens by request, cache and batches, cost by request, against its own four weeks', async () => {
    await using fake = await openAiFake({
      costs: DAYS.flatMap((day) => [
        cost(day, `${MODEL}, input`, isWeek(day) ? 3 : 1.5),
        cost(day, `${MODEL}, output`, 0.5),
        cost(day, `${MODEL}, input`, 9, { api_key_id: 'key_b' }),
      ]),
      usage: {
        completions: DAYS.flatMap((day) => [
          completions(
            day,
            MODEL,
            { input: isWeek(day) ? 24_000 : 12_000, cached: isWeek(day) ? 6_000 : 0, output: 2_000 },
            { num_model_requests: 15 },
          ),
          completions(day, MODEL, { input: 3_000, output: 500 }, { batch: true, num_model_requests: 5 }),
          completions(day, MODEL, { input: 1, output: 1 }, { api_key_id: 'key_b', num_model_requests: 100 }),
        ]),
      },
    });
    const parts = await opened();
    const auditor = auditorOf(parts, [openAi(fake.url, { months: 1 })]);
    expect((await collectBill(auditor, 'openai', NOW, new Meter())).failure).toBeNull();
    const { rows, blindSpots } = await report(parts.lake);
    expect(blindSpots).toEqual([]);
    expect(rows.map(({ project, key, model, currency }) => [project, key, model, currency])).toEqual([
      ['proj_chat', 'key_b', 'gpt-4o', 'USD'],
      ['proj_chat', 'key_a', 'gpt-4o', 'USD'],
    ]);
    expect(rows[1]).toMatchObject({
      current: {
        start: '2026-11-12',
        end: '2026-11-19',
        days: 7,
        requests: '140',
        inputPerRequest: '1350',
        outputPerRequest: '125',
        cachedShare: { low: '22.2', high: '22.2' },
        batchShare: { low: '25.0', high: '25.0' },
        errorShare: null,
        cost: '24.5',
        costPerRequest: '0.175',
      },
      former: {
        start: '2026-10-15',
        requests: '560',
        inputPerRequest: '750',
        cost: '56',
        costPerRequest: '0.1',
      },
      change: {
        requestsPerDay: '0.0',
        inputPerRequest: '80.0',
        outputPerRequest: '0.0',
        costPerRequest: '75.0',
      },
      blindSpots: ['OpenAI tells no failed or throttled requests.'],
    });
    // The same can be asked in SQL.
    const { rows: asked } = await parts.lake.query(
      "SELECT key, SUM(requests) AS requests FROM ai_usage WHERE day = DATE '2026-11-12' GROUP BY 1 ORDER BY 1",
      null,
    );
    expect(asked.map(({ key, requests }) => [key, Number(requests)])).toEqual([
      ['key_a', 20],
      ['key_b', 100],
    ]);
  });

  test('a month that is read again replaces what was told of it, and no other', async () => {
    const parts = await opened();
    for (const [requests, months, at] of [
      [1, 1, '2026-11-20T00:00:00Z'],
      [2, 0, '2026-11-22T11:30:00Z'],
    ] as const) {
      await using fake = await openAiFake(world(requests));
      const auditor = auditorOf(parts, [openAi(fake.url, { months })]);
      expect((await collectBill(auditor, 'openai', new Date(at), new Meter())).failure).toBeNull();
    }
    const { rows } = await report(parts.lake);
    // October was read once, with one a day: 17 days of it, and 11 of November with two.
    expect(rows[0]).toMatchObject({ current: { requests: '14' }, former: { requests: String(17 + 22) } });
    // A quarter later without another look nothing of it is the last week of anything, which is said.
    const late = await efficiencyReport(parts, null, null, new Date('2027-02-22T11:30:00Z'));
    expect(late.rows).toEqual([]);
    expect(late.blindSpots).toContain('openai: nothing after 2026-11-18 has settled; run bursar audit.');
  });

  test('Anthropic tells tokens and no requests: what would be by request is unknown, and said', async () => {
    await using fake = await anthropicFake({
      events: DAYS.map((day) => ({
        day,
        workspace: 'wrkspc_search',
        key: 'apikey_a',
        model: 'claude-sonnet-4-20250514',
        tokens: {
          uncached_input_tokens: 1_000,
          cache_read_input_tokens: isWeek(day) ? 3_000 : 1_000,
          output_tokens: 100,
        },
        prices: SONNET,
      })),
    });
    const parts = await opened();
    const auditor = auditorOf(parts, [anthropic(fake.url, { months: 1 })]);
    expect((await collectBill(auditor, 'anthropic', NOW, new Meter())).failure).toBeNull();
    const { rows } = await report(parts.lake);
    expect(rows).toMatchObject([
      {
        source: 'anthropic',
        project: 'wrkspc_search',
        key: 'apikey_a',
        model: 'claude-sonnet-4',
        current: {
          requests: null,
          inputPerRequest: null,
          costPerRequest: null,
          cachedShare: { low: '75.0', high: '75.0' },
          batchShare: { low: '0.0', high: '0.0' },
          // 7 days of 1,000 at $3, 3,000 at $0.30 and 100 at $15 a million.
          cost: '0.0378',
        },
        former: { cachedShare: { low: '50.0', high: '50.0' } },
      },
    ]);
    expect(rows[0]?.blindSpots[0]).toContain('no number of requests');
  });
});

const charge = (day: string, more: BillRow): BillRow =>
  row({
    BillingPeriodStart: `${day.slice(0, 7)}-01T00:00:00Z`,
    BillingPeriodEnd: `${dayPlus(`${day.slice(0, 7)}-01`, 32).slice(0, 7)}-01T00:00:00Z`,
    ChargePeriodStart: `${day}T00:00:00Z`,
    ChargePeriodEnd: `${dayPlus(day, 1)}T00:00:00Z`,
    ServiceName: 'Amazon Bedrock',
    ResourceId: '',
    ...more,
  });

const dear = (day: string, more: BillRow) => charge(day, { EffectiveCost: '5', ...more });

const called = (at: string): ModelCalls => ({
  day: at,
  model: 'anthropic.claude-sonnet-4-v1:0',
  requests: 90,
  input: 9_000,
  output: 900,
  clientErrors: 8,
  serverErrors: 2,
  throttles: null,
  cachedInput: null,
  cacheWrite: null,
});

const until = (end: string) => DAYS.filter((day) => day < end).map(called);

test('Bedrock: each model by CloudWatch, and the account beside its bill; a region that failed is no account', async () => {
  await using bills = await bench();
  const parts = await opened();
  await parts.lake.ingest(
    delivery('aws', [
      await bills.file(
        DAYS.flatMap((day) => [
          charge(day, { EffectiveCost: '2' }),
          charge(day, { EffectiveCost: '100', ServiceName: 'Amazon Elastic Compute Cloud' }),
          charge(day, { EffectiveCost: '1', ProviderName: 'Google Cloud', ServiceName: 'Gemini API' }),
        ]),
      ),
    ]),
    NOW,
    silent,
  );
  const reads =
    (status: 'complete' | 'failed'): ReadBedrock =>
    async () => ({
      read: [
        {
          accountId: '111122223333',
          region: 'us-east-1',
          from: '2026-09-08',
          until: '2026-11-22',
          days: DAYS.map(called),
        },
      ],
      coverage: [
        { scope: 'aws:111122223333:us-east-1', status: 'complete', reason: null, asOf: null },
        {
          scope: 'aws:111122223333:us-west-2',
          status,
          reason: status === 'failed' ? 'denied' : null,
          asOf: null,
        },
      ],
    });
  const { rows, blindSpots } = await report(parts.lake, reads('complete'));
  expect(rows).toMatchObject([
    {
      source: 'aws:111122223333',
      model: null,
      currency: 'USD',
      // Settled days of the bill: 13 to 19 November.
      current: {
        start: '2026-11-13',
        end: '2026-11-20',
        requests: '630',
        cost: '14',
        costPerRequest: '0.022222222222222222',
      },
    },
    {
      source: 'aws:111122223333:us-east-1',
      model: 'anthropic.claude-sonnet-4-v1:0',
      currency: null,
      current: {
        start: '2026-11-13',
        end: '2026-11-20',
        requests: '630',
        inputPerRequest: '100',
        errorShare: { low: '10.0', high: '11.1' },
        throttleShare: null,
        cachedShare: null,
        costPerRequest: null,
      },
    },
  ]);
  expect(rows[1]?.blindSpots.join(' ')).toContain(
    'No point came of throttles, tokens read from the cache, tokens written to the cache',
  );
  expect(blindSpots).toEqual([
    'Google Cloud: models are billed, and nothing that is read tells requests of them.',
  ]);
  const failed = await report(parts.lake, reads('failed'));
  expect(failed.rows.map(({ model }) => model)).toEqual(['anthropic.claude-sonnet-4-v1:0']);
  expect(failed.blindSpots).toContain('aws:111122223333:us-west-2: denied');
});

test('Bedrock beside the bill of an account: only weeks whose every charge has its calls counted', async () => {
  await using bills = await bench();
  /** Bursar's answer where the bill has these charges beside $2 a day of the model whose calls are counted. */
  const told = async (more: readonly BillRow[], from = '2026-09-08') => {
    const parts = await opened();
    const charges = [...DAYS.map((day) => charge(day, { EffectiveCost: '2' })), ...more];
    await parts.lake.ingest(delivery('aws', [await bills.file(charges)]), NOW, silent);
    const { rows, blindSpots } = await report(parts.lake, async () => ({
      read: [
        { accountId: '111122223333', region: 'us-east-1', from, until: '2026-11-22', days: DAYS.map(called) },
      ],
      coverage: [{ scope: 'aws:111122223333:us-east-1', status: 'complete', reason: null, asOf: null }],
    }));
    const account = rows.find(({ model }) => model === null);
    const spots = [...(account?.blindSpots ?? []), ...blindSpots].filter((each) =>
      each.includes('before 2026'),
    );
    return { account, spots };
  };
  const model = { ChargeDescription: 'Amazon Nova Lite input tokens', x_AiModel: 'nova-lite' };

  // What the last weeks' looks no longer list: its calls are unknown, so that the weeks of its charges are not told.
  const gone = await told([dear('2026-10-20', { ...model, SkuMeter: 'USE1-NovaLite-input-tokens' })]);
  expect(gone.account).toMatchObject({
    current: { cost: '14', costPerRequest: '0.022222222222222222' },
    former: { days: 0, requests: null, cost: null, costPerRequest: null },
    change: { requestsPerDay: null, costPerRequest: null },
  });
  expect(gone.spots).toEqual([expect.stringContaining('before 2026-10-21')]);
  // Nor is a week in a region that is not looked at; one that is over long ago matters no more.
  const elsewhere = await told([dear('2026-11-14', { RegionId: 'eu-west-1' })]);
  expect(elsewhere.account).toBeUndefined();
  expect(elsewhere.spots).toEqual([expect.stringContaining('eu-west-1 is not looked at')]);
  expect((await told([dear('2026-11-20', { RegionId: 'eu-west-1' })])).account).toMatchObject({
    current: { end: '2026-11-20', cost: '14' },
    former: { days: 28 },
  });
  const before = await told([dear('2026-10-10', { RegionId: 'eu-west-1' })]);
  expect(before.account).toMatchObject({ former: { days: 28 } });
  expect(before.spots).toEqual([]);
  // Calls that were read from the middle of the four weeks on are not set against all of them.
  expect((await told([], '2026-10-30')).account).toMatchObject({
    current: { requests: '630' },
    former: { requests: null, cost: null },
  });
});

test('Bedrock as the newest look counted it: what no look has is told, and days after it are unknown, no zeros', async () => {
  const { lake } = await opened();
  const look = (region: string, takenAt: string, more: Partial<Snapshot>): Promise<void> =>
    lake.putSnapshot({
      schemaVersion: 2,
      scope: { provider: 'aws', accountId: '111122223333', region },
      takenAt,
      resources: [],
      telemetry: [],
      vectorIndexes: [],
      coverage: [{ scope: `aws:111122223333:${region}`, status: 'complete', reason: null, asOf: takenAt }],
      ...more,
    });
  await look('us-east-1', '2026-11-20T06:00:00Z', { modelCalls: until('2026-11-20') });
  await look('us-west-1', '2026-11-21T06:00:00Z', { modelCalls: [] });
  // Of a version that did not read them, of a look that was refused them, of long ago, and of the organisation.
  await look('us-west-2', '2026-11-21T06:00:00Z', {});
  await look('eu-west-1', '2026-11-21T06:00:00Z', {
    coverage: [
      {
        scope: 'aws:111122223333:eu-west-1',
        status: 'partial',
        reason: 'aws.ec2.volumes: throttled\naws.bedrock.usage: cloudwatch:ListMetrics is denied',
        asOf: '2026-11-21T06:00:00Z',
        incomplete: ['aws.ec2.volumes', 'aws.bedrock.usage'],
      },
    ],
  });
  await look('eu-west-2', '2026-11-01T06:00:00Z', { modelCalls: until('2026-11-01') });
  await look('global', '2026-11-21T06:00:00Z', {});
  // Nobody looks there any more, and nothing of it is of a week that is told.
  await look('eu-west-3', '2026-09-01T06:00:00Z', {});

  const { rows, blindSpots, coverage } = await report(lake);
  expect(rows).toMatchObject([
    {
      source: 'aws:111122223333:us-east-1',
      provider: 'aws',
      project: '111122223333',
      model: 'anthropic.claude-sonnet-4-v1:0',
      // The week before the look, whole; two days later nobody knows more.
      current: { start: '2026-11-13', end: '2026-11-20', days: 7, requests: '630', inputPerRequest: '100' },
    },
  ]);
  expect(blindSpots).toEqual([
    'aws:111122223333:eu-west-1: cloudwatch:ListMetrics is denied',
    'aws:111122223333:eu-west-2: last looked at on 2026-11-01; run bursar audit',
    expect.stringContaining(
      'aws:111122223333:us-west-2: calls of models are not known: bursar audit reads them',
    ),
  ]);
  expect(coverage.filter(({ status }) => status === 'complete').map(({ scope }) => scope)).toEqual([
    'aws:111122223333:us-east-1',
    'aws:111122223333:us-west-1',
  ]);
  // Named bills are all that is read.
  expect((await efficiencyReport({ lake }, null, [], NOW)).rows).toEqual([]);
});
