import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import type { DigestContent, FigureId } from '../../lib/digest/content-model.ts';
import { digestEmail } from '../../lib/digest/email.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { digestText } from '../../lib/digest/text.ts';
import { figureNote, figureValue } from '../../lib/digest/words.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { anyInput } from './arbitrary.ts';
import { emptyInput, finding, fullInput, usd } from './inputs.ts';
import { forecastOf, fullInsight } from './insight-inputs.ts';
import { linesOf } from './said.ts';

function figure(content: DigestContent, id: FigureId) {
  const found = content.figures.find((one) => one.id === id);
  if (!found) throw new Error(`no figure ${id}`);
  return found;
}

function told(content: DigestContent): string {
  return content.story
    .map((part) =>
      typeof part === 'string'
        ? part
        : 'money' in part
          ? `${part.money.amount} ${part.money.currency}`
          : 'percent' in part
            ? `${part.percent}%`
            : 'number' in part
              ? part.number
              : 'day' in part
                ? part.day
                : part.name,
    )
    .join('');
}

const nothing = (count: number) =>
  told(
    digestContent(
      fullInput({
        coverage: [],
        findings: Array.from({ length: count }, () => finding({ monthlySaving: usd('0') })),
      }),
    ),
  );

describe('a company with something of everything', () => {
  const content = digestContent(fullInput());

  test('spend is told by currency with its change, the organisation first', () => {
    expect(content.spend.map(({ currency, difference, percent }) => [currency, difference, percent])).toEqual(
      [
        ['USD', '8090.727', '21.22'],
        ['EUR', '-72.57', '-3.81'],
      ],
    );
  });

  test('sums of several currencies are told in the same order: the organisation’s own first', () => {
    const row = { tagged: '0', notActivated: '0', untaggable: '0', unknown: '0' };
    const { figures, basis } = digestContent(
      fullInput({
        tagging: ['AUD', 'EUR', 'USD'].map((currency) => ({ ...row, currency, untagged: '1' })),
      }),
    );
    const untagged = figures.find(({ id }) => id === 'untagged');
    expect(untagged?.amounts.map(({ currency }) => currency)).toEqual(['USD', 'AUD', 'EUR']);
    expect(basis[0]).toContain('in USD, EUR, by the day of use');
  });

  test('the story names the change, its cause, what could be saved and what is unseen', () => {
    expect(told(content)).toBe(
      '46210.842 USD and 1830.2 EUR spent, 8090.727 USD (21.22%) more than the week before, most of all in Amazon EC2; 11755.56 USD a month could be saved on 3 resources; 2 scopes were not wholly seen.',
    );
  });

  test('what saves nothing is no saving of $0', () => {
    expect(nothing(1)).toMatch(/; 1 resource is wasted, but stopping saves nothing\.$/);
    expect(nothing(2)).toMatch(/; 2 resources are wasted, but stopping saves nothing\.$/);
  });

  test('who says how many resources a saving is of counts none that saves nothing, and says so of it', () => {
    const mixed = digestContent(
      fullInput({
        coverage: [],
        findings: ['100', '0', null].map((saving, at) =>
          finding({ resourceId: `i-${at}`, monthlySaving: saving === null ? null : usd(saving) }),
        ),
      }),
    );
    expect(told(mixed)).toMatch(/; 100 USD a month could be saved on 1 resource\.$/);
    const waste = figure(mixed, 'waste');
    expect(waste).toMatchObject({ count: 3, unpriced: 1, zero: 1 });
    expect(figureNote(waste, digestFormat('UTC'))).toBe(
      'saving a month, 3 resources (1 saves nothing, 1 not known)',
    );
    expect(figure(mixed, 'idle-gpu')).toMatchObject({ count: 3, unpriced: 1, zero: 1 });
  });

  test('each figure has its amount', () => {
    expect(content.figures.map(({ id, amounts, count, unpriced }) => [id, amounts, count, unpriced])).toEqual(
      [
        ['waste', [usd('11755.56')], 4, 1],
        ['possible-waste', [], 1, 1],
        ['untagged', [usd('18850.2')], 1, 0],
        ['idle-gpu', [usd('11755.56')], 3, 0],
        ['unobserved-gpu', [usd('3305.1')], 1, 0],
        ['stale-embeddings', [], 1, 1],
        ['commitments', [usd('2140.75')], 1, 0],
      ],
    );
  });

  test('tag coverage is the share of what can be tagged', () => {
    // 141200.5 / (141200.5 + 18850.2 + 2210)
    expect(content.tagging[0]?.coverage).toBe('87');
  });

  test('movers lead with the largest difference, and another currency keeps a place', () => {
    expect(content.movers.map(({ service, difference }) => [service, difference])).toEqual([
      ['Amazon Elastic Compute Cloud', '7390.4'],
      ['Model usage', '1140.7'],
      ['Amazon Relational Database Service', '-400.25'],
      ['AWS Lambda', '110.5'],
      ['Compute Engine', '-72.57'],
    ]);
  });

  test('wastes lead with the largest saving; those without a price come last', () => {
    expect(
      content.wastes.map(({ title, monthlySaving, ageDays }) => [title, monthlySaving?.amount, ageDays]),
    ).toEqual([
      ['llm-finetune-3', '8812.4', 11],
      ['render-07', '2208.96', 11],
      ['notebook-gpu', '734.2', 0],
      ['chunks_v1_embedding_idx', undefined, 11],
    ]);
  });

  test('scopes that failed for one reason stand together', () => {
    expect(content.gaps).toEqual([
      {
        status: 'failed',
        reason: 'AccessDenied on sts:AssumeRole: let BursarRead trust this account',
        scopes: ['aws:444455556666:eu-central-1', 'aws:444455556666:us-east-1'],
      },
    ]);
    expect(content.scopes).toEqual({ all: 4, complete: 2 });
  });

  test.each(['Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati'])(
    'the days of the period are marked, from %s too',
    (timezone) => {
      const { organisation } = fullInput();
      const { daily } = digestContent(fullInput({ organisation: { ...organisation, timezone } }));
      const marked = daily[0]?.days.filter(({ inPeriod }) => inPeriod).map(({ day }) => day);
      expect(marked).toEqual([2, 3, 4, 5, 6, 7, 8].map((day) => `2026-11-0${day}`));
    },
  );
});

