import { describe, expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestEmail } from '../../lib/digest/email.ts';
import { explained } from '../../lib/digest/explain.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import type { DigestInsight, InsightBudget } from '../../lib/digest/insight-model.ts';
import { reportTables } from '../../lib/digest/report-tables.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { digestText } from '../../lib/digest/text.ts';
import { detailOf } from './details.ts';
import { fullInput, usd } from './inputs.ts';
import { forecastOf, fullInsight } from './insight-inputs.ts';
import { linesOf } from './said.ts';

const NOVEMBER = { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' };

function contentOf(insight: Partial<DigestInsight>, locale = 'en-US') {
  return digestContent(fullInput({ locale, insight: fullInsight(insight) }));
}

function budgetOf(changes: Partial<InsightBudget>): InsightBudget {
  return {
    name: 'everything',
    ...NOVEMBER,
    limit: usd('1000'),
    spent: usd('800'),
    percent: '80',
    reached: [],
    outlook: { total: usd('1100'), probability: 0.99 },
    notEnough: null,
    notComparable: [],
    alerts: [],
    ...changes,
  };
}

/** Every form in which people read a digest. */
function forms(content: ReturnType<typeof contentOf>): string[] {
  return [
    digestText(content).replaceAll(/\n +/g, ' '),
    digestEmail(content),
    digestHtml(content),
    JSON.stringify(digestAnnouncement(content).thread),
  ];
}

describe('a budget', () => {
  test('that is exceeded is not told to be likely to be', () => {
    const budget = budgetOf({ spent: usd('1000.01'), percent: '100' });
    const content = contentOf({ budgets: [budget] });
    for (const form of forms(content)) {
      expect(form).toContain('$1,000 of $1,000 (100%) spent: exceeded, $1,100 expected');
      expect(form).not.toContain('likely to exceed');
    }
    const names = explained(content, digestFormat('UTC')).map(({ name }) => name);
    expect(names).toContain('Budget everything, expected');
    expect(names).not.toContain('Budget everything, likely to be exceeded');
  });

  test('that is spent to the last cent is not exceeded', () => {
    const content = contentOf({ budgets: [budgetOf({ spent: usd('1000'), percent: '100' })] });
    expect(digestText(content)).toContain(
      '$1,000 of $1,000 (100%) spent, $1,100 expected: 99% likely to exceed it',
    );
  });

  test('of nothing has no percentage anywhere, and any charge exceeds it', () => {
    const budget = budgetOf({ limit: usd('0'), spent: usd('12.5'), percent: '100' });
    const content = contentOf({ budgets: [budget] });
    for (const form of forms(content))
      expect(form).toContain('$12.50 spent, the limit is $0: exceeded, $1,100 expected');
    expect(explained(content, digestFormat('UTC')).filter(({ name }) => /^Budget.*%/.test(name))).toEqual([]);
    const file = reportTables(content, detailOf(content)).find(({ id }) => id === 'budgets');
    expect(file?.rows.map((row) => row[file.columns.findIndex(({ id }) => id === 'percent')])).toEqual([
      null,
    ]);
  });

  test('of which two months are told names them', () => {
    const content = contentOf({
      budgets: [
        budgetOf({}),
        budgetOf({ start: NOVEMBER.end, end: '2027-01-01T00:00:00.000Z', spent: usd('0'), percent: '0' }),
        budgetOf({ name: 'research' }),
      ],
    });
    const text = digestText(content);
    expect(text).toContain('  everything, Nov 1\u2009\u2013\u200930, 2026: $800 of $1,000');
    expect(text).toContain('  everything, Dec 1\u2009\u2013\u200931, 2026: $0 of $1,000');
    expect(text).toContain('  research: $800 of $1,000');
    const names = explained(content, digestFormat('UTC')).map(({ name }) => name);
    for (const name of names.filter((each) => each.startsWith('Budget everything')))
      expect(names.filter((each) => each === name)).toHaveLength(name.endsWith('spent') ? 2 : 1);
  });
});

describe('the forecast', () => {
  test('of a month of which no day has settled names the month, and no amount of it', () => {
    const [forecast] = fullInsight().forecasts;
    if (forecast?.month === undefined || forecast.month === null) throw new Error('a month is foreseen');
    const december = {
      ...forecast.month,
      start: NOVEMBER.end,
      end: '2027-01-01T00:00:00.000Z',
      actual: usd('0'),
    };
    const content = contentOf({ forecasts: [forecastOf({ until: '2026-11-29', month: december })] });
    for (const form of forms(content)) {
      expect(form).toContain('Month to Dec 31: $168,500 expected');
      expect(form).toContain('; no day of it has settled yet.');
      expect(form).not.toContain('$0 settled');
    }
    expect(linesOf(digestAnnouncement(content).message.blocks)).toContain(
      'Forecast to Dec 31 $170K ($160K\u2013$180K, 80%)',
    );
  });

  test('tells its range from its total however narrow it is, and none where it is none', () => {
    const [forecast] = fullInsight().forecasts;
    if (forecast?.month === undefined || forecast.month === null) throw new Error('a month is foreseen');
    const lineOf = (total: string, low: string, high: string) => {
      const ranges = [{ level: 0.8, low: usd(low), high: usd(high) }];
      const month = { ...forecast.month, ...NOVEMBER, actual: usd('1'), extended: false, unknownDays: 0 };
      const content = contentOf({
        forecasts: [forecastOf({ month: { ...month, total: usd(total), ranges } })],
      });
      const line = linesOf(digestAnnouncement(content).message.blocks).find((each) =>
        each.startsWith('Forecast'),
      );
      const explainedRough = explained(content, digestFormat('UTC'))
        .filter(({ name }) => name.includes('as roughly as'))
        .map(({ shown }) => shown);
      for (const shown of explainedRough) expect(line).toContain(shown.replace(/^\$/, ''));
      return line;
    };
    expect(lineOf('12148661', '11988632', '12261099')).toBe('Forecast $12.1M ($12M\u2013$12.3M, 80%)');
    expect(lineOf('160020', '160010', '160030')).toBe('Forecast $160.02K ($160.01K\u2013$160.03K, 80%)');
    expect(lineOf('3093', '3093.1', '3092.9')).toBe('Forecast $3.1K');
  });

  test('ends its sentence once in languages that end a day with a full stop', () => {
    for (const locale of ['fr-CH', 'de-DE', 'en-US']) {
      const [text = ''] = forms(contentOf({}, locale));
      expect(text).toMatch(/ settled before [^;]*[^.]\. /);
      for (const form of forms(contentOf({}, locale))) expect(form).not.toMatch(/[^.]\.\.(?!\.|\/)/);
    }
  });
});

test('the bills behind what is advised end with their last day, and not the day after', () => {
  expect(digestHtml(contentOf({}))).toContain(
    'Bills of Aug 8\u2009\u2013\u2009Nov 6, 2026. Nothing is ever bought',
  );
});
