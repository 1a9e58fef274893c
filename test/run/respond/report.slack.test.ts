import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { reportButton } from '../../../lib/notices/messages/report.ts';
import { slackClientOptions } from '../../../lib/notices/slack.ts';
import { slackMembers } from '../../../lib/notices/slack-members.ts';
import { readArchived, rememberArchived, reportId } from '../../../lib/run/archived.ts';
import { trailOf } from '../../../lib/run/trail.ts';
import { disturbSlack, resetSlack } from '../../counterparts/slack.control.ts';
import { seen } from './seen.ts';
import { TEAM, type World, world } from './world.ts';

const slack = inject('slack');
const client = new WebClient(slack.token, { ...slackClientOptions, slackApiUrl: slack.url });
const arranging = new WebClient(`${slack.token}-arranges`, { ...slackClientOptions, slackApiUrl: slack.url });
const ID = reportId('digest/Acme/week/2026-11-08T23:00:00Z');
const KEY = 'week/2026-11-09.html';
const URL_OF = `https://bucket.s3.eu-central-1.amazonaws.com/reports/${KEY}?X-Amz-Signature=0`;

let w: World;
let channel: string;
let asked: string[];

beforeEach(async () => {
  await resetSlack(slack.control);
  asked = [];
  w = await world(
    slack,
    {},
    {
      reports: {
        membership: slackMembers({ client, clock: () => new Date(), budget: 1_500 }),
        link: async (key) => {
          asked.push(key);
          return URL_OF;
        },
        minutes: 10,
      },
    },
  );
  const made = await arranging.conversations.create({
    name: `digest-${Math.random().toString(36).slice(2)}`,
  });
  channel = made.channel?.id ?? '';
  await arranging.conversations.invite({ channel, users: w.owner.user });
  await rememberArchived(w.ledger, { id: ID, key: KEY, channel });
  await resetSlack(slack.control);
});
afterEach(() => w.close());

const { calls, whispered, outcome } = seen(slack.control, () => w);

const press = async (by = w.owner, id = ID) =>
  await w.press(reportButton(id).block_id, 'open-report', by, {
    place: { channel, ts: '1.000001' },
    trigger: await w.trigger(by),
  });
/** What the window says that opens for who sees no whisper. */
const windowed = async () => JSON.stringify((await calls('views.open')).at(-1)?.args['view'] ?? null);
const opened = async () => (await readArchived(w.ledger, ID))?.opened;