const twice = (first: object, second: object) =>
  figure(
    digestContent(
      emptyInput({
        findings: [finding({ resourceId: 'r', ...first }), finding({ resourceId: 'r', ...second })],
      }),
    ),
    'waste',
  );

describe('a resource is counted once', () => {
  test('with the larger saving of two checks', () => {
    const waste = twice({ monthlySaving: usd('300') }, { check: 'tag-policy', monthlySaving: usd('500') });
    expect(waste).toMatchObject({ amounts: [usd('500')], count: 1, unpriced: 0 });
  });

  test('never above what the bill says that it costs, whatever the list price', () => {
    const waste = twice(
      { monthlyCost: usd('250'), monthlySaving: usd('200') },
      { check: 'other', costBasis: 'list-estimate', monthlyCost: usd('900'), monthlySaving: usd('900') },
    );
    expect(waste.amounts).toEqual([usd('250')]);
  });

  test('an estimate at list prices is never added to what is on a bill', () => {
    const estimate = {
      costBasis: 'list-estimate',
      monthlyCost: usd('70'),
      monthlySaving: usd('60'),
    } as const;
    const content = digestContent(
      emptyInput({
        findings: [
          finding({ resourceId: 'billed', monthlyCost: usd('250'), monthlySaving: usd('200') }),
          finding({ resourceId: 'estimated', ...estimate }),
          finding({ resourceId: 'estimated too', ...estimate }),
        ],
      }),
    );
    for (const id of ['waste', 'idle-gpu'] as const)
      expect(figure(content, id)).toMatchObject({ amounts: [usd('200')], estimated: [usd('120')], count: 3 });
    const format = digestFormat('UTC');
    expect(figureValue(figure(content, 'waste'), format)).toBe('$200');
    expect(figureNote(figure(content, 'waste'), format)).toBe(
      'saving a month, and about $120 by list prices, 3 resources',
    );
    const only = digestContent(emptyInput({ findings: [finding(estimate)] }));
    expect(figureValue(figure(only, 'waste'), format)).toBe('about $60.00');
    expect(figureNote(figure(only, 'waste'), format)).toBe('saving a month by list prices, 1 resource');
    expect('estimated' in figure(digestContent(emptyInput({ findings: [finding()] })), 'waste')).toBe(false);
  });

  test('never below zero where credits made it cost less than nothing', () => {
    const waste = twice(
      { monthlyCost: usd('-20'), monthlySaving: usd('5') },
      { monthlySaving: null, monthlyCost: null },
    );
    expect(waste.amounts).toEqual([usd('0')]);
  });

  test('but the same id at two providers is two resources', () => {
    expect(twice({}, { provider: 'gcp' })).toMatchObject({ amounts: [usd('1800')], count: 2 });
  });

  test('a suspicion does not add to what is proven', () => {
    const content = digestContent(
      emptyInput({
        findings: [
          finding({ resourceId: 'r', monthlySaving: usd('10'), monthlyCost: usd('90') }),
          finding({ resourceId: 'r', check: 'other', verdict: 'SUSPECTED', monthlySaving: usd('80') }),
          finding({ resourceId: 's', verdict: 'HELD', monthlySaving: usd('7') }),
        ],
      }),
    );
    expect(figure(content, 'waste').amounts).toEqual([usd('10')]);
    expect(figure(content, 'possible-waste').amounts).toEqual([usd('7')]);
  });
});

