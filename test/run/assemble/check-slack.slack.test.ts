import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { checkSlack } from '../../../lib/run/assemble/check-slack.ts';
import { disturbSlack, resetSlack, slackCalls } from '../../counterparts/slack.control.ts';

const { url, token, channel, control } = inject('slack');
const client = new WebClient(`${token}-arranges`, { slackApiUrl: url });

beforeEach(() => resetSlack(control));
afterEach(() => {
  vi.unstubAllEnvs();
});

async function checked(slack: string, more = '', held = token) {
  vi.stubEnv('CHECK_TOKEN', held);
  vi.stubEnv('CHECK_SECRET', 'a secret');
  const config = parseConfig(
    `schemaVersion: 1\nslack: { token: { env: CHECK_TOKEN }, endpoint: "${url}", ${slack} }\n${more}`,
    'bursar.yaml',
  );
  const examined = await checkSlack(config, silent);
  return Object.fromEntries(examined.map(({ what, ...rest }) => [what, rest]));
}

async function made(name: string): Promise<string> {
  const { channel: created } = await client.conversations.create({ name });
  return created?.id ?? '';
}

async function userId(email: string): Promise<string> {
  return (await client.users.lookupByEmail({ email })).user?.id ?? '';
}

test('what is there works, by name and by id, and nothing is posted', async () => {
  const name = `check-${Date.now()}`;
  const id = await made(name);
  const admin = await userId('approver@example.com');
  const found = await checked(
    `teamId: T000000001, channels: { digest: "#${name}", team: ${id} }, admins: [${admin}]`,
  );
  expect(found['slack']).toMatchObject({ state: 'works' });
  expect(found['workspace']).toEqual({ state: 'works', told: 'T000000001', todo: null });
  expect(found[`#${name} (slack.channels.digest)`]).toMatchObject({ state: 'works' });
  expect(found[`${id} (slack.channels.team)`]).toMatchObject({ state: 'works' });
  expect(found[`${admin} (slack.admins)`]).toMatchObject({ state: 'works', told: 'Approver' });
  const methods = (await slackCalls(control)).map(({ method }) => method);
  expect(methods.filter((each) => /^(chat|views)\.|open|create|join|invite/.test(each))).toEqual([
    'conversations.create',
  ]);
});

test('a channel that is archived, that the app is not in, that is shared, or that nobody knows', async () => {
  const archived = `gone-${Date.now()}`;
  await client.conversations.archive({ channel: await made(archived) });
  const shared = await made(`shared-${Date.now()}`);
  const is = { kind: 'with', key: 'channel', members: { is_ext_shared: true } } as const;
  await disturbSlack(control, 'conversations.info', is);
  // Asked first: the one that is shared. The workspace made the other before the app was there.
  const found = await checked(
    `channels: { digest: ${shared}, team: ${channel} }`,
    `owners: { teams: { ml: "#${archived}", web: "#nowhere" }, fallback: "#nowhere" }\n`,
  );
  expect(found[`${channel} (slack.channels.team)`]).toMatchObject({
    state: 'fails',
    todo: expect.stringContaining('/invite'),
  });
  expect(found[`${shared} (slack.channels.digest)`]).toMatchObject({
    state: 'fails',
    told: expect.stringContaining('another organisation'),
  });
  expect(found[`#${archived} (owners.teams.ml)`]).toMatchObject({
    state: 'fails',
    told: expect.stringContaining('archived'),
  });
  expect(found['#nowhere (owners.teams.web, owners.fallback)']).toMatchObject({
    state: 'fails',
    told: expect.stringContaining('knows no such channel'),
  });
});

test('people: nobody, a guest, and who is there', async () => {
  const [guest, admin] = [await userId('other@example.com'), await userId('owner@example.com')];
  await disturbSlack(control, 'users.info', { kind: 'with', key: 'user', members: { is_restricted: true } });
  const found = await checked(
    `teamId: T000000001, admins: [${guest}, ${admin}], approvers: [U0NOBODY]`,
    'owners: { fallback: nobody@example.com }\n',
  );
  expect(found[`${guest} (slack.admins)`]).toMatchObject({
    state: 'fails',
    told: 'this person is a guest in Slack',
  });
  expect(found[`${admin} (slack.admins)`]).toMatchObject({ state: 'works' });
  for (const name of ['U0NOBODY (slack.approvers)', 'nobody@example.com (owners.fallback)'])
    expect(found[name]).toMatchObject({
      state: 'fails',
      told: 'Slack knows nobody by this address or id',
    });
});

