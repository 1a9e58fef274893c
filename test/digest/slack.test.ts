import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { heightOf, SCREEN } from '../../lib/digest/phone.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import type { SlackBlock } from '../../lib/notices/blocks.ts';
import type { Announcement } from '../../lib/notices/model.ts';
import { reportId } from '../../lib/run/archived.ts';
import { isTooLong, problemsOf, readLimits } from '../counterparts/slack.limits.ts';
import { describeWithShared } from '../shared.ts';
import { anyInput, anyInsight } from './arbitrary.ts';
import { EXECUTIVE, everything, SIX_CURRENCIES } from './everything.ts';
import { emptyInput, finding, fullInput } from './inputs.ts';
import { fullInsight, movedOf } from './insight-inputs.ts';
import { linesOf } from './said.ts';

const REPORT = reportId('digest/of the tests');

function messages({ message, thread }: Announcement) {
  return [message, ...thread].flatMap((said) => [
    said,
    ...(said.plainer === undefined ? [] : [said.plainer]),
  ]);
}

/** All text that Slack would interpret: what is not plain_text and not rich text. */
function interpreted(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(interpreted);
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)];
  return Object.values(value).flatMap(interpreted);
}

describeWithShared('within the published limits', () => {
  test('every message of any company', async () => {
    const limits = await readLimits();
    fc.assert(
      fc.property(anyInput, anyInsight, (input, insight) => {
        for (const { blocks } of messages(digestAnnouncement(digestContent({ ...input, insight }), REPORT))) {
          expect(problemsOf(limits, { blocks }, true)).toEqual([]);
          expect(isTooLong(blocks)).toBe(false);
        }
      }),
    );
  });
});

test('one screen: at most 15 blocks and 10,000 characters, head and last line always there', () => {
  fc.assert(
    fc.property(anyInput, anyInsight, (input, insight) => {
      for (const { blocks } of messages(digestAnnouncement(digestContent({ ...input, insight }), REPORT))) {
        expect(blocks.length).toBeLessThanOrEqual(15);
        expect(JSON.stringify(blocks).length).toBeLessThan(10_000);
      }
      const { blocks } = digestAnnouncement(digestContent({ ...input, insight }), REPORT).message;
      expect([blocks[0]?.type, ...blocks.slice(-2).map(({ type }) => type)]).toEqual([
        'header',
        'context',
        'actions',
      ]);
    }),
  );
});

test.each(['en-US', 'en-GB', 'de-DE', 'ja-JP'])('of %s, with all that can be told, too', (locale) => {
  for (const audience of [
    { kind: 'everyone' },
    { kind: 'executive' },
    { kind: 'team', team: 'search' },
  ] as const)
    for (const changes of [{}, { spend: SIX_CURRENCIES }]) {
      const input = everything({ locale, audience, executive: EXECUTIVE, ...changes });
      const said = digestAnnouncement(digestContent(input), REPORT);
      expect(heightOf(said.message.blocks)).toBeLessThanOrEqual(SCREEN);
      // However little has place, the dearest decision has.
      expect(linesUnder('Decisions needed', said).length).toBeGreaterThanOrEqual(1);
      expect(new Set(said.thread.map(({ part }) => part)).size).toBe(said.thread.length);
    }
});