/** Text and message of a company of which nothing but this scope was read. */
function formsOf(scope: string): readonly [text: string, message: string] {
  const coverage = [{ scope, status: 'complete', reason: null, asOf: null } as const];
  const content = digestContent(emptyInput({ coverage }));
  return [digestText(content), JSON.stringify(digestAnnouncement(content).message)];
}

function formsOfContent(content: DigestContent): string[] {
  return [
    digestText(content).replaceAll(/\n +/g, ' '),
    digestEmail(content),
    digestHtml(content),
    JSON.stringify(digestAnnouncement(content)),
  ];
}

describe('what is missing is said', () => {
  test('without a bill nothing is taken for zero', () => {
    const content = digestContent(emptyInput());
    expect(told(content)).toBe('No bill was read; no resource was looked at.');
    expect(content.gaps.map(({ scopes }) => scopes)).toEqual([['bills']]);
    expect(content.ageHours).toBeNull();
  });

  test('that no waste was found is said only where something was looked at', () => {
    const [text, message] = formsOf('bill:main');
    expect(text).toMatch(/^Waste found +unknown +no resource was looked at$/m);
    expect(text).toMatch(/^Untagged spend +unknown +no bill was read$/m);
    expect(message).toContain(
      '"text":"unknown","style":{"bold":true}},{"type":"text","text":" (nothing was looked at)"',
    );
    const [looked, other] = formsOf('aws:111122223333:us-east-1');
    expect(looked).toMatch(/^Waste found +none$/m);
    expect(other).not.toContain('nothing was looked at');
  });

  test('without a former period there is no change and no mover', () => {
    const content = digestContent(
      fullInput({ spend: [{ currency: 'USD', current: '10', former: null, estimated: false }] }),
    );
    expect(content.spend[0]).toMatchObject({ difference: null, percent: null });
    expect(content.movers).toEqual([]);
    expect(told(content)).toMatch(/^10 USD spent; /);
  });

  test('a total below zero says why', () => {
    const spend = [{ currency: 'USD', current: '-10', former: '5', estimated: false }];
    expect(told(digestContent(fullInput({ spend })))).toMatch(
      /^-10 USD spent \(more was credited than charged\), 15 USD \(300%\) less than the week before/,
    );
  });

  test('a credit or nothing before has no percentage', () => {
    const spend = ['0', '-5'].map(
      (former) =>
        digestContent(fullInput({ spend: [{ currency: 'USD', current: '10', former, estimated: false }] }))
          .spend[0],
    );
    expect(spend.map((row) => [row?.difference, row?.percent])).toEqual([
      ['10', null],
      ['15', null],
    ]);
  });

  test('a bill without any cost in the period is told as that', () => {
    expect(told(digestContent(emptyInput({ asOf: '2026-11-09T00:00:00Z' })))).toMatch(
      /^No cost was billed this week/,
    );
  });

  test('of a week before the first bill nothing is known, and it is not told to have cost nothing', () => {
    const content = digestContent(emptyInput({ asOf: '2026-11-14T00:00:00Z', begins: '2026-11-10' }));
    expect(told(content)).toBe(
      'The bills begin on 2026-11-10: what this week cost is not known; no resource was looked at.',
    );
    for (const text of formsOfContent(content)) {
      expect(text).toContain('The bills begin on Nov 10: what this week cost is not known');
      expect(text).not.toContain('No cost was billed');
    }
  });

  test('of a week in which the bills begin is told since when', () => {
    const spend = [{ currency: 'USD', current: '10', former: null, estimated: false }];
    const insight = fullInsight({ forecasts: [forecastOf({ budget: null })] });
    const changes = { spend, insight };
    const content = digestContent(fullInput({ ...changes, begins: '2026-11-04' }));
    expect(content.spend).toMatchObject([{ since: '2026-11-04' }]);
    expect(told(content)).toMatch(/^10 USD spent since 2026-11-04, when the bills begin; /);
    for (const text of formsOfContent(content)) expect(text).toContain('since Nov 4, when bills begin');
    const { blocks } = digestAnnouncement(content).message;
    expect(linesOf(blocks)).toEqual(
      expect.arrayContaining([
        'Spent $10.00 since Nov 4, when bills begin',
        'Month to Nov 6 $34,348 since Nov 4',
      ]),
    );
    expect(JSON.stringify(blocks)).toContain('The bills begin on Nov 4: there is no whole week to compare.');

    const whole = digestContent(fullInput({ ...changes, begins: '2026-11-01' }));
    expect(whole.spend).toMatchObject([{ since: null }]);
    for (const text of formsOfContent(whole)) expect(text).not.toContain('bills begin');
  });

  test('nothing taggable has no coverage', () => {
    const row = {
      currency: 'USD',
      tagged: '-4',
      untagged: '1',
      notActivated: '0',
      untaggable: '9',
      unknown: '0',
    };
    expect(digestContent(fullInput({ tagging: [row] })).tagging[0]?.coverage).toBeNull();
  });
});

