import { describe, expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestEmail } from '../../lib/digest/email.ts';
import { explained } from '../../lib/digest/explain.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import type { DigestInsight } from '../../lib/digest/insight-model.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { digestText } from '../../lib/digest/text.ts';
import { aiUseFact, aiUseName, unitFact } from '../../lib/digest/unit-words.ts';
import { fullInput } from './inputs.ts';
import { aiUseOf, fullInsight, unitOf } from './insight-inputs.ts';

const format = digestFormat('UTC');
const contentOf = (changes: Partial<DigestInsight> = {}) =>
  digestContent(fullInput({ insight: fullInsight(changes) }));
const source = 'test';

describe('units', () => {
  test('what one cost, of how many, its trend, and an up with owner and answer', () => {
    expect(unitFact({ ...unitOf(), source }, format)).toBe(
      '$0.0123 per answer ($151 for 12,300), +4.2% in four weeks; step up of cost per answer for the worse, since Nov 4, $0.0151 a day where $0.0118 was expected, still off, acknowledged, owner search@acme.example',
    );
  });

  test('what is not known is said, and never a zero', () => {
    const nothing = unitOf({
      total: null,
      trend: null,
      changes: [],
      problems: ['metric (answers.csv) cannot be read: there is no such file.'],
    });
    expect(unitFact({ ...nothing, source }, format)).toBe(
      'cost per answer is unknown; missing: metric (answers.csv) cannot be read: there is no such file',
    );
    const gaps = unitOf({
      total: { cost: '10', units: '0', perUnit: null, daysWithoutUnits: 2, daysWithoutCost: 1 },
      trend: null,
      changes: [],
    });
    expect(unitFact({ ...gaps, source }, format)).toBe(
      'cost per answer is unknown; days left out: 2 without units, 1 without settled cost',
    );
    const unsettled = unitOf({
      total: { cost: '10', units: '0', perUnit: null, daysWithoutUnits: 0, daysWithoutCost: 1 },
      trend: null,
      changes: [],
    });
    expect(unitFact({ ...unsettled, source }, format)).toBe(
      'cost per answer is unknown; days left out: 1 without settled cost',
    );
  });

  test('a number beside the cost is told without a currency', () => {
    const [up] = unitOf().changes;
    if (up === undefined) throw new Error('no change');
    const better = unitOf({
      changes: [
        {
          ...up,
          of: 'quality',
          worse: false,
          open: false,
          actual: 0.91,
          expected: 0.85,
          alert: null,
          owner: null,
        },
      ],
    });
    expect(unitFact({ ...better, source }, format)).toContain(
      'step up of quality for the better, from Nov 4, 0.91 a day where 0.85 was expected, over',
    );
  });
});

describe('AI efficiency', () => {
  test('requests, tokens, cache and cost of a request, against its own four weeks', () => {
    const line = { ...aiUseOf(), source };
    expect(aiUseName(line)).toBe('small model, proj_assistant');
    const arn = 'arn:aws:bedrock:us-east-1:111122223333';
    expect(
      [
        `${arn}:inference-profile/us.example.chat-v2:0`,
        `${arn}:application-inference-profile/ab12cd34ef56`,
        'arn:aws:bedrock:us-east-1::foundation-model/example.chat-v2:0',
        'example.chat-v2:0',
      ].map((model) => aiUseName({ ...line, model, project: null })),
    ).toEqual(['us.example.chat-v2:0', 'ab12cd34ef56', 'example.chat-v2:0', 'example.chat-v2:0']);
    expect(aiUseFact(line, format)).toBe(
      '12,300 requests (+5.1% a day), 1,204 tokens in each, 310 out (-2%) each, 40% from cache; $0.002116 each (+12.4%), $26.03 in all',
    );
  });

  test('what a vendor does not tell is named or left out, never zero', () => {
    const { current } = aiUseOf();
    const line = aiUseOf({
      current: {
        ...current,
        requests: null,
        inputPerRequest: null,
        outputPerRequest: null,
        cachedShare: { low: '38.1', high: '41.7' },
        cost: null,
        costPerRequest: null,
      },
      change: { requestsPerDay: null, inputPerRequest: null, outputPerRequest: null, costPerRequest: null },
    });
    expect(aiUseFact({ ...line, source }, format)).toBe(
      'requests are not told, 38.1% to 41.7% from cache; cost is not told',
    );
  });

  test('the five dearest models that somebody used in the week', () => {
    const { current } = aiUseOf();
    const many = [
      aiUseOf({ model: 'unused', current: { ...current, days: 0 } }),
      ...Array.from({ length: 7 }, (_, at) => aiUseOf({ model: `model ${at}` })),
    ];
    expect(contentOf({ aiUse: many }).aiUse.map(({ model }) => model)).toEqual([
      'model 0',
      'model 1',
      'model 2',
      'model 3',
      'model 4',
    ]);
  });
});

test('every rendering tells them, and each number is explained', () => {
  const content = contentOf();
  const thread = JSON.stringify(digestAnnouncement(content).thread);
  for (const told of [
    digestText(content).replaceAll(/\s+/g, ' '),
    digestHtml(content),
    digestEmail(content),
    thread,
  ])
    for (const number of ['$0.0123 per answer', '$0.0151 a day', '12,300 requests', '$0.002116 each'])
      expect(told).toContain(number);
  const shown = new Set(explained(content, format).map((row) => row.shown.replace(/^-/, '')));
  for (const number of [
    '$0.0123',
    '$151',
    '4.2%',
    '$0.0151',
    '$0.0118',
    '1,204',
    '310',
    '40%',
    '$0.002116',
    '12.4%',
  ])
    expect([number, shown.has(number)]).toEqual([number, true]);
});
