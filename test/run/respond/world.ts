import { createHmac } from 'node:crypto';
import { WebClient } from '@slack/web-api';
import type { Judgement } from '../../../lib/checks/model.ts';
import { findingId } from '../../../lib/ledger/finding.ts';
import type { LedgerEvent, Person, Recipient } from '../../../lib/ledger/life.ts';
import type { FindingRecord } from '../../../lib/ledger/model.ts';
import { stepOf } from '../../../lib/ledger/step.ts';
import { writeToken } from '../../../lib/notices/messages/buttons.ts';
import { renderNotice } from '../../../lib/notices/messages/notice.ts';
import {
  type NoticeDoc,
  type NoticeItem,
  noticeId,
  saveNotice,
  stageOf,
} from '../../../lib/notices/notice.ts';
import { slackVerifier } from '../../../lib/notices/signature.ts';
import { slackClientOptions } from '../../../lib/notices/slack.ts';
import { slackMessenger } from '../../../lib/notices/slack-messenger.ts';
import { jsonLog } from '../../../lib/platform/log.ts';
import { linesOf } from '../../../lib/run/respond/effects.ts';
import type { RespondParts } from '../../../lib/run/respond/model.ts';
import { nextRecipient } from '../../../lib/run/respond/next.ts';
import { serveClicks } from '../../../lib/run/respond/server.ts';
import type { SlackAccess } from '../../counterparts/provided.ts';
import { judgement } from '../../ledger/fixtures.ts';
import { type MemoryLedger, type MemoryOptions, memoryLedger } from '../../ledger/memory.ts';

export const SECRET = 'signing-secret-of-the-tests';
export const TEAM = 'T000000001';
export const APP_ID = 'A0BURSAR';
export const CHANNEL = 'C000000001';

export interface Warned {
  readonly id: string;
  readonly notice: NoticeDoc;
  readonly index: number;
}

export interface World {
  readonly ledger: MemoryLedger;
  readonly parts: RespondParts;
  readonly owner: Person;
  readonly other: Person;
  readonly approver: Person;
  readonly log: string[];
  readonly url: string;
  now(): Date;
  later(milliseconds: number): void;
  person(email: string): Promise<Person>;
  /** Findings warned of in one message, over Slack. */
  warn(judgements: readonly Judgement[], changes?: Partial<NoticeItem>, to?: Recipient): Promise<Warned[]>;
  step(id: string, event: LedgerEvent): Promise<FindingRecord>;
  record(id: string): Promise<FindingRecord>;
  token(of: Warned): Promise<string>;
  press(of: Warned | string, action: string, by: Person, more?: Pressing): Promise<Response>;
  send(payload: unknown): Promise<Response>;
  command(text: string, by: Person): Promise<Response>;
  post(body: Uint8Array | string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  trigger(by: Person): Promise<string>;
  close(): Promise<void>;
}

export interface Pressing {
  readonly choice?: string;
  readonly trigger?: string;
  readonly place?: { readonly channel: string; readonly ts: string } | null;
  readonly team?: string;
}

export function sign(body: Uint8Array | string, timestamp: string, secret = SECRET): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}

