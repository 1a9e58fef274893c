import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import type { Announcement } from '../../lib/notices/model.ts';
import { reportId } from '../../lib/run/archived.ts';
import { isTooLong, problemsOf, readLimits } from '../counterparts/slack.limits.ts';
import { describeWithShared } from '../shared.ts';
import { anyInput, anyInsight } from './arbitrary.ts';
import { emptyInput, finding, fullInput } from './inputs.ts';
import { fullInsight, movedOf } from './insight-inputs.ts';

const REPORT = reportId('digest/of the tests');

function messages({ message, plainer, thread }: Announcement) {
  return [message, ...(plainer === null ? [] : [plainer]), ...thread];
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

describe('the chart', () => {
  const { message, plainer } = digestAnnouncement(digestContent(fullInput()));

  test('shows the last 20 days of the leading currency in numbers', () => {
    const chart = message.blocks.find((block) => block.type === 'data_visualization');
    expect(chart?.chart.axis_config.categories).toHaveLength(20);
    expect(chart?.chart.axis_config.categories.at(-1)).toBe('Nov 8');
    expect(chart?.chart.series.map(({ name, data }) => [name, data.length, data.at(-1)])).toEqual([
      ['USD', 20, { label: 'Nov 8', value: 5701.37 }],
    ]);
  });

  test('gives way to a table of a week where a workspace does not know it', () => {
    expect(plainer?.blocks.some(({ type }) => type === 'data_visualization')).toBe(false);
    const table = plainer?.blocks.find((block) => block.type === 'table');
    expect(table?.rows.map((row) => row.map(({ text }) => text))).toEqual([
      ['Day', 'Effective cost'],
      ['Nov 2', '$5,673'],
      ['Nov 3', '$6,286'],
      ['Nov 4', '$7,449'],
      ['Nov 5', '$7,162'],
      ['Nov 6', '$6,875'],
      ['Nov 7', '$5,988'],
      ['Nov 8', '$5,701'],
    ]);
    expect(plainer?.blocks.length).toBe(message.blocks.length);
  });

  test('needs no variant where there is nothing to draw', () => {
    expect(digestAnnouncement(digestContent(emptyInput())).plainer).toBeNull();
  });
});

const textOf = (runs: readonly object[]) =>
  runs.map((run) => ('text' in run ? String(run.text) : '')).join('');

/** Lines of the list under a title, as text. */
function linesUnder(title: string, { message }: Announcement): string[] {
  for (const block of message.blocks) {
    if (block.type !== 'rich_text') continue;
    const [head, list] = block.elements;
    if (head?.type !== 'rich_text_section' || list?.type !== 'rich_text_list') continue;
    if (textOf(head.elements) === title) return list.elements.map(({ elements }) => textOf(elements));
  }
  return [];
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
  const shown = (insight: ReturnType<typeof fullInsight> | undefined) =>
    linesUnder('What moved', digestAnnouncement(digestContent(fullInput({ byService, insight }))));

  test('five services, each with its cause in few words and its whole name', () => {
    expect(shown(fullInsight({ movers: { ...movers, rows } }))).toEqual([
      '+$1,000 Amazon EC2: 3 new resources',
      '+$999 AWS Data Transfer: use or price',
      '+$998 Amazon RDS: higher price',
      '+$997 Vertex AI: less commitment cover',
      '+$996 Amazon SageMaker Unified Studio: purchases',
    ]);
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
        digestAnnouncement(digestContent(fullInput({ byService: [{ ...first, service }] }))),
      )[0] ?? '';
    expect(told(long(39))).toBe(`+$1,000 ${long(39)}: cause unknown`);
    expect(told(long(40))).toBe(`+$1,000 ${long(38)}…: cause unknown`);
  });
});

test('the thread tells a subject a message, and the dearest thirty findings, ten a message', () => {
  const findings = Array.from({ length: 34 }, () => finding());
  const { thread } = digestAnnouncement(digestContent(fullInput({ findings })));
  expect(thread.map(({ text }) => text)).toEqual([
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
