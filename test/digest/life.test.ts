import { describe, expect, test } from 'vitest';
import { audienceOf } from '../../lib/digest/audience.ts';
import { digestContent } from '../../lib/digest/content.ts';
import type { DigestLife } from '../../lib/digest/model.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { digestText } from '../../lib/digest/text.ts';
import type { SlackBlock } from '../../lib/notices/blocks.ts';
import { emptyInput, finding, fullInput, usd } from './inputs.ts';
import { forecastOf, fullInsight } from './insight-inputs.ts';
import { linesOf } from './said.ts';

const GPU = finding({ resourceName: 'gpu-1', monthlySaving: usd('300'), monthlyCost: usd('300') });
const OTHER = finding({ resourceName: 'gpu-2', monthlySaving: usd('20'), monthlyCost: usd('20') });

const token = (at: number) => `n-${'0'.repeat(25)}${at}.0.abcdef01`;

function life(changes: Partial<DigestLife> = {}): DigestLife {
  return { events: [], decisions: [], notes: [], ...changes };
}

describe('what became of findings', () => {
  const events = [
    { id: 'stopped', at: '2026-11-03T10:00:00Z', finding: GPU },
    { id: 'undone', at: '2026-11-04T10:00:00Z', finding: GPU },
    { id: 'stopped', at: '2026-11-05T10:00:00Z', finding: GPU },
    { id: 'stopped', at: '2026-11-06T10:00:00Z', finding: OTHER },
    { id: 'failed', at: '2026-11-06T11:00:00Z', finding: OTHER },
  ] as const;

  test('each resource once, the newest first, with what it saves', () => {
    const content = digestContent(emptyInput({ life: life({ events }) }));
    expect(content.life.map(({ id, count, amounts, titles }) => [id, count, amounts, titles])).toEqual([
      ['stopped', 2, [usd('320')], ['gpu-2', 'gpu-1']],
      ['undone', 1, [usd('300')], ['gpu-1']],
      ['failed', 1, [usd('20')], ['gpu-2']],
    ]);
    expect(digestText(content)).toContain('  Stopped 2, $320 a month: gpu-2, gpu-1\n');
  });

  test('what saves nothing is counted without an amount', () => {
    const free = finding({ resourceName: 'free', monthlySaving: usd('0'), monthlyCost: usd('90') });
    const undone = [{ id: 'undone', at: '2026-11-04T10:00:00Z', finding: free }] as const;
    const content = digestContent(emptyInput({ life: life({ events: undone }) }));
    expect(content.life).toMatchObject([{ count: 1, amounts: [usd('0')] }]);
    expect(digestText(content)).toContain('  Brought back 1: free\n');
  });

  test('in grace is what was warned of and is not due yet', () => {
    const findings = [
      waiting('2026-11-10T08:00:00Z'),
      waiting('2026-11-09T08:00:00Z'),
      waiting(null),
      waiting('2026-11-10T08:00:00Z', 'DETECTED'),
      waiting('2026-11-10T08:00:00Z', 'SNOOZED'),
    ];
    const [grace, ...more] = digestContent(emptyInput({ findings })).life;
    expect(more).toEqual([]);
    expect(grace).toMatchObject({ id: 'in-grace', count: 1, amounts: [usd('7')] });
  });
});

const buttonsIn = (blocks: readonly SlackBlock[]) =>
  blocks.flatMap((block) =>
    block.type === 'actions'
      ? [
          [
            block.block_id,
            block.elements.map((element) => (element.type === 'button' ? element.action_id : '')),
          ],
        ]
      : [],
  );

describe('decisions', () => {
  const decisions = [
    { kind: 'repair', finding: OTHER, since: null, asked: [], press: null },
    {
      kind: 'name-owner',
      finding: finding({ resourceName: 'stray', monthlySaving: null, monthlyCost: usd('90'), owner: null }),
      since: '2026-11-05T09:00:00Z',
      asked: [],
      press: { token: token(1), kind: 'claim', reversible: true },
    },
    {
      kind: 'approve-stop',
      finding: GPU,
      since: '2026-11-06T09:00:00Z',
      asked: ['U0APPROVER'],
      press: { token: token(2), kind: 'approve', reversible: false },
    },
  ] as const;
  const content = digestContent(fullInput({ life: life({ decisions }) }));

  test('the dearest first', () => {
    expect(content.decisions.map(({ kind }) => kind)).toEqual(['approve-stop', 'name-owner', 'repair']);
  });

  test('in Slack the dearest with the buttons of their own messages, all of them with theirs in the thread', () => {
    const { message, thread } = digestAnnouncement(digestContent(emptyInput({ life: life({ decisions }) })));
    const both = [
      [token(2), ['approve', 'refuse']],
      [token(1), ['claim']],
    ];
    expect(buttonsIn(message.blocks)).toEqual(both);
    // What cannot be undone is asked once more.
    const actions = message.blocks.find(({ type }) => type === 'actions');
    expect(actions?.type === 'actions' ? actions.elements[0] : null).toHaveProperty('confirm');
    const lines = linesOf(message.blocks);
    expect(lines).toContain('Decisions needed, 2 of 3');
    expect(lines).toContain('approve stopping gpu-1 $300 a month, asked Nov 6 @U0APPROVER');
    expect(lines.join()).not.toContain('gpu-2');
    const said = thread.find(({ text }) => text === 'Decisions needed');
    expect(buttonsIn(said?.blocks ?? [])).toEqual(both);
    expect(linesOf(said?.blocks ?? [])).toContain('did not work, look at gpu-2 $20.00 a month');
  });

  test('where a screen has no place for two, one stays and its list says of how many', () => {
    const { message } = digestAnnouncement(
      digestContent(fullInput({ life: life({ decisions }), insight: fullInsight() })),
      `r-${'0'.repeat(26)}`,
    );
    const pressed = buttonsIn(message.blocks).slice(0, -1);
    expect(pressed).toEqual([[token(2), ['approve', 'refuse']]]);
    expect(linesOf(message.blocks)).toContain('Decisions needed, 1 of 3');
  });

  test('one token stands in a message once', () => {
    const same = decisions.map((each) => ({ ...each, press: decisions[1].press }));
    const { message } = digestAnnouncement(digestContent(emptyInput({ life: life({ decisions: same }) })));
    expect(message.blocks.filter(({ type }) => type === 'actions')).toHaveLength(1);
  });

  test('in text with when it was asked', () => {
    expect(digestText(content)).toContain('  approve stopping gpu-1: $300 a month, asked Nov 6\n');
  });
});