test('a token that Slack does not know is told, and what needs no token is still looked at', async () => {
  const found = await checked('signingSecret: { env: CHECK_SECRET }, teamId: T000000001', '', 'xoxb-nobody');
  expect(found['slack']).toMatchObject({
    state: 'fails',
    told: 'Slack does not know this token',
    todo: expect.stringContaining('xoxb-'),
  });
  expect(found['signing secret']).toMatchObject({ state: 'works' });
  expect(Object.keys(found)).toHaveLength(3);
});

test('a token that lacks scopes: each is named, and no channel is taken for missing because of it', async () => {
  const found = await checked(
    'teamId: T000000001, channels: { digest: "#general" }',
    '',
    `${token}-without-scopes`,
  );
  expect(found['slack']).toMatchObject({ state: 'fails', told: expect.stringContaining('lacks chat:write') });
  expect(found['#general (slack.channels.digest)']).toMatchObject({
    state: 'fails',
    told: 'the Slack app lacks a scope',
  });
});

test('another workspace, and another app', async () => {
  const bot = { kind: 'with', key: 'bot', members: { app_id: 'A0OTHER' } } as const;
  await disturbSlack(control, 'bots.info', bot, 2);
  const found = await checked('teamId: T0OTHER, appId: A0MINE', '', `${token}-of-an-app`);
  expect(found['workspace']).toMatchObject({
    state: 'fails',
    told: 'the token is of T000000001, slack.teamId is T0OTHER',
  });
  expect(found['app']).toMatchObject({
    state: 'fails',
    told: expect.stringContaining('the token is of app A0OTHER'),
  });
  const same = await checked('appId: A0OTHER', '', `${token}-of-an-app`);
  expect(same['app']).toEqual({ state: 'works', told: 'A0OTHER', todo: null });
  expect((await checked('appId: A0MINE', '', `${token}-of-an-app`))['app']).toMatchObject({
    state: 'not tried',
  });
  expect((await checked('appId: A0MINE'))['app']).toMatchObject({ told: 'the token is of no bot' });
});

test('a secret that is not set fails, and one that is missing fails only where people are warned', async () => {
  expect((await checked('signingSecret: { env: NOT_SET_ANYWHERE }'))['signing secret']).toMatchObject({
    state: 'fails',
    told: 'the environment variable NOT_SET_ANYWHERE is not set',
  });
  expect((await checked(''))['signing secret']).toMatchObject({ state: 'not configured' });
  const warns = await checked('', 'policies: [{ check: idle-gpu, mode: warn }]\n');
  expect(warns['signing secret']).toMatchObject({ state: 'fails' });
});

test('the address for clicks: refused unsigned is Bursar, anything else is not', async () => {
  const what = 'address for clicks';
  let status = 401;
  const server = createServer((_, response) => response.writeHead(status).end('x'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const { port }: AddressInfo = Object(server.address());
  // The config takes https alone, which a stand-in on this machine does not speak: the call is sent there instead.
  const real = fetch;
  vi.stubGlobal('fetch', (asked: string, init: RequestInit) =>
    real(asked.replace('https://clicks.example.com', `http://127.0.0.1:${port}`), init),
  );
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  const slack = 'requestUrl: "https://clicks.example.com/"';
  expect((await checked(slack))[what]).toMatchObject({ state: 'works' });
  for (status of [200, 302, 404, 500])
    expect((await checked(slack))[what]).toMatchObject({
      state: 'fails',
      told: expect.stringContaining(`answers ${status}`),
    });
  vi.unstubAllGlobals();
  expect((await checked('requestUrl: "https://127.0.0.1:1/"'))[what]).toMatchObject({
    state: 'fails',
    told: expect.stringContaining('nobody answers at https://127.0.0.1:1/'),
  });
});
