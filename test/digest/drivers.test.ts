import { describe, expect, test } from 'vitest';
import type { Moved } from '../../lib/analysis/movers/model.ts';
import { driverSentence, mainCauseOf } from '../../lib/digest/drivers.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import type { DriverNames } from '../../lib/digest/insight-model.ts';

const format = digestFormat('UTC');
const moved = (more: Partial<Moved>): Moved => ({
  key: [],
  currency: 'USD',
  former: '1000',
  current: '1500',
  difference: '500',
  percent: '50.0',
  by: [],
  newResources: 0,
  goneResources: 0,
  quantity: null,
  ...more,
});
const NAMES = { service: 'Amazon Bedrock', model: 'claude-sonnet', team: 'search' };
const said = (more: Partial<Moved>, names: DriverNames = NAMES) =>
  format.phrase(driverSentence(moved(more), names));

describe('a driver in one sentence', () => {
  test('who, how much and why', () => {
    expect(
      said({
        by: [
          { cause: 'quantity', amount: '350' },
          { cause: 'price', amount: '145' },
          { cause: 'days', amount: '5' },
        ],
        quantity: { unit: '1K tokens', former: '100', current: '210' },
      }),
    ).toBe(
      'claude-sonnet on Amazon Bedrock for search costs $500 more (50%): $350 from more use and $145 from a higher price; 2.1 times as many 1K tokens.',
    );
  });

  test('one cause needs no amount of its own, and what is next to nothing is left out', () => {
    expect(
      said({
        by: [
          { cause: 'new', amount: '499' },
          { cause: 'days', amount: '1' },
        ],
        newResources: 3,
      }),
    ).toBe('claude-sonnet on Amazon Bedrock for search costs $500 more (50%), from 3 new resources.');
    expect(said({ by: [{ cause: 'new', amount: '500' }] })).toContain(', from what was not charged before.');
    expect(said({ by: [{ cause: 'new', amount: '500' }], newResources: 1 })).toContain(
      ', from a new resource.',
    );
  });

  test('less, with causes that pull against each other', () => {
    expect(
      said(
        {
          current: '900',
          difference: '-100',
          percent: '-10.0',
          by: [
            { cause: 'gone', amount: '-300' },
            { cause: 'quantity', amount: '200' },
          ],
          goneResources: 2,
        },
        { service: 'Amazon SageMaker', model: null, team: null },
      ),
    ).toBe(
      'Amazon SageMaker costs $100 less (10%): -$300 from 2 resources that are gone and $200 from more use.',
    );
  });

  test('a name that someone outside wrote stays one name', () => {
    const text = said({ by: [] }, { ...NAMES, model: 'evil\u202e\nname' });
    expect(text).not.toMatch(/[\u202e\n]/);
  });
});

describe('the cause that weighs most, for a line of a phone', () => {
  test.each<[Partial<Moved>, string]>([
    [{ by: [{ cause: 'new', amount: '5' }], newResources: 1 }, 'new resource'],
    [{ by: [{ cause: 'new', amount: '5' }], newResources: 2 }, '2 new resources'],
    [{ by: [{ cause: 'new', amount: '5' }] }, 'not charged before'],
    [{ by: [{ cause: 'gone', amount: '-5' }], goneResources: 1 }, 'resource gone'],
    [{ by: [{ cause: 'gone', amount: '-5' }], goneResources: 2 }, '2 resources gone'],
    [{ by: [{ cause: 'gone', amount: '-5' }] }, 'no longer charged'],
    [{ by: [{ cause: 'price', amount: '5' }] }, 'higher price'],
    [{ by: [{ cause: 'unexplained', amount: '5' }] }, 'use or price'],
    [{ by: [{ cause: 'one-off', amount: '-5' }] }, 'purchases that did not come again'],
  ])('%j', (more, told) => {
    expect(format.phrase(mainCauseOf(moved(more)) ?? [])).toBe(told);
  });
});
