import { expect, inject, test } from 'vitest';
import { Meter } from '../../../lib/platform/meter.ts';
import { vendorSession } from '../../../lib/sources/ai-vendor/http.ts';
import { openAiProjects } from '../../../lib/sources/openai/projects.ts';
import { OPENAI_KEY_HINT } from '../../../lib/sources/openai/source.ts';
import { openAiUsage, USAGES } from '../../../lib/sources/openai/usage.ts';
import { startPrism } from '../../counterparts/prism.ts';
import { describeWithShared } from '../../shared.ts';
import { deliver, openAi, sum, sums } from '../ai-vendor/deliver.ts';
import { completions, cost, openAiFake } from './fake.ts';
import { WORLD } from './world.ts';

const session = (
  address: string,
  headers: Record<string, string> = { authorization: 'Bearer sk-admin-test' },
) =>
  vendorSession({
    where: 'bill:openai',
    vendor: 'OpenAI',
    address,
    keyHint: OPENAI_KEY_HINT,
    headers: async () => headers,
    attempts: 1,
  });
const asking = () => ({ where: 'bill:openai', meter: new Meter() });

describeWithShared('OpenAI by its published interface, spoken by Prism', () => {
  test('a whole bill: every request and every answer passes, and the totals are those of the world', async () => {
    await using fake = await openAiFake({ ...WORLD, pageDays: 5 });
    const prism = await startPrism(inject('prismFolder'), { mode: 'proxy', upstream: fake.url });
    try {
      const { rows, delivery } = await deliver(openAi(prism.url, { months: 1 }));
      expect(sum(rows, 'BilledCost')).toBe('3.2862711');
      expect(sums(rows, 'x_TokenQuantity', 'x_TokenKind')).toEqual({
        input: '1000087',
        'cached-input': '200000',
        'cache-write': '400000',
        output: '1',
      });
      expect(delivery.coverage.map(({ status }) => status)).toEqual(['complete']);
      // Requests of models, told beside the bill: two of completions, a transcription, a moderation.
      expect(
        delivery.beside?.[0]?.rows.map(({ kind, requests }) => `${kind} ${requests}`).toSorted(),
      ).toEqual(['audio_transcriptions 1', 'completions 1', 'completions 1', 'moderations 1']);
      // October and November in pages of five days, costs and ten kinds of usage; and the names of projects.
      expect(fake.asked).toHaveLength((7 + 5) * (1 + USAGES.length) + 1);
    } finally {
      await prism.stop();
    }
  });

  test('an answer that is not documented is refused by Prism, as a control', async () => {
    const amount = { value: '0.000004500000000000000000000000000000000', currency: 'usd' };
    await using fake = await openAiFake({
      undocumented: true,
      costs: [cost('2026-11-02', 'gpt-4o, input', 1, { amount })],
    });
    const prism = await startPrism(inject('prismFolder'), { mode: 'proxy', upstream: fake.url });
    try {
      await expect(deliver(openAi(prism.url))).rejects.toMatchObject({ code: 'unavailable' });
    } finally {
      await prism.stop();
    }
  });

  test('a request that is not documented is refused by Prism, as a control', async () => {
    await using fake = await openAiFake({
      costs: [cost('2026-11-02', 'gpt-4o, input', 1)],
      usage: { completions: [completions('2026-11-02', 'gpt-4o', { input: 1, output: 1 })] },
    });
    const prism = await startPrism(inject('prismFolder'), { mode: 'proxy', upstream: fake.url });
    try {
      const wrong = session(`${prism.url}/v1`).get(
        { call: 'costs', path: '/organization/costs', query: [['group_by', 'model']] },
        new Meter(),
      );
      await expect(wrong).rejects.toMatchObject({ message: expect.stringContaining('HTTP 422') });
      expect(fake.asked).toHaveLength(0);
    } finally {
      await prism.stop();
    }
  });

  test('what Prism makes up for usage is read as usage, and refused for its time alone', async () => {
    const period = { period: '2026-11', start: 1_793_491_200, end: 1_795_305_600, settled: false };
    await expect(
      openAiUsage(session(`${inject('prismUrl')}/v1`), period, {
        ...asking(),
        projects: [],
        gaps: new Map(),
      }),
    ).rejects.toMatchObject({ message: expect.stringContaining('which is no day') });
  });

  test('names that Prism makes up never end, which is noticed', async () => {
    await expect(openAiProjects(session(`${inject('prismUrl')}/v1`), asking())).rejects.toMatchObject({
      message: expect.stringContaining('would never end'),
    });
  });

  test('without a key Prism refuses, and the reader is told which key is needed', async () => {
    await expect(openAiProjects(session(`${inject('prismUrl')}/v1`, {}), asking())).rejects.toMatchObject({
      code: 'credentials',
      hint: expect.stringContaining('sk-admin'),
    });
  });
});