describe('the month', () => {
  test('is its settled days, and the share of its budget', () => {
    const [month] = digestContent(fullInput({ insight: fullInsight() })).month;
    // Six days of the made series, added up by hand.
    expect(month).toMatchObject({
      currency: 'USD',
      start: '2026-11-01',
      until: '2026-11-07',
      unknownDays: 0,
    });
    expect(month?.spent).toBe('34347.75');
    expect(month?.budget?.percent).toBe('22.9');
  });

  test('a day that is in no bill is counted, and not taken for zero unsaid', () => {
    const settled = [
      { day: '2026-10-31', amount: '999' },
      { day: '2026-11-01', amount: '10.5' },
      { day: '2026-11-02', amount: null },
      { day: '2026-11-03', amount: '-3' },
    ];
    const forecasts = [forecastOf({ settled, budget: null })];
    const content = digestContent(fullInput({ insight: fullInsight({ forecasts }) }));
    expect(content.month).toMatchObject([{ spent: '7.5', unknownDays: 1, budget: null }]);
    expect(digestText(content)).toContain('1 day in no bill');
  });

  test('of which no day has settled is not told', () => {
    const forecasts = [forecastOf({ settled: [{ day: '2026-10-31', amount: '999' }] })];
    expect(digestContent(fullInput({ insight: fullInsight({ forecasts }) })).month).toEqual([]);
  });
});

describe('for whom', () => {
  test('as people write it', () => {
    expect(audienceOf('everyone')).toEqual({ kind: 'everyone' });
    expect(audienceOf('executive')).toEqual({ kind: 'executive' });
    expect(audienceOf(' search ')).toEqual({ kind: 'team', team: 'search' });
    expect(audienceOf('team:executive')).toEqual({ kind: 'team', team: 'executive' });
  });

  test('each is a post of its own', () => {
    const ids = (['everyone', 'executive', 'search', 'a/b'] as const).map(
      (whom) => digestContent(fullInput({ audience: audienceOf(whom) })).id,
    );
    expect(new Set(ids).size).toBe(4);
    expect(ids[0]).toBe(digestContent(fullInput()).id);
    expect(ids[3]).toMatch(/team\/a%2Fb$/);
  });

  test('who leads sees shares, and why one is unknown', () => {
    const content = digestContent(
      fullInput({
        audience: { kind: 'executive' },
        executive: [
          {
            id: 'allocated',
            label: 'Allocated',
            value: { percent: '90.2' },
            note: ['of ', { money: usd('100') }],
            source: 'a test',
          },
          { id: 'unit-cost', label: 'Unit cost', value: null, note: ['no units'], source: 'a test' },
        ],
      }),
    );
    const { message, thread } = digestAnnouncement(content);
    const lines = linesOf(message.blocks);
    expect(lines).toEqual(expect.arrayContaining(['Allocated 90.2%', 'Unit cost unknown (no units)']));
    expect(lines.some((line) => line.startsWith('Waste found'))).toBe(false);
    expect(linesOf(thread[0]?.blocks ?? [])).toContain('Allocated: 90.2% of $100');
    expect(digestText(content)).toMatch(/Allocated +90\.2% +of \$100/);
  });

  test('a team is told of no untagged spend: that is of no team', () => {
    const audience = { kind: 'team', team: 'search' } as const;
    const content = digestContent(emptyInput({ audience }));
    expect(digestText(content)).not.toContain('Untagged');
    expect(digestText(content)).toContain('Acme, search: cloud costs');
  });
});

function waiting(dueAt: string | null, state: 'WARNED' | 'DETECTED' | 'SNOOZED' = 'WARNED') {
  return finding({ state, dueAt, resourceName: `${state} ${dueAt}`, monthlySaving: usd('7') });
}