test('no name can mention a channel, a person or a link', () => {
  fc.assert(
    fc.property(anyInput, anyInsight, (input, insight) => {
      for (const { text, blocks } of messages(
        digestAnnouncement(digestContent({ ...input, insight }), REPORT),
      ))
        for (const read of [text, ...interpreted(blocks)]) {
          expect(read).not.toMatch(/[<>]/);
          expect(read.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&');
        }
    }),
  );
});

const chartsOf = (all: readonly SlackBlock[] = []) =>
  all.flatMap((block) => (block.type === 'data_visualization' ? [block] : []));

describe('the chart', () => {
  const { message, thread } = digestAnnouncement(digestContent(fullInput()));
  const [first] = thread;

  test('is the first in the thread: the last 20 days of the leading currency in numbers', () => {
    expect(chartsOf(message.blocks)).toEqual([]);
    const [one, ...others] = chartsOf(first?.blocks);
    expect(others).toEqual([]);
    expect(one?.chart.axis_config.categories).toHaveLength(20);
    expect(one?.chart.axis_config.categories.at(-1)).toBe('Nov 8');
    expect(one?.chart.series.map(({ name, data }) => [name, data.length, data.at(-1)])).toEqual([
      ['USD', 20, { label: 'Nov 8', value: 5701.37 }],
    ]);
  });

  test('gives way to a table of a week where a workspace does not know it, with all else in its place', () => {
    const plainer = first?.plainer?.blocks ?? [];
    expect(chartsOf(plainer)).toEqual([]);
    const [head, ...rest] = plainer;
    expect(head?.type === 'table' ? head.rows.map((row) => row.map(({ text }) => text)) : []).toEqual([
      ['Day', 'Effective cost, USD'],
      ['Nov 2', '$5,673'],
      ['Nov 3', '$6,286'],
      ['Nov 4', '$7,449'],
      ['Nov 5', '$7,162'],
      ['Nov 6', '$6,875'],
      ['Nov 7', '$5,988'],
      ['Nov 8', '$5,701'],
    ]);
    expect(rest).toEqual(first?.blocks.slice(1));
  });

  test('of two currencies are two, and their table has a column each', () => {
    const daily = ['2026-11-07', '2026-11-08'].flatMap((day) => [
      { day, currency: 'USD', effective: '100' },
      ...(day === '2026-11-08' ? [] : [{ day, currency: 'EUR', effective: '7' }]),
      { day, currency: 'JPY', effective: '900' },
    ]);
    // One day alone draws no line: euros are told in the table.
    const [said] = digestAnnouncement(digestContent(fullInput({ daily }))).thread;
    expect(chartsOf(said?.blocks).map(({ title }) => title)).toEqual([
      'Effective cost a day, USD',
      'Effective cost a day, JPY',
    ]);
    const [none] = digestAnnouncement(digestContent(fullInput({ daily: daily.slice(0, 3) }))).thread;
    expect(chartsOf(none?.blocks)).toEqual([]);
    expect(linesOf(said?.plainer?.blocks ?? []).slice(0, 3)).toEqual([
      'Day Effective cost, USD Effective cost, EUR Effective cost, JPY',
      'Nov 7 $100 €7.00 ¥900',
      'Nov 8 $100 - ¥900',
    ]);
  });

  test('needs no variant where there is nothing to draw', () => {
    const { thread: empty } = digestAnnouncement(digestContent(emptyInput()));
    expect(empty.filter(({ plainer }) => plainer !== undefined)).toEqual([]);
  });
});

/** Lines of the list whose title begins so, as text. */
function linesUnder(title: string, { message }: Announcement): string[] {
  return message.blocks.flatMap((block) => {
    const [head = '', ...items] = block.type === 'rich_text' ? linesOf([block]) : [];
    return head.startsWith(title) ? items : [];
  });
}

const long = (length: number) => 'x'.repeat(length);

describe('what moved', () => {
  const services = [
    ['Amazon Elastic Compute Cloud', 'new'],
    ['AWS Data Transfer', 'unexplained'],
    ['Amazon Relational Database Service', 'price'],
    ['Vertex AI', 'commitment'],
    ['Amazon SageMaker Unified Studio', 'one-off'],
    ['Too small to be told', 'quantity'],
  ] as const;
  const byService = services.map(([service], at) => ({
    provider: 'aws',
    service,
    currency: 'USD',
    current: String(2000 - at),
    former: '1000',
  }));
  const rows = services.map(([service, cause], at) =>
    movedOf({
      key: ['aws', service],
      former: '1000',
      current: String(2000 - at),
      difference: String(1000 - at),
      by: [{ cause, amount: String(1000 - at) }],
    }),
  );
  const { movers } = fullInsight();
  const parted = rows.map((row, at) =>
    at === 0
      ? {
          ...row,
          by: [
            { cause: 'new' as const, amount: '600' },
            { cause: 'price' as const, amount: '400' },
          ],
        }
      : row,
  );
  const shown = (insight: ReturnType<typeof fullInsight> | undefined) =>
    linesUnder(
      'What moved',
      digestAnnouncement(digestContent(fullInput({ byService, insight, findings: [], coverage: [] }))),
    );

  test('five services, each with its cause in few words and its whole name', () => {
    expect(shown(fullInsight({ movers: { ...movers, rows } }))).toEqual([
      '+$1,000 Amazon EC2: 3 new resources',
      '+$999 AWS Data Transfer: use or price, not told apart',
      '+$998 Amazon RDS: higher price',
      '+$997 Vertex AI: less commitment cover',
      '+$996 Amazon SageMaker Unified Studio: purchases',
    ]);
  });

  test('where not all fits on a screen, causes are shorter before items are fewer', () => {
    const input = fullInput({ byService, insight: fullInsight({ movers: { ...movers, rows: parted } }) });
    expect(linesUnder('What moved', digestAnnouncement(digestContent(input)))).toEqual([
      '+$1,000 Amazon EC2: 3 new resources',
      '+$999 AWS Data Transfer: use or price, not told apart',
      '+$998 Amazon RDS: higher price',
      '+$997 Vertex AI: less commitment cover',
      '+$996 Amazon SageMaker Unified Studio: purchases',
    ]);
    const roomy = digestAnnouncement(digestContent({ ...input, findings: [], coverage: [] }));
    expect(linesUnder('What moved', roomy)[0]).toBe('+$1,000 Amazon EC2: 3 new resources, $600');
  });

  test('a cause that nobody knows is said to be unknown', () => {
    expect(shown(undefined)[0]).toBe('+$1,000 Amazon EC2: cause unknown');
  });

  test('only a name that two lines do not hold is cut', () => {
    const [first] = byService;
    if (first === undefined) throw new Error('no service');
    const told = (service: string) =>
      linesUnder(
        'What moved',
        digestAnnouncement(digestContent(fullInput({ byService: [{ ...first, service }], findings: [] }))),
      )[0] ?? '';
    expect(told(long(53))).toBe(`+$1,000 ${long(53)}: cause unknown`);
    expect(told(long(54))).toBe(`+$1,000 ${long(52)}…: cause unknown`);
  });
});

test('the thread tells a subject a message, and the dearest thirty findings, ten a message', () => {
  const findings = Array.from({ length: 34 }, () => finding());
  const { thread } = digestAnnouncement(digestContent(fullInput({ findings })));
  expect(thread.map(({ text }) => text)).toEqual([
    'Spend',
    'What moved',
    'Waste, and what became of it',
    'Findings 1 to 10 of 34',
    'Findings 11 to 20 of 34',
    'Findings 21 to 30 of 34',
    'Not seen, and what the numbers mean',
  ]);
});

const id = (input = fullInput()) => digestAnnouncement(digestContent(input)).id;

test('a digest of one period is the same announcement, of another period another one', () => {
  expect(id(fullInput({ now: '2026-11-10T08:00:00Z' }))).toBe(id());
  expect(id(fullInput({ kind: 'day' }))).not.toBe(id());
});
