import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exemptForm } from '../../lib/notices/messages/forms.ts';
import { homeView } from '../../lib/notices/messages/home.ts';
import { explained } from '../../lib/notices/messages/lists.ts';
import { renderNotice, renderReminder } from '../../lib/notices/messages/notice.ts';
import { alertMessages } from './alerts.ts';
import { rendered } from './rendered.ts';
import { APPROVER, delivered, item, machine, noticeOf, OWNER, story, TO_CHANNEL } from './story.ts';

export const PAGE = join(import.meta.dirname, '../../docs/slack.md');

/** The page with every block between `<!-- NAME -->` and `<!-- end -->` made anew. */
export async function freshPage(): Promise<string> {
  const page = await readFile(PAGE, 'utf8');
  const messages = { ...all(), ...alertMessages() };
  return page.replace(/<!-- message: ([a-z-]+) -->\n[\s\S]*?<!-- end -->/g, (_whole, name: string) => {
    const text = messages[name];
    if (text === undefined) throw new Error(`docs/slack.md names a message that there is not: ${name}`);
    return `<!-- message: ${name} -->\n\`\`\`text\n${text}\n\`\`\`\n<!-- end -->`;
  });
}

/** Every message of the page, from the blocks that Slack gets. */
export function all(): Readonly<Record<string, string>> {
  const first = story(machine());
  const second = story(
    machine({
      resourceId: 'arn:aws:ec2:us-east-1:111122223333:instance/i-0def',
      resourceName: null,
      costBasis: 'list-estimate',
      blindSpots: [],
    }),
  );
  const id = first.line().finding.id;
  const other = item(second.line().finding.id, {
    lost: [],
    risks: [],
    staysBilled: ['1 EBS volume (100 GB)'],
  });
  const notice = noticeOf([item(id), other], { more: 3 });
  for (const each of [first, second]) each.next('2026-11-16T08:00:00.000Z', delivered(notice));
  const lines = () => [first.line(), second.line()];
  const told: Record<string, string> = {};
  const message = () => rendered(renderNotice(notice, lines()).blocks);
  told['warning'] = message();
  told['reminder'] = rendered(renderReminder(notice, lines(), 'reminder').blocks);
  told['last-call'] = rendered(renderReminder(notice, lines(), 'last-call').blocks);
  told['home'] = rendered(
    homeView(
      lines().map((line, index) => ({ notice, index, line })),
      { paused: true, said: '', at: '2026-11-16T08:00:00.000Z', timezone: 'Europe/Berlin' },
    ).blocks,
  );

  const asked = story(machine()).next('2026-11-16T08:00:00.000Z', delivered(notice));
  const token = { notice: notice.id, index: 0, stage: '01234567' };
  told['exemption-form'] = rendered(
    exemptForm(token, asked.line(), new Date('2026-11-16T09:00:00Z'), 180).blocks,
  );
  asked.next(
    '2026-11-16T09:00:00.000Z',
    {
      type: 'exemption-requested',
      by: OWNER,
      until: '2026-12-16T23:59:59.000Z',
      reason: 'A demo for customers',
      check: null,
    },
    OWNER,
  );
  const request = { at: '2026-11-16T09:00:00.000Z', by: OWNER };
  const approval = noticeOf([item(id)], { kind: 'approval', request });
  told['approval'] = rendered(renderNotice(approval, [asked.line()]).blocks);

  second.next(
    '2026-11-16T09:30:00.000Z',
    { type: 'snoozed', by: OWNER, until: '2026-11-23T09:30:00.000Z', most: 3 },
    OWNER,
  );
  told['kept'] = message();
  const stop = {
    kind: 'stop',
    action: 'aws.ec2.stop',
    plan: {},
    undoPlan: {},
    at: '2026-11-18T08:05:00.000Z',
    attempt: 1,
  } as const;
  const fingerprint = { launch: '2026-11-02T06:00:00.000Z', parent: null };
  first
    .next('2026-11-18T08:05:00.000Z', {
      type: 'checked',
      fresh: { kind: 'waste', judgement: machine(), fingerprint },
      reversible: true,
      guard: null,
      intent: stop,
    })
    .next('2026-11-18T08:06:00.000Z', {
      type: 'stop-done',
      at: '2026-11-18T08:06:00.000Z',
      estimated: { amount: '3950.12', currency: 'USD' },
    });
  told['stopped'] = message();
  first.next('2026-11-18T10:00:00.000Z', { type: 'undo-requested', by: OWNER }, OWNER);
  told['undo'] = message();
  told['explain'] = rendered(explained(first.record ?? never(), first.trail, 'Europe/Berlin').blocks);

  const doubted = story(
    machine({
      verdict: 'SUSPECTED',
      confidence: 'medium',
      monthlySaving: null,
      reason:
        'no device passed 2% within the window, but no second signal (power at rest or no requests) confirms it',
    }),
    undefined,
    false,
  );
  const unproven = noticeOf([item(id, { lost: [], risks: [] })]);
  doubted.next('2026-11-16T08:00:00.000Z', delivered(unproven, false));
  told['unproven'] = rendered(renderNotice(unproven, [doubted.line()]).blocks);

  const orphan = story(machine({ owner: null }), TO_CHANNEL);
  const claim = noticeOf([item(id)], { kind: 'claim', recipient: TO_CHANNEL });
  orphan.next('2026-11-16T08:00:00.000Z', delivered(claim));
  told['claim'] = rendered(renderNotice(claim, [orphan.line()]).blocks);
  orphan.next(
    '2026-11-16T12:00:00.000Z',
    { type: 'claimed', by: { kind: 'owner', id: APPROVER.user, person: APPROVER, source: 'claimed' } },
    APPROVER,
  );
  told['claimed'] = rendered(renderNotice(claim, [orphan.line()]).blocks);
  return told;
}

function never(): never {
  throw new Error('nothing has happened');
}
