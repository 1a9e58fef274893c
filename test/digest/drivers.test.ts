import { describe, expect, test } from 'vitest';
import type { Moved } from '../../lib/analysis/movers/model.ts';
import { driverSentence, mainCauseOf, moverSentence } from '../../lib/digest/drivers.ts';
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

const toldOf = (service: string, row: Partial<Moved> | null) =>
  format.phrase(
    moverSentence(
      service,
      { currency: 'USD', difference: '-500', percent: '-50.00' },
      row === null ? null : moved({ difference: '-500', ...row }),
    ),
  );

describe('a service that moved, in one sentence', () => {
  test('how much less, and why', () => {
    expect(
      toldOf('Amazon EC2', {
        by: [
          { cause: 'gone', amount: '-900' },
          { cause: 'credit', amount: '400' },
        ],
        goneResources: 1,
      }),
    ).toBe(
      'Amazon EC2 costs $500 less (50%): -$900 from a resource that is gone and $400 from fewer credits.',
    );
  });

  test('what is not known is said, and so is a service without a name', () => {
    expect(toldOf(' ', null)).toBe(
      'What names no service costs $500 less (50%); the bills do not tell why for the whole of both periods.',
    );
  });

  test('its numbers are written as the reader writes them', () => {
    const phrase = driverSentence(
      moved({
        by: [{ cause: 'new', amount: '500' }],
        newResources: 1234,
        quantity: { unit: 'Hrs', former: '10', current: '24' },
      }),
      NAMES,
    );
    expect(digestFormat('UTC', 'de-DE').phrase(phrase)).toMatch(
      /from 1\.234 new resources; 2,4 times as many Hrs\./,
    );
  });
});

test.each([
  ['1000', '46.4', 'gb', '; 95.4% fewer GB.'],
  ['1000', '0', 'gb', 'from less use.'],
  ['10', '0.0004', 'gib-hours', '; hardly any GiB-hours.'],
  ['10', '30', 'bytes', '; 3 times as many bytes.'],
])('use of %s that became %s %s', (former, current, unit, told) => {
  expect(
    said({
      difference: '-500',
      by: [{ cause: 'quantity', amount: '-500' }],
      quantity: { unit, former, current },
    }).endsWith(told),
  ).toBe(true);
});

describe('the cause that weighs most, for a line of a phone', () => {
  test.each<[Partial<Moved>, string]>([
    [{ by: [{ cause: 'new', amount: '500' }], newResources: 1 }, 'new resource'],
    [{ by: [{ cause: 'new', amount: '475' }], newResources: 2 }, '2 new resources'],
    [{ by: [{ cause: 'new', amount: '474' }], newResources: 2 }, '2 new resources, $474'],
    [{ by: [{ cause: 'new', amount: '526' }] }, 'not charged before, $526'],
    [{ by: [{ cause: 'gone', amount: '-5' }], goneResources: 1 }, 'resource gone, -$5.00'],
    [{ by: [{ cause: 'gone', amount: '-500' }], goneResources: 2, difference: '-500' }, '2 resources gone'],
    [{ by: [{ cause: 'gone', amount: '-500' }], difference: '-500' }, 'no longer charged'],
    [{ by: [{ cause: 'price', amount: '500' }] }, 'higher price'],
    [{ by: [{ cause: 'unexplained', amount: '500' }] }, 'use or price, not told apart'],
    [{ by: [{ cause: 'one-off', amount: '-500' }], difference: '-500' }, 'purchases that did not come again'],
  ])('%j', (more, told) => {
    expect(format.phrase(mainCauseOf(moved(more)) ?? [])).toBe(told);
  });
});