/** The click handler on a socket, over a ledger in memory and the emulated Slack. */
export async function world(
  slack: SlackAccess,
  options: MemoryOptions = {},
  instead: Partial<RespondParts> = {},
): Promise<World> {
  const ledger = memoryLedger(options);
  const client = new WebClient(slack.token, { ...slackClientOptions, slackApiUrl: slack.url });
  let offset = 0;
  const clock = () => new Date(Date.now() + offset);
  const log: string[] = [];
  const answerer = slackMessenger({ client, store: ledger, team: TEAM, clock, spacing: 0, budget: 1_500 });
  const person = async (email: string): Promise<Person> => {
    const found = await answerer.lookup(email);
    if (!found.ok) throw new Error(found.reason);
    return found.known.person;
  };
  const owner = await person('owner@example.com');
  const other = await person('other@example.com');
  const approver = await person('approver@example.com');
  const parts: RespondParts = {
    ledger,
    answerer,
    verify: slackVerifier([SECRET]),
    app: { team: TEAM, appId: APP_ID },
    admins: [approver.user],
    approvers: [approver.user],
    nextOf: nextRecipient({ accounts: { '111122223333': 'other@example.com' }, channel: '#finops' }),
    mostSnoozes: 2,
    mostExemptDays: 90,
    reports: null,
    timezone: 'Europe/Berlin',
    log: jsonLog((line) => void log.push(line), clock),
    clock,
    ...instead,
  };
  const server = await serveClicks(parts, 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server got no port');
  const url = `http://127.0.0.1:${address.port}/`;

  const record = async (id: string): Promise<FindingRecord> => {
    const found = await ledger.get(id);
    if (found === null) throw new Error(`no finding ${id}`);
    return found;
  };
  const step = async (id: string, event: LedgerEvent): Promise<FindingRecord> => {
    const taken = stepOf(await ledger.get(id), event, clock(), { actor: 'test', runId: 'run' });
    if (taken.write !== null) await ledger.put(taken.write.record, taken.write.expected, taken.write.audit);
    return await record(id);
  };

  const warn: World['warn'] = async (judgements, changes = {}, to) => {
    const recipient: Recipient = to ?? {
      kind: 'owner',
      id: 'owner@example.com',
      person: owner,
      source: 'tag owner',
    };
    const ids = judgements.map((each) => findingId(each.check, each.provider, each.resourceId));
    for (const [at, judged] of judgements.entries()) {
      const policy = {
        mode: 'stop',
        rule: 'policy 1 (check idle-gpu, mode stop) matches first',
        grace: '48h',
      } as const;
      const event = {
        type: 'judged',
        judgement: judged,
        policy,
        actionable: true,
        recipient,
        hold: null,
      } as const;
      await step(ids[at] ?? '', event);
      await step(ids[at] ?? '', event);
    }
    const notice: NoticeDoc = {
      schemaVersion: 1,
      id: noticeId('warning', recipient.id, ...ids, clock().toISOString()),
      kind: recipient.kind === 'owner' ? 'warning' : 'claim',
      recipient,
      timezone: 'Europe/Berlin',
      items: ids.map((id) => ({ ...ITEM, findingId: id, ...changes })),
      more: 0,
      request: null,
      place: null,
      createdAt: clock().toISOString(),
    };
    await saveNotice(ledger, notice);
    const whom = recipient.person === null ? { channel: recipient.id } : { user: recipient.person.user };
    const sent = await answerer.deliver(notice.id, whom, renderNotice(notice, await linesOf(ledger, notice)));
    if (!sent.ok) throw new Error(sent.reason);
    const kept = { ...notice, place: { channel: sent.channel, ts: sent.ts } };
    await saveNotice(ledger, kept);
    const deliveredAt = clock().toISOString();
    const dueAt = new Date(clock().getTime() + 48 * 3600_000).toISOString();
    for (const id of ids)
      await step(id, {
        type: 'delivered',
        notice: { id: notice.id, recipient, ...kept.place, deliveredAt, reminded: false, lastCalled: false },
        fingerprint: { launch: '2026-03-01T06:00:00.000Z', parent: null },
        dueAt: recipient.kind === 'owner' && kept.items[0]?.reversible === true ? dueAt : null,
      });
    return ids.map((id, index) => ({ id, notice: kept, index }));
  };

  const post: World['post'] = async (body, headers = {}) => {
    const timestamp = String(Math.floor(clock().getTime() / 1000));
    const bytes = Buffer.from(body);
    return await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': sign(bytes, timestamp),
        ...headers,
      },
      body: bytes,
    });
  };
  const send: World['send'] = (payload) =>
    post(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
  const token: World['token'] = async ({ id, notice, index }) =>
    writeToken({ notice: notice.id, index, stage: stageOf(await record(id)) });

  return {
    ledger,
    parts,
    owner,
    other,
    approver,
    log,
    url,
    now: clock,
    later: (milliseconds) => void (offset += milliseconds),
    person,
    warn,
    step,
    record,
    token,
    async press(of, action, by, more = {}) {
      const place =
        more.place === undefined && typeof of !== 'string' ? of.notice.place : (more.place ?? null);
      return await send({
        type: 'block_actions',
        api_app_id: APP_ID,
        team: { id: TEAM },
        user: { id: by.user, team_id: more.team ?? TEAM },
        container:
          place === null
            ? { type: 'view' }
            : { type: 'message', channel_id: place.channel, message_ts: place.ts },
        trigger_id: more.trigger ?? '',
        response_url: 'https://hooks.slack.com/actions/T0/secret-response-url',
        actions: [
          {
            action_id: action,
            block_id: typeof of === 'string' ? of : await token(of),
            action_ts: String(Math.random()),
            ...(more.choice === undefined ? {} : { selected_option: { value: more.choice } }),
          },
        ],
      });
    },
    send,
    command: (text, by) =>
      post(
        new URLSearchParams({
          command: '/bursar',
          text,
          team_id: TEAM,
          api_app_id: APP_ID,
          user_id: by.user,
          channel_id: CHANNEL,
          trigger_id: String(Math.random()),
          response_url: 'https://hooks.slack.com/commands/T0/secret-response-url',
        }).toString(),
      ),
    post,
    async trigger(by) {
      const answer = await client.apiCall('views.generateTriggerId', { user_id: by.user });
      return 'trigger_id' in answer ? String(answer['trigger_id']) : '';
    },
    async close() {
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}

const ITEM: Omit<NoticeItem, 'findingId'> = {
  action: 'Stop i-0abc (g4dn.xlarge); undo starts it again.',
  reversible: true,
  lost: ['1 instance-store volume (125 GB) is erased'],
  staysBilled: ['2 EBS volumes, 300 GB'],
  risks: ['g4dn.xlarge is scarce: a start may fail with InsufficientInstanceCapacity'],
};

/** The nth resource, each of its own. */
export function machine(n: number, more: Partial<Judgement> = {}): Judgement {
  return judgement({
    resourceId: `arn:aws:ec2:us-east-1:111122223333:instance/i-${n}`,
    resourceName: `trainer-${n}`,
    ...more,
  });
}
