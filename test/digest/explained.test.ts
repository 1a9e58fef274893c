import { describe, expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import type { DigestInput } from '../../lib/digest/model.ts';
import { everything } from './everything.ts';
import { finding, usd } from './inputs.ts';
import { fullInsight, movedOf } from './insight-inputs.ts';
import { traced } from './traced.ts';

const GRACE = finding({
  resourceName: 'waiting',
  state: 'WARNED',
  dueAt: '2026-11-12T08:00:00Z',
  monthlySaving: usd('77.7'),
  monthlyCost: usd('77.7'),
});
const missing = [
  { bill: 'aws main', days: ['2026-11-03', '2026-11-04', '2026-11-05'] },
  { bill: 'gcp', days: ['2026-11-05'] },
];

describe('each number that a digest shows is one that --explain lists', () => {
  test.each<[string, Partial<DigestInput>]>([
    ['of a week', {}],
    ['of a day', { kind: 'day' }],
    ['of a month', { kind: 'month' }],
    ['of a team', { audience: { kind: 'team', team: 'search' } }],
    ['with something in grace', { findings: [...everything().findings, GRACE] }],
    [
      'with forty findings',
      { findings: Array.from({ length: 40 }, (_, at) => finding({ monthlySaving: usd(`${at + 13}.5`) })) },
    ],
    ['of old bills', { asOf: '2026-11-02T00:00:00Z' }],
    [
      'with days that bills lack',
      { spend: everything().spend.map((each) => ({ ...each, former: null, missing })) },
    ],
    [
      'of an executive',
      {
        audience: { kind: 'executive' },
        executive: [
          {
            id: 'allocated',
            label: 'Allocated',
            value: { percent: '90.2' },
            note: ['of ', { money: usd('4621') }, ' has a team; ', { number: '7' }, ' more'],
            source: 'a test',
          },
          {
            id: 'unit-cost',
            label: 'Cost per answer',
            value: { money: usd('0.00123') },
            note: [],
            source: 'a test',
          },
          {
            id: 'forecast-error',
            label: 'Forecast error',
            value: null,
            note: ['not known'],
            source: 'a test',
          },
        ],
      },
    ],
    [
      'in six currencies',
      {
        spend: ['USD', 'EUR', 'GBP', 'JPY', 'CHF', 'INR'].map((currency, at) => ({
          currency,
          current: `${4000 + at * 311}.25`,
          former: `${3600 - at * 57}`,
          estimated: false,
        })),
      },
    ],
    [
      'with every cause',
      {
        insight: fullInsight({
          movers: {
            ...fullInsight().movers,
            rows: [
              movedOf({
                by: [
                  { cause: 'gone', amount: '9512.3' },
                  { cause: 'credit', amount: '-2121.9' },
                ],
                goneResources: 14,
              }),
            ],
            drivers: [
              {
                ...movedOf({
                  quantity: { unit: 'Hrs', former: '10', current: '37' },
                  by: [{ cause: 'price', amount: '7390.4' }],
                }),
                of: { service: 'Model usage', model: null, team: 'search' },
              },
            ],
          },
        }),
      },
    ],
  ])('%s', (_, changes) => {
    const found = traced(digestContent(everything(changes)));
    expect(
      Object.entries(found).flatMap(([name, { untraced }]) => untraced.map((one) => `${name}: ${one}`)),
    ).toEqual([]);
    expect(found['message']?.shown).toBeGreaterThan(15);
    for (const each of ['thread', 'text', 'mail']) expect(found[each]?.shown).toBeGreaterThan(40);
  });

  test('a number of nowhere would be seen', () => {
    const content = digestContent(everything());
    // Formatted elsewhere than from a number of the content: as a rendering that counts for itself would.
    const brief = [{ number: '98765' }, ' things'];
    expect(traced({ ...content, brief })['message']?.untraced).toEqual(['98,765 in: 98,765 things']);
  });
});