describe('for any company', () => {
  test('waste lies between zero and the cost of the wasted resources, and is never summed over currencies', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { amounts, count } = figure(digestContent(input), 'waste');
        expect(new Set(amounts.map(({ currency }) => currency)).size).toBe(amounts.length);
        for (const { amount, currency } of amounts) {
          const largest = new Map<string, Decimal>();
          for (const { provider, resourceId, monthlySaving } of input.findings) {
            if (monthlySaving?.currency !== currency) continue;
            const key = `${provider} ${resourceId}`;
            largest.set(key, Decimal.max(largest.get(key) ?? 0, new Decimal(monthlySaving.amount)));
          }
          const ceiling = [...largest.values()].reduce((sum, one) => sum.plus(one), new Decimal(0));
          expect(new Decimal(amount).gte(0) && new Decimal(amount).lte(ceiling)).toBe(true);
          expect(count).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('nothing is shown without a source, and the same input gives the same content', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const content = digestContent(input);
        const sourced = [
          ...content.spend,
          ...content.figures,
          ...content.tagging,
          ...content.daily,
          ...content.movers,
          ...content.findings,
        ];
        for (const { source } of sourced) expect(source).not.toBe('');
        expect(digestContent(input)).toEqual(content);
      }),
    );
  });

  test('every open finding is a line, and every scope not wholly seen is in a gap', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const content = digestContent(input);
        expect(content.findings.map(({ findingId }) => findingId).toSorted()).toEqual(
          input.findings.map(({ id }) => id).toSorted(),
        );
        const missed = input.coverage.filter(({ status }) => status !== 'complete').length;
        const said = content.gaps.reduce((sum, { scopes }) => sum + scopes.length, 0);
        expect(said).toBe(missed + (input.asOf === null ? 1 : 0));
        expect(content.movers.length).toBeLessThanOrEqual(5);
        expect(content.wastes.length).toBeLessThanOrEqual(5);
      }),
    );
  });
});
