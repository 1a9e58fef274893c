import { WebClient } from '@slack/web-api';
import { expect, inject, test } from 'vitest';
import { slackClientOptions, slackPoster } from '../../lib/notices/slack.ts';
import { readArchived, reportId } from '../../lib/run/archived.ts';
import { publish } from '../../lib/run/publish.ts';
import { wholeAudit } from '../../lib/run/whole.ts';
import { disturbSlack, resetSlack, slackCalls } from '../counterparts/slack.control.ts';
import { auditorOf, bill, opened } from './auditor.ts';

const { url, token, channel, control } = inject('slack');
const NOW = new Date('2026-11-16T08:00:00Z');

const days = Array.from({ length: 14 }, (_, at) => ({
  ChargePeriodStart: `2026-11-${String(at + 2).padStart(2, '0')}T00:00:00Z`,
  ChargePeriodEnd: `2026-11-${String(at + 3).padStart(2, '0')}T00:00:00Z`,
}));

test('where the thread breaks off the report can be opened already, and the next run adds what is missing, once', async () => {
  await resetSlack(control);
  const { folder, lake, ledger } = await opened();
  const organisation = { name: `Acme ${Date.now()}`, timezone: 'UTC', currency: 'USD' };
  const auditor = {
    ...auditorOf({ lake, ledger }, [await bill(folder, 'aws', days)]),
    organisation,
  };
  await wholeAudit(auditor, 'r-1', true, NOW);
  const poster = slackPoster({
    client: new WebClient(token, { ...slackClientOptions, slackApiUrl: url }),
    store: ledger,
    clock: () => new Date(),
    spacing: 0,
  });
  const archive = { put: async (key: string) => `s3://bucket/${key}` };
  const run = async () =>
    await publish(auditor, 'week', archive, async () => ({ poster, channel, clicks: true }), NOW);
  const sent = async () =>
    (await slackCalls(control)).filter(({ method, ok }) => method === 'chat.postMessage' && ok);

  // A workspace that takes neither the chart nor the table in its place.
  for (const block of ['data_visualization', 'table'])
    await disturbSlack(control, 'chat.postMessage', { kind: 'refuse-block', block });
  await expect(run()).rejects.toThrow('Slack refused the message: invalid_blocks');
  const [message, ...none] = await sent();
  expect(none).toEqual([]);
  const id = `digest/${organisation.name}/week/2026-11-09T00:00:00.000Z`;
  expect(JSON.stringify(message?.args['blocks'])).toContain(reportId(id));
  expect(await readArchived(ledger, reportId(id))).toMatchObject({ key: 'week/2026-11-09.html', channel });

  expect(await run()).toMatchObject({ id, posted: 'already' });
  const subjects = (await sent()).slice(1).map(({ args }) => args['text']);
  expect(subjects[0]).toBe('Spend');
  expect(subjects.length).toBeGreaterThan(2);
  expect(new Set(subjects).size).toBe(subjects.length);
});

const DAY = 86_400_000;

/** Charges of the days before this one, by the clock that Slack goes by, too. */
function until(end: number, count: number) {
  return Array.from({ length: count }, (_, at) => ({
    BillingPeriodStart: `${new Date(end - (count - at) * DAY).toISOString().slice(0, 7)}-01T00:00:00Z`,
    ChargePeriodStart: new Date(end - (count - at) * DAY).toISOString(),
    ChargePeriodEnd: new Date(end - (count - at - 1) * DAY).toISOString(),
  }));
}

test('bills that come no more: each time a digest is due the channel is told so once, and of no run that is tried again', async () => {
  await resetSlack(control);
  const { folder, lake, ledger } = await opened();
  const today = Math.floor(Date.now() / DAY) * DAY;
  const organisation = { name: `Acme ${Date.now()}`, timezone: 'UTC', currency: 'USD' };
  const auditor = {
    ...auditorOf({ lake, ledger }, [await bill(folder, 'aws', until(today, 30))]),
    organisation,
  };
  await wholeAudit(auditor, 'r-1', true, new Date());
  const poster = slackPoster({
    client: new WebClient(token, { ...slackClientOptions, slackApiUrl: url }),
    store: ledger,
    clock: () => new Date(),
    spacing: 0,
  });
  const archive = { put: async (key: string) => `s3://bucket/${key}` };
  const run = async (kind: 'day' | 'week', inDays: number) =>
    (
      await publish(
        auditor,
        kind,
        archive,
        async () => ({ poster, channel, clicks: false }),
        new Date(Date.now() + inDays * DAY),
      )
    ).posted;
  const heads = async () =>
    (await slackCalls(control))
      .filter(
        ({ method, ok, args }) => method === 'chat.postMessage' && ok && args['thread_ts'] === undefined,
      )
      .map(({ args }) => JSON.stringify(args['blocks']));

  expect(await run('day', 0)).toBe('posted');
  // Tried again at once, by Lambda or by hand.
  expect(await run('day', 0)).toBe('already');
  expect(await run('day', 1)).toBe('no new bills');
  expect(await run('day', 1)).toBe('no new bills');
  expect(await run('day', 2)).toBe('no new bills');
  const told = await heads();
  expect(told).toHaveLength(3);
  for (const blocks of told.slice(1)) {
    expect(blocks).toContain('No digest of this day: the bills do not tell all of it yet.');
    expect(blocks).toContain('bursar doctor tells how fresh each bill is.');
  }

  expect(await run('week', 0)).toBe('posted');
  // The week is not over, though a schedule asks every day.
  expect(await run('week', 0)).toBe('already');
  expect(await run('week', 14)).toBe('no new bills');
  expect((await heads()).at(-1)).toContain('No digest of this week');
});
