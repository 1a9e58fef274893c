/**
 * Time from a click to its answer, stored and told: `node test/run/respond/clicks-bench.ts [COUNT]`. Over sockets,
 * against the emulated Slack and the ledger of a laptop.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { findingId } from '../../../lib/ledger/finding.ts';
import { sqliteLedger } from '../../../lib/ledger/sqlite.ts';
import { stepOf } from '../../../lib/ledger/step.ts';
import { writeToken } from '../../../lib/notices/messages/buttons.ts';
import { saveNotice, stageOf } from '../../../lib/notices/notice.ts';
import { slackVerifier } from '../../../lib/notices/signature.ts';
import { slackClientOptions } from '../../../lib/notices/slack.ts';
import { slackMessenger } from '../../../lib/notices/slack-messenger.ts';
import { said } from '../../../lib/run/respond/say.ts';
import { serveClicks } from '../../../lib/run/respond/server.ts';
import { startSlack } from '../../counterparts/slack.ts';
import { item, machine, noticeOf } from '../../notices/story.ts';
import { APP_ID, SECRET, sign, TEAM } from './world.ts';

const count = Number(process.argv[2] ?? 1000);
const slack = await startSlack();
const folder = await mkdtemp(join(tmpdir(), 'bursar-clicks-'));
const ledger = sqliteLedger(join(folder, 'ledger.sqlite'));
const clock = () => new Date();
const client = new WebClient(slack.access.token, { ...slackClientOptions, slackApiUrl: slack.access.url });
const answerer = slackMessenger({ client, store: ledger, team: TEAM, clock, spacing: 0 });
const found = await answerer.lookup('owner@example.com');
if (!found.ok) throw new Error(found.reason);
const { person } = found.known;
const place = await answerer.deliver('bench', { user: person.user }, said('a warning'));
if (!place.ok) throw new Error(place.reason);
const server = await serveClicks(
  {
    ledger,
    answerer,
    verify: slackVerifier([SECRET]),
    app: { team: TEAM, appId: APP_ID },
    admins: [],
    approvers: [],
    nextOf: () => null,
    mostSnoozes: 3,
    mostExemptDays: 90,
    reports: null,
    timezone: 'UTC',
    log: { info: () => undefined, error: (_message, error) => process.stderr.write(`${String(error)}\n`) },
    clock,
  },
  0,
);
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('the server got no port');

const recipient = { kind: 'owner', id: 'owner@example.com', person, source: 'tag owner' } as const;
const times: number[] = [];
for (let at = 0; at < count; at += 1) {
  const judged = machine({ resourceId: `arn:aws:ec2:us-east-1:111122223333:instance/i-${at}` });
  const id = findingId(judged.check, judged.provider, judged.resourceId);
  const notice = noticeOf([item(id)], { id: `n-${String(at).padStart(26, '0')}`, recipient, place });
  await saveNotice(ledger, notice);
  const policy = { mode: 'stop', rule: 'policy 1', grace: '48h' } as const;
  const judgedEvent = {
    type: 'judged',
    judgement: judged,
    policy,
    actionable: true,
    recipient,
    hold: null,
  } as const;
  const { channel, ts } = place;
  const deliveredAt = clock().toISOString();
  const told = { id: notice.id, recipient, channel, ts, deliveredAt, reminded: false, lastCalled: false };
  const dueAt = new Date(Date.now() + 48 * 3600_000).toISOString();
  const fingerprint = { launch: null, parent: null };
  for (const event of [
    judgedEvent,
    judgedEvent,
    { type: 'delivered', notice: told, fingerprint, dueAt } as const,
  ]) {
    const step = stepOf(await ledger.get(id), event, clock(), { actor: 'bench', runId: 'bench' });
    if (step.write !== null) await ledger.put(step.write.record, step.write.expected, step.write.audit);
  }
  const record = await ledger.get(id);
  if (record === null) throw new Error('no finding');
  const body = new URLSearchParams({
    payload: JSON.stringify({
      type: 'block_actions',
      api_app_id: APP_ID,
      team: { id: TEAM },
      user: { id: person.user, team_id: TEAM },
      container: { type: 'message', channel_id: channel, message_ts: ts },
      actions: [
        {
          action_id: 'acknowledge',
          block_id: writeToken({ notice: notice.id, index: 0, stage: stageOf(record) }),
        },
      ],
    }),
  }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': sign(body, timestamp),
  };
  const begun = performance.now();
  const response = await fetch(`http://127.0.0.1:${address.port}/`, { method: 'POST', headers, body });
  await response.text();
  times.push(performance.now() - begun);
  const after = await ledger.get(id);
  if (response.status !== 200 || after?.finding.state !== 'ACKNOWLEDGED')
    throw new Error('a click was not stored');
}
const sorted = times.slice(Math.min(20, count - 1)).toSorted((a, b) => a - b);
const at = (share: number) =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
process.stdout.write(
  `${count} clicks, ms to the answer: median ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)}\n`,
);
server.closeAllConnections();
await new Promise<void>((done) => {
  server.close(() => done());
});
await ledger.close();
await slack.stop();
await rm(folder, { recursive: true });