describe('the report', () => {
  test('is opened by a member of the channel, with a link that nobody else sees, and it is on record', async () => {
    expect((await press()).status).toBe(200);
    const [shown] = await calls('chat.postEphemeral');
    expect(shown?.args).toMatchObject({ channel, user: w.owner.user });
    expect(JSON.stringify(shown?.args['blocks'])).toContain(JSON.stringify(URL_OF));
    expect(asked).toEqual([KEY]);
    expect(outcome()).toBe('opened');
    expect(await opened()).toEqual([
      {
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        actor: `slack:${TEAM}:${w.owner.user}`,
        runId: expect.stringMatching(/^click-/),
      },
    ]);
    expect(w.log.join('\n')).not.toContain('X-Amz');
    expect(await calls('chat.postMessage')).toEqual([]);
  });

  test('whose tables lie beside it comes with its findings, for as long', async () => {
    await rememberArchived(w.ledger, { id: ID, key: KEY, table: 'week/2026-11-09/findings.csv', channel });
    expect((await press()).status).toBe(200);
    expect(asked.toSorted()).toEqual([KEY, 'week/2026-11-09/findings.csv'].toSorted());
    const [shown] = await calls('chat.postEphemeral');
    expect(JSON.stringify(shown?.args['blocks'])).toContain('Findings as CSV');
    expect(await opened()).toHaveLength(1);
  });

  test('that is published again keeps who opened it', async () => {
    await press();
    await rememberArchived(w.ledger, { id: ID, key: 'week/2026-11-16.html', channel });
    expect(await readArchived(w.ledger, ID)).toMatchObject({
      key: 'week/2026-11-16.html',
      opened: [{ actor: `slack:${TEAM}:${w.owner.user}` }],
    });
    expect(await trailOf(w.ledger, ID)).toMatchObject([{ reportId: ID }]);
  });

  test('is not opened by who is in the workspace and not in the channel', async () => {
    await press(w.other);
    expect(await windowed()).toContain('Only members of the channel');
    expect(asked).toEqual([]);
    expect(await opened()).toEqual([]);
    expect(outcome()).toBe('refused');
  });

  test('is not opened by who has left the channel since', async () => {
    await press();
    await arranging.conversations.kick({ channel, user: w.owner.user });
    await press();
    expect(await windowed()).toContain('Only members of the channel');
    expect(asked).toEqual([KEY]);
  });

  test.each([
    [{ is_restricted: true }, 'is a guest'],
    [{ deleted: true }, 'is deactivated'],
    [{ team_id: 'T999999999' }, 'another workspace'],
  ])('is not opened by a person with %j', async (members, why) => {
    // What was known of a person holds for a day.
    w.later(25 * 3600_000);
    await disturbSlack(slack.control, 'users.info', { kind: 'with', key: 'user', members });
    await press();
    expect(await whispered()).toContain(why);
    expect(asked).toEqual([]);
    expect(await opened()).toEqual([]);
  });

  test.each([
    ['conversations.members', { kind: 'error', error: 'missing_scope' }, 'does not say whether you are'],
    ['conversations.members', { kind: 'status', status: 503 }, 'does not say whether you are'],
    ['conversations.info', { kind: 'error', error: 'missing_scope' }, 'shared with another organisation'],
    [
      'conversations.info',
      { kind: 'with', key: 'channel', members: { is_ext_shared: true } },
      'shared with another organisation',
    ],
  ] as const)('is not opened where %s answers %j', async (method, disturbance, why) => {
    await disturbSlack(slack.control, method, disturbance, 9);
    await press();
    expect(await whispered()).toContain(why);
    expect(asked).toEqual([]);
    expect(await opened()).toEqual([]);
  });

  test('that was never posted is not known', async () => {
    await press(w.owner, reportId('digest/Other'));
    expect(await whispered()).toContain('does not know this report');
  });

  test('is not given in a window where Slack does not show the link', async () => {
    await disturbSlack(slack.control, 'chat.postEphemeral', { kind: 'error', error: 'internal_error' }, 9);
    await press();
    expect(await windowed()).toContain('Slack did not show the link');
    expect(await windowed()).not.toContain('https://');
  });

  test('is not given where who asks for it cannot be written down', async () => {
    let away = false;
    await w.close();
    const { reports } = w.parts;
    w = await world(
      slack,
      {
        onCall: ({ operation, phase, about }) => {
          if (away && operation === 'putDoc' && phase === 'before' && about.includes(`report/${ID}`))
            throw new Error('the table is away');
        },
      },
      { reports },
    );
    await rememberArchived(w.ledger, { id: ID, key: KEY, channel });
    away = true;
    await press();
    expect(await whispered()).toContain('Nothing was changed');
    expect(asked).toEqual([]);
  });
});

test('where there is no archive, that is what is said', async () => {
  await w.close();
  w = await world(slack);
  await rememberArchived(w.ledger, { id: ID, key: KEY, channel });
  await press();
  expect(await whispered()).toContain('only where Bursar is deployed');
});

test('the press of the link itself asks for nothing', async () => {
  const response = await w.press(ID, 'opened', w.owner, { place: { channel, ts: '1.000001' } });
  expect(response.status).toBe(200);
  expect(await calls('chat.postEphemeral')).toEqual([]);
  expect(await opened()).toEqual([]);
});

test('members are read to the last page', async () => {
  const membership = slackMembers({ client, clock: () => new Date(), budget: 200 });
  const more = { kind: 'with', key: 'response_metadata', members: { next_cursor: 'bmV4dA==' } } as const;
  await disturbSlack(slack.control, 'conversations.members', more);
  expect(await membership(channel, 'U0NOBODY')).toBe('no member');
  expect((await calls('conversations.members')).map(({ args }) => args['cursor'])).toEqual([
    undefined,
    'bmV4dA==',
  ]);
  await disturbSlack(slack.control, 'conversations.members', more, 100_000);
  expect(await membership(channel, w.owner.user)).toBe('member');
  expect(await calls('conversations.members')).toHaveLength(3);
  expect(await membership(channel, 'U0NOBODY')).toBe('unknown');
});
