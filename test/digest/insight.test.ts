import { describe, expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { explained } from '../../lib/digest/explain.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { inScript, pageData, type SpendChart, spendDays } from '../../lib/digest/page-data.ts';
import { reportTables } from '../../lib/digest/report-tables.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { digestText } from '../../lib/digest/text.ts';
import { daysFrom } from '../../lib/digest/words.ts';
import { ATTACKS } from './attacks.ts';
import { detailOf } from './details.ts';
import { emptyInput, fullInput, usd } from './inputs.ts';
import { anomalyOf, forecastOf, fullInsight } from './insight-inputs.ts';
import { linesOf } from './said.ts';

const content = digestContent(fullInput({ insight: fullInsight() }));
const format = digestFormat('UTC');

describe('what analysis adds to a digest', () => {
  test('a mover tells its causes only where they are of the same two amounts', () => {
    expect(
      content.movers.map(({ service, why }) => [service, why === null ? null : format.phrase(why)]),
    ).toEqual([
      ['Amazon Elastic Compute Cloud', '$4,912 from 3 new resources and $2,478 from more use'],
      // Its causes are of a part of the periods.
      ['Model usage', null],
      ['Amazon Relational Database Service', null],
      ['AWS Lambda', null],
      ['Compute Engine', null],
    ]);
  });

  test('every part says where it comes from', () => {
    const { forecast, anomalies, commitments, aiDrivers } = content;
    const sources = [...forecast, ...aiDrivers, anomalies, commitments].map((each) => each?.source ?? '');
    expect(sources).toEqual([
      'bursar forecast: EffectiveCost a day in USD without credits and corrections, 90 settled days before 2026-11-07; bills up to 2026-11-09T00:00:00Z',
      'bursar movers --ai: EffectiveCost of AI spend by service, model and team, 2026-11-02/2026-11-09 against 2026-10-26/2026-11-02; bills up to 2026-11-09T00:00:00Z',
      'bursar anomalies: EffectiveCost a day of 49 series on settled days, caught since 2026-10-10, off by 10 or more; bills up to 2026-11-09T00:00:00Z',
      'bursar commitments: on-demand and covered usage of 2026-08-08/2026-11-07; bills up to 2026-11-09T00:00:00Z',
    ]);
  });

  test('without a former period nobody drives anything', () => {
    const spend = [{ currency: 'USD', current: '10', former: null, estimated: false }];
    expect(digestContent(fullInput({ spend, insight: fullInsight() })).aiDrivers).toEqual([]);
  });

  test('that the month leaves out credits, and what was spent holds them, is told', () => {
    expect(digestText(content).replaceAll(/\s+/g, ' ')).toContain(
      'Month to date, forecast and budgets leave out credits and corrections',
    );
    expect(digestText(digestContent(emptyInput()))).not.toContain('credits');
  });

  test('every percentage of a mover and a driver is explained', () => {
    const rows = explained(content, format);
    const shares = [
      ...content.movers.flatMap(({ percent }) => percent ?? []),
      ...content.aiDrivers.flatMap(({ sentence }) =>
        sentence.flatMap((part) => (typeof part === 'object' && 'percent' in part ? part.percent : [])),
      ),
    ];
    expect(shares.length).toBeGreaterThan(4);
    expect(shares.filter((share) => !rows.some(({ value }) => value === `${share} %`))).toEqual([]);
  });

  test('an anomaly is called by what it is of, with the end of the id that makes it up', () => {
    const [first, second] = content.anomalies?.lines ?? [];
    expect(first?.what).toEqual(['Amazon Elastic Compute Cloud', '111122223333', 'research']);
    expect(format.phrase(first?.cause ?? [])).toBe('resource instance/i-0abc, 100% of the change');
    expect([second?.cause, second?.owner]).toEqual([null, null]);
  });

  test('what ends first leads; what has no end known comes last', () => {
    const { commitments } = fullInsight();
    const [one] = commitments.held;
    if (one === undefined) throw new Error('no commitment');
    const held = [{ ...one, name: 'no end', ends: null }, ...commitments.held];
    const told = digestContent(
      fullInput({ insight: fullInsight({ commitments: { ...commitments, held } }) }),
    );
    expect(told.commitments?.held.map(({ ends }) => ends?.slice(0, 10) ?? null)).toEqual([
      '2026-12-01',
      '2027-03-01',
      null,
    ]);
  });

  test('the own currency leads', () => {
    const forecasts = ['EUR', 'CHF', 'USD'].map((currency) => forecastOf({ currency }));
    const told = digestContent(fullInput({ insight: fullInsight({ forecasts }) }));
    expect(told.forecast.map(({ currency }) => currency)).toEqual(['USD', 'CHF', 'EUR']);
  });

  test('with no bill there is none of it', () => {
    const { forecast, budgets, anomalies, commitments, aiDrivers } = digestContent(emptyInput());
    expect({ forecast, budgets, anomalies, commitments, aiDrivers }).toEqual({
      forecast: [],
      budgets: [],
      anomalies: null,
      commitments: null,
      aiDrivers: [],
    });
  });
});

describe('days of spend', () => {
  const [figure] = content.forecast;
  if (figure === undefined) throw new Error('no forecast');
  const days = spendDays(content, figure);

  test('are settled, billed, expected or unknown, each day once, oldest first', () => {
    expect(days).toHaveLength(90 + 24);
    expect(days.map(({ day }) => day)).toEqual(days.map(({ day }) => day).toSorted());
    expect(days[40]).toMatchObject({ settled: null, provisional: null, expected: null });
    // Nov 7 and 8 are billed, and may still change.
    expect(days.filter(({ provisional }) => provisional !== null).map(({ day }) => day)).toEqual([
      '2026-11-07',
      '2026-11-08',
    ]);
    expect(days.at(-1)).toMatchObject({ day: '2026-11-30', settled: null, expected: '5623.5' });
    expect(days.filter(({ anomalies }) => anomalies.length > 0).map(({ day }) => day)).toEqual([
      '2026-10-30',
      '2026-11-03',
    ]);
  });

  test('are what the chart draws, to the cent, a gap where nothing is known', () => {
    const chart = pageData(content, format, 'en-US').charts.find(
      (each): each is SpendChart => each.kind === 'spend',
    );
    expect(chart?.points).toHaveLength(days.length);
    const drawn = chart?.points.map(({ settled }) => settled) ?? [];
    expect(drawn.map((value) => value === null)).toEqual(days.map(({ settled }) => settled === null));
    const off = days.map(({ settled }, at) => Math.abs((drawn[at] ?? 0) - Number(settled ?? 0)));
    expect(Math.max(...off)).toBeLessThan(0.006);
    expect(chart?.points.at(-1)).toMatchObject({
      range80: [4985.25, 6261],
      range90: [4762, 6607.75],
      told: ['Nov 30', '$5,624 expected', '80%: $4,985 to $6,261', '90%: $4,762 to $6,608'],
    });
    expect(chart?.points.filter(({ budget }) => budget !== null).map(({ label }) => label)).toEqual(
      Array.from({ length: 30 }, (_, at) => `Nov ${at + 1}`),
    );
    expect(chart?.period).toEqual(['Nov 2', 'Nov 8']);
  });
});

describe('what the script is given', () => {
  test('holds nothing that could end its element or turn text, and reads back as it was', () => {
    const names = [...ATTACKS, '<!--<script>', ']]>', '\u2028\u2029\u200f\ufeff\u{e0001}'];
    const rows = names.map((name) => anomalyOf({ key: { service: name }, owner: { id: name } }));
    const { anomalies } = fullInsight();
    const hostile = digestContent(fullInput({ insight: fullInsight({ anomalies: { ...anomalies, rows } }) }));
    const data = pageData(hostile, format, 'en-US');
    const text = inScript(data);
    expect(text).not.toMatch(/[<>&\u2028\u2029\u202a-\u202e\u2066-\u2069\u{e0001}]|\p{Cf}/u);
    expect(JSON.parse(text)).toEqual(data);
  });

  test('of any kind: marks of direction are escapes, whatever names they come in', () => {
    const chart = {
      id: 'a',
      kind: 'expiry',
      currency: '</script><img onerror>\u202e\u{e0001}',
      bars: [],
    } as const;
    const text = inScript({ locale: 'en', charts: [chart] });
    expect(text).toContain('\\u003c/script\\u003e\\u003cimg onerror\\u003e\\u202e\\udb40\\udc01');
    expect(JSON.parse(text).charts[0].currency).toBe(chart.currency);
  });
});

describe('told to people', () => {
  test('in the terminal', () => {
    const text = digestText(content);
    expect(text.replaceAll(/\n +/g, ' ')).toContain(
      'Amazon Elastic Compute Cloud costs $7,390 more (43.4%): $4,912 from 3 new resources and $2,478 from more use.',
    );
    expect(text).toContain('large model on Model usage for search costs $7,390 more (43.4%)');
    expect(text.replaceAll(/\n +/g, ' ')).toContain(
      'Month to Nov 30: $168,500 expected, $161,000 to $176,000 with 80%, $158,000 to $181,000 with 90%; $33,812 settled before Nov 7.',
    );
    expect(text.replaceAll(/\n +/g, ' ')).toContain(
      '+$36,677 a month: step up since Nov 3, Amazon Elastic Compute Cloud, 111122223333, research; resource instance/i-0abc, 100% of the change; owner research@acme.example; still off',
    );
    expect(text.replaceAll(/\n +/g, ' ')).toContain(
      '-$312: dip Oct 30 to Oct 31, large model, proj_1; no known owner; over, expected until 2026-12-01',
    );
    expect(text.replaceAll(/\n +/g, ' ')).toContain(
      'Budgets everything: $33,812 of $150,000 (22.5%) spent, $168,500 expected: 93% likely to exceed it; alerted that it reached 80% and will be exceeded, not acknowledged yet; alerted that it reached 50%, closed since research: $4,000 of $20,000 (20%) spent; not enough to foresee: 10 known days; 28 are needed.',
    );
  });

  test('a budget that is likelier to be exceeded than what is expected says: why', () => {
    const [budget] = fullInsight().budgets;
    if (budget === undefined) throw new Error('the digest of the tests has a budget');
    const total = usd('140000');
    const text = digestText(
      digestContent(
        fullInput({
          insight: fullInsight({ budgets: [{ ...budget, outlook: { total, probability: 0.56 } }] }),
        }),
      ),
    );
    expect(text.replaceAll(/\n +/g, ' ')).toContain(
      '$140,000 expected: 56% likely to exceed it, since forecasts mostly came out too low',
    );
  });

  test('the days of an anomaly: since when it goes on, else those that its money is of, and those it is judged by', () => {
    const { anomalies } = fullInsight();
    const spike = { kind: 'spike', first: '2026-11-03', caught: '2026-11-03', causes: [] } as const;
    const told = digestContent(
      fullInput({
        insight: fullInsight({
          anomalies: {
            ...anomalies,
            rows: [
              anomalyOf({ kind: 'step up', open: true }),
              anomalyOf({ kind: 'step up', open: false, last: '2026-11-05' }),
              anomalyOf({ ...spike, last: '2026-11-04', open: true }),
              anomalyOf({ ...spike, last: '2026-11-03', open: false }),
            ],
          },
        }),
      }),
    );
    const text = digestText(told).replaceAll(/\n +/g, ' ');
    const page = digestHtml(told);
    for (const days of [
      'step up since Nov 3',
      'step up Nov 3 to Nov 5',
      'spike Nov 3 to Nov 4',
      'spike Nov 3',
    ]) {
      expect(text).toContain(`${days}, `);
      expect(page).toContain(days.replace(/^(step up|spike) /, '$1, '));
    }
    const { judged, caught } = anomalyOf();
    expect(page).toContain(` expected, ${daysFrom(judged.start, caught, format)}</div>`);
  });

  test('an anomaly whose cause and owner were not looked for is not said to have none', () => {
    const { anomalies } = fullInsight();
    const rows = [anomalyOf({ against: null, causes: [], owner: null })];
    const told = digestContent(fullInput({ insight: fullInsight({ anomalies: { ...anomalies, rows } }) }));
    expect(digestText(told)).not.toContain('111122223333, research; no known owner');
    const page = digestHtml(told);
    expect(page).toContain('not looked for here: bursar anomalies does');
    expect(page).not.toContain('no single one');
  });

  test('where there is no forecast, why', () => {
    const none = forecastOf({ month: null, expected: [], notEnough: '10 known days; 28 are needed.' });
    const told = digestContent(fullInput({ insight: fullInsight({ forecasts: [none] }) }));
    expect(digestText(told)).toContain('No forecast: 10 known days; 28 are needed.');
  });

  test('in Slack a line each; the thread has all of it', () => {
    const { message, thread } = digestAnnouncement(content);
    expect(message.blocks.length).toBeLessThanOrEqual(15);
    const shown = JSON.stringify(message.blocks);
    expect(shown).toContain('"AI spend"');
    expect(shown).toContain(': 3 new resources');
    expect(linesOf(message.blocks)).toEqual(
      expect.arrayContaining([
        'Month to Nov 6 $34,348 (22.9% of budget)',
        'Forecast $170K ($160K\u2013$180K, 80%)',
      ]),
    );
    const below = JSON.stringify(thread);
    expect(below).toContain('AI cost drivers');
    expect(below).toContain('$4,912 from 3 new resources');
    expect(below).toContain('93% likely to exceed it');
    expect(below).toContain('10 known days');
  });

  test('many anomalies: the dearest, and how many more there are', () => {
    const { anomalies } = fullInsight();
    const rows = Array.from({ length: 30 }, (_, at) => anomalyOf({ impact: usd(`${1000 - at}`) }));
    const many = digestContent(fullInput({ insight: fullInsight({ anomalies: { ...anomalies, rows } }) }));
    expect(digestText(many)).toContain('  5 of 30, all of them by bursar anomalies\n');
    expect(JSON.stringify(digestAnnouncement(many).thread)).toContain('5 of 30, all of them in the report');
  });
});

test('a budget of which something is not counted has no percentage in its file, nor among what is explained', () => {
  const { budgets, ...insight } = fullInsight();
  const notComparable = [{ amount: { amount: '12.5', currency: 'EUR' }, why: 'no rate' }];
  const notEnough = '0 known days; 28 are needed.';
  const changed = budgets.map((budget) => ({ ...budget, notComparable, outlook: null, notEnough }));
  const partly = digestContent(fullInput({ insight: { ...insight, budgets: changed } }));
  const file = reportTables(partly, detailOf(partly)).find(({ id }) => id === 'budgets');
  const cells = (column: string) =>
    file?.rows.map((row) => row[file.columns.findIndex(({ id }) => id === column)]);
  expect(cells('percent')).toEqual(budgets.map(() => null));
  expect(cells('not_counted')).toEqual(budgets.map(() => '12.5 EUR'));
  const names = explained(partly, format).filter(({ value }) => value.endsWith('%'));
  expect(names.filter(({ name }) => /^Budget .*, spent$/.test(name))).toEqual([]);
  expect(digestText(partly)).toMatch(
    /\+ €12\.50\s+spent,\s+the\s+limit\s+is\s+\$150,000;\s+not\s+added\s+up,\s+and\s+not\s+foreseen:\s+no\s+rate/,
  );
  expect(digestText(partly)).not.toContain('0 known days');
  // Nor where the month is told against it.
  expect(content.month.map(({ budget }) => budget?.name)).toEqual(['everything']);
  expect(partly.month.map(({ budget }) => budget)).toEqual([null]);
});
