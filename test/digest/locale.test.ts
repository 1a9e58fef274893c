import { describe, expect, test } from 'vitest';
import { digestContent } from '../../lib/digest/content.ts';
import { digestEmail } from '../../lib/digest/email.ts';
import { digestFormat } from '../../lib/digest/format.ts';
import { digestHtml } from '../../lib/digest/html.ts';
import { digestAnnouncement } from '../../lib/digest/slack.ts';
import { digestText } from '../../lib/digest/text.ts';
import { problemsOf, readLimits } from '../counterparts/slack.limits.ts';
import { describeWithShared } from '../shared.ts';
import { emptyInput, finding, fullInput } from './inputs.ts';

const shown = (changes: Parameters<typeof fullInput>[0]) => {
  const content = digestContent(fullInput(changes));
  return [
    digestText(content),
    JSON.stringify(digestAnnouncement(content)),
    digestEmail(content),
    digestHtml(content),
  ] as const;
};

const yen = (current: string) => ({
  organisation: { name: 'Acme', timezone: 'Asia/Tokyo', currency: 'JPY' },
  spend: [{ currency: 'JPY', current, former: '900000', estimated: false }],
  daily: [
    { day: '2026-11-07', currency: 'JPY', effective: '1200.5' },
    { day: '2026-11-08', currency: 'JPY', effective: '-300' },
  ],
  byService: [],
  tagging: [],
  findings: [],
  resolved: [],
  commitments: [],
});

describe('in the language of the reader', () => {
  test.each([
    ['en-US', '$46,211', '+21.2%', 'Nov 2\u2009–\u20098, 2026'],
    ['de-DE', '46.211\u00a0$', '+21,2\u00a0%', '02.–08.11.2026'],
    ['fr-FR', '46\u202f211\u00a0$US', /\+21,2.%/, '2–8 nov. 2026'],
    ['ja-JP', '$46,211', '+21.2%', '2026/11/02～2026/11/08'],
    ['en-IN', '$46,211', '+21.2%', '2–8 Nov 2026'],
  ])('%s', (locale, money, percent, period) => {
    for (const each of shown({ locale })) {
      expect(each).toContain(money);
      expect(each).toMatch(percent instanceof RegExp ? percent : new RegExp(percent.replace('+', '\\+')));
      expect(each).toContain(period);
    }
  });

  test('digits of another script', () => {
    const format = digestFormat('UTC', 'ar-EG');
    expect(format.money({ amount: '1234.5', currency: 'EGP' })).toContain('١٬٢٣٤');
  });
});

describe('amounts that are not dollars above zero', () => {
  test('a currency without decimals has none', () => {
    for (const each of shown(yen('1234567.4'))) {
      expect(each).toContain('¥1,234,567');
      expect(each).not.toMatch(/¥[\d,]+\.\d/);
    }
  });

  test('a week of credits is a negative total, and its percentage is of what was before', () => {
    const [text, slack, email] = shown(yen('-45000'));
    expect(text).toContain('-¥45,000');
    expect(slack).toContain('"-¥45,000","style":{"bold":true}},{"type":"text","text":" (-105%)');
    expect(email).toContain('-¥45,000');
  });

  test('a missing week is nothing to compare with, and no change', () => {
    const missing = yen('10');
    const [spend] = missing.spend;
    if (spend === undefined) throw new Error('no spend');
    const [text, slack] = shown({ ...missing, spend: [{ ...spend, former: null }] });
    expect(text).toContain('nothing to compare with');
    expect(slack).toContain('"¥10","style":{"bold":true}},{"type":"text","text":" nothing to compare with');
    expect(digestContent(fullInput({ ...missing, spend: [{ ...spend, former: null }] })).movers).toEqual([]);
  });
});

describeWithShared('companies of any size stay within a message', () => {
  test.each([
    ['nothing at all', emptyInput()],
    [
      'one account with one service',
      emptyInput({
        asOf: '2026-11-09T00:00:00Z',
        spend: [{ currency: 'USD', current: '0.01', former: '0', estimated: false }],
        byService: [
          { provider: 'aws', service: 'Amazon EC2', currency: 'USD', current: '0.01', former: '0' },
        ],
      }),
    ],
    [
      'names of 300 characters',
      fullInput({
        organisation: { name: 'ö'.repeat(300), timezone: 'UTC', currency: 'USD' },
        findings: Array.from({ length: 40 }, () =>
          finding({
            resourceName: 'שלום '.repeat(60),
            reason: 'م'.repeat(300),
            owner: { id: 'x'.repeat(300), source: 'tag', confidence: 'high' },
          }),
        ),
      }),
    ],
    [
      '2,000 teams that each own something',
      fullInput({
        findings: Array.from({ length: 2000 }, (_, at) =>
          finding({ owner: { id: `team-${at}@acme.example`, source: 'tag', confidence: 'high' } }),
        ),
      }),
    ],
  ])('%s', async (_, input) => {
    const limits = await readLimits();
    const { message, thread } = digestAnnouncement(digestContent(input));
    expect(message.blocks.length).toBeLessThanOrEqual(15);
    const all = [message, ...thread].flatMap((said) => [said, said.plainer ?? said]);
    for (const each of all) {
      expect(problemsOf(limits, { blocks: each.blocks }, true)).toEqual([]);
      expect(JSON.stringify(each.blocks).length).toBeLessThan(10_000);
    }
  });
});
