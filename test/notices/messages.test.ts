import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { size } from '../../lib/notices/blocks.ts';
import { disownForm, exemptForm } from '../../lib/notices/messages/forms.ts';
import { homeView } from '../../lib/notices/messages/home.ts';
import { explained, listed } from '../../lib/notices/messages/lists.ts';
import { renderNotice, renderReminder } from '../../lib/notices/messages/notice.ts';
import { MOST_ITEMS } from '../../lib/notices/notice.ts';
import { isTooLong, problemsOf, readLimits } from '../counterparts/slack.limits.ts';
import { ATTACKS } from '../digest/attacks.ts';
import { describeWithShared } from '../shared.ts';
import { all, freshPage, PAGE } from './docs.ts';
import { rendered } from './rendered.ts';
import { delivered, item, machine, noticeOf, story } from './story.ts';

const LONG = 'n'.repeat(4000);

/** A notice of `count` resources whose every text is `text`. */
function hostile(text: string, count: number) {
  const stories = Array.from({ length: count }, (_, at) =>
    story(
      machine({
        resourceId: `arn:aws:ec2:us-east-1:111122223333:instance/${at}${text}`,
        resourceName: text,
        region: text,
        reason: text,
        evidence: [{ name: text, value: text, unit: text, window: text, source: text }],
        blindSpots: [text, text],
      }),
    ),
  );
  const items = stories.map((each) =>
    item(each.line().finding.id, { action: text, lost: [text, text], staysBilled: [text], risks: [text] }),
  );
  const notice = noticeOf(items, { more: 9999 });
  for (const each of stories) each.next('2026-11-16T08:00:00.000Z', delivered(notice));
  return { notice, lines: stories.map((each) => each.line()), stories };
}

describeWithShared('every message', () => {
  test.each(
    [...ATTACKS, LONG, '\u{1f4a3}'.repeat(4000), '"'.repeat(4000), '\\'.repeat(4000)].map((text) => [text]),
  )('is within the limits whatever names hold: %#', async (text) => {
    const limits = await readLimits();
    for (const count of [1, 2, MOST_ITEMS]) {
      const { notice, lines, stories } = hostile(text, count);
      for (const kind of ['warning', 'claim', 'approval'] as const) {
        const { blocks, text: summary } = renderNotice({ ...notice, kind }, lines);
        expect(problemsOf(limits, { blocks, text: summary }, true)).toEqual([]);
        expect(isTooLong(blocks)).toBe(false);
        expect(size(blocks)).toBeLessThanOrEqual(10_000);
      }
      const token = { notice: notice.id, index: 0, stage: '01234567' };
      const now = new Date('2026-11-16T08:00:00Z');
      const facts = { paused: true, said: text, at: now.toISOString(), timezone: 'Europe/Berlin' };
      const home = homeView(
        Array.from({ length: 12 }, () => lines.map((line, index) => ({ notice, index, line }))).flat(),
        facts,
      );
      const [first] = stories;
      if (first === undefined || first.record === null) throw new Error('there is one');
      for (const view of [home, exemptForm(token, first.record, now, 180), disownForm(token, first.record)])
        expect(problemsOf(limits, { ...view }, false)).toEqual([]);
      for (const { blocks } of [
        renderReminder(notice, lines, 'last-call'),
        explained(first.record, first.trail, 'Europe/Berlin'),
        listed('Found', Array.from({ length: 60 }, () => lines).flat(), 'Europe/Berlin', 'none'),
      ]) {
        expect(problemsOf(limits, { blocks }, true)).toEqual([]);
        expect(isTooLong(blocks)).toBe(false);
      }
    }
  });
});

describe('what strangers write', () => {
  test('is never markup: every name stands in rich text or plain text alone', () => {
    const { notice, lines } = hostile('<!channel> <@U0EVIL> <https://evil.example|here> *bold*', 2);
    const { blocks } = renderNotice(notice, lines);
    const json = JSON.stringify(blocks);
    expect(json).not.toContain('mrkdwn');
    expect(json).not.toContain('U0EVIL"');
    expect(json).toContain('<!channel>');
  });

  test('never hides, turns or breaks a line', () => {
    const text = 'a\u202egnp.exe\u202c\u2066\u200f\nb\r\nc\u2028d\u0000\u001b[31m';
    const { notice, lines } = hostile(text, 1);
    const shown = rendered(renderNotice(notice, lines).blocks);
    const hidden = new Set(
      '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200f\u2028\u0000\u001b\r',
    );
    expect(Array.from(shown).filter((point) => hidden.has(point))).toEqual([]);
    expect(shown).toContain('agnp.exe b c d');
  });

  test('a reason that somebody typed mentions nobody', () => {
    const told = story(machine());
    const notice = noticeOf([item(told.line().finding.id)]);
    told.next('2026-11-16T08:00:00.000Z', delivered(notice));
    const by = { user: 'U012OWNER', team: 'T012ACME' };
    const reason = '<@U0BOSS> said <!everyone>';
    told.next(
      '2026-11-16T09:00:00.000Z',
      { type: 'exemption-requested', by, until: '2026-12-01T00:00:00.000Z', reason, check: null },
      by,
    );
    const json = JSON.stringify(renderNotice(notice, [told.line()]).blocks);
    expect(json).toContain('"user_id":"U012OWNER"');
    expect(json).not.toContain('"user_id":"U0BOSS"');
  });
});

describe('a warning', () => {
  test('says what it costs, how we know, what happens when, what is lost, what goes on billing, and the risk', () => {
    const text = all()['warning'] ?? '';
    for (const part of [
      '$4,071 a month on the bill; stopping it saves $3,950',
      'every one of 4 GPUs was below 5 % for 168 hours',
      '0.4 percent (CWAgent)',
      'Wed, Nov 18, 2026, 09:00 GMT+1',
      '1 instance-store volume (3.8 TB) is erased',
      '2 EBS volumes (600 GB); 1 Elastic IP address',
      'InsufficientInstanceCapacity',
      'by list price',
      'and 3 more',
    ])
      expect(text).toContain(part);
  });

  test.each([
    [
      'SUSPECTED',
      'One of your resources may be waste',
      'Not proven: ',
      'unless one more look says otherwise: Stop i-0abc',
    ],
    [
      'UNOBSERVED',
      'One of your resources may be waste',
      'Not proven: ',
      'unless one more look says otherwise: Stop i-0abc',
    ],
    [
      'HELD',
      'One of your resources looks like waste',
      'How we know: ',
      '"Stop now" and one more look: Stop i-0abc',
    ],
  ] as const)(
    'of what is %s says what is missing, and that silence leads to nothing',
    (verdict, title, how, stop) => {
      const told = story(machine({ verdict, reason: 'no second signal confirms it' }), undefined, false);
      const notice = noticeOf([item(told.line().finding.id)]);
      told.next('2026-11-16T08:00:00.000Z', delivered(notice, false));
      const message = renderNotice(notice, [told.line()]);
      const text = rendered(message.blocks).replaceAll('*', '');
      expect(message.text).toBe(title);
      expect(text).toContain(`${how}no second signal confirms it`);
      expect(text).toContain('nothing by itself, however long you do not answer: ');
      expect(text).toContain(stop);
      expect(text).toContain('[Stop now]');
      expect(text).not.toContain('not before');
    },
  );

  test('of five resources still says all of it of each', () => {
    const stories = Array.from({ length: 5 }, (_, at) =>
      story(machine({ resourceId: `arn:aws:ec2:us-east-1:111122223333:instance/i-0abcdef012345678${at}` })),
    );
    const notice = noticeOf(stories.map((each) => item(each.line().finding.id)));
    for (const each of stories) each.next('2026-11-16T08:00:00.000Z', delivered(notice));
    const { blocks } = renderNotice(
      notice,
      stories.map((each) => each.line()),
    );
    const text = rendered(blocks);
    for (const part of [
      'for 168 hours',
      'Nov 18',
      '(3.8 TB) is erased',
      '1 Elastic IP address',
      'InsufficientInstanceCapacity',
    ])
      expect(text.split(part).length - 1).toBe(5);
    expect(size(blocks)).toBeLessThanOrEqual(10_000);
  });

  test('of what cannot be undone never threatens with a date', () => {
    const told = story(machine());
    const notice = noticeOf([item(told.line().finding.id, { reversible: false })]);
    told.next('2026-11-16T08:00:00.000Z', delivered(notice));
    const text = rendered(renderNotice(notice, [told.line()]).blocks);
    expect(text).toContain('your silence never leads to it');
    expect(text).not.toContain('not before');
  });

  test('of what has no action says that nothing happens, and has no Stop now', () => {
    const told = story(machine());
    const notice = noticeOf([item(told.line().finding.id, { action: null })]);
    told.next('2026-11-16T08:00:00.000Z', delivered(notice));
    const text = rendered(renderNotice(notice, [told.line()]).blocks);
    expect(text).toContain('nothing by itself');
    expect(text).not.toContain('[Stop now]');
  });

  test('tells dates in any zone that Slack may name, and in UTC where Node does not know it', () => {
    const told = story(machine());
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom('Asia/Kolkata', 'America/St_Johns', 'Mars/Base', ''), fc.string()),
        (timezone) => {
          const notice = noticeOf([item(told.line().finding.id)], { timezone });
          expect(renderNotice(notice, [told.line()]).blocks.length).toBeGreaterThan(2);
        },
      ),
    );
  });
});

test('docs/slack.md shows the messages as they are (node test/notices/write-docs.ts)', async () => {
  const fresh = await freshPage();
  expect(readFileSync(PAGE, 'utf8')).toBe(fresh);
  for (const name of Object.keys(all())) expect(fresh).toContain(`<!-- message: ${name} -->`);
});
