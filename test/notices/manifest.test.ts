import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { slackManifest } from '../../lib/notices/manifest.ts';
import { slackPermissions } from '../../lib/notices/slack.ts';
import { messengerPermissions } from '../../lib/notices/slack-messenger.ts';
import { assembleManifest } from '../../lib/run/assemble/slack-manifest.ts';
import { folder } from '../journeys/bursar.ts';
import { describeWithShared, sharedData } from '../shared.ts';

const URL = 'https://bursar.example.com/';
const HEAD = 'schemaVersion: 1\n';
const POSTS = `${HEAD}slack: { token: { env: T }, channels: { digest: "#finops" } }\n`;
const CLICKS = `${HEAD}slack: { token: { env: T }, signingSecret: { env: S }, teamId: T1, appId: A1, requestUrl: "${URL}" }\n`;
const WARNS = `${HEAD}slack: { token: { env: T }, teamId: T1 }\n`;

async function made(config: string, url?: string) {
  const file = join(await folder(), 'bursar.yaml');
  await writeFile(file, config);
  return (await assembleManifest(file, url)).manifest;
}

function actions(permissions: readonly { action: string }[]): string[] {
  return permissions.map(({ action }) => action);
}

test('an app that takes clicks: every address is the same, its scopes are those that the code declares', async () => {
  const manifest = await made(CLICKS);
  expect(manifest.oauth_config.scopes.bot).toEqual(actions(messengerPermissions));
  expect(manifest.features.slash_commands).toMatchObject([{ command: '/bursar', url: URL }]);
  expect(manifest.settings).toEqual({
    event_subscriptions: { request_url: URL, bot_events: ['app_home_opened'] },
    interactivity: { is_enabled: true, request_url: URL },
    org_deploy_enabled: false,
    socket_mode_enabled: false,
    token_rotation_enabled: false,
  });
});

test('an app that only posts has no address, no command and no event', async () => {
  const manifest = await made(POSTS);
  expect(manifest.oauth_config.scopes.bot).toEqual(actions(slackPermissions));
  expect(JSON.stringify(manifest)).not.toMatch(/https?:|"\/bursar"|bot_events|"commands"/);
  expect(manifest.settings.interactivity).toEqual({ is_enabled: false });
});

test('an app that warns and is not answered asks for no command', async () => {
  const scopes = (await made(WARNS)).oauth_config.scopes.bot;
  expect(scopes).toContain('im:write');
  expect(scopes).not.toContain('commands');
});

test('--url comes before the config, and makes an app with clicks of any', async () => {
  const other = 'https://tunnel.example.net/slack';
  expect((await made(CLICKS, other)).settings.interactivity.request_url).toBe(other);
  expect((await made(HEAD, other)).oauth_config.scopes.bot).toEqual(actions(messengerPermissions));
});

test('clicks without an address, and an address that Slack would not take, are refused', async () => {
  await expect(made(CLICKS.replace(/, requestUrl: "[^"]*"/, ''))).rejects.toThrow('no address says where');
  for (const url of ['http://bursar.example.com/', 'https://a:b@c.example/', 'bursar.example.com', ''])
    await expect(made(POSTS, url)).rejects.toThrow('is no address that Slack takes');
  await expect(made(CLICKS.replace('https:', 'http:'))).rejects.toThrow(/slack\.requestUrl: .*https/);
});

describeWithShared("Slack's own schema of manifests", () => {
  test.each(['slack_manifest_1.json', 'slack_manifest_2.json'])('%s finds nothing wrong', async (name) => {
    const schema = JSON.parse(await readFile(sharedData('specs', name), 'utf8'));
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const valid = ajv.compile(schema);
    const longest = `https://bursar.example.com/${'x'.repeat(2973)}`;
    for (const manifest of [
      await made(CLICKS),
      await made(POSTS),
      await made(WARNS),
      await made(HEAD),
      await made(POSTS, longest),
    ]) {
      valid(manifest);
      expect(valid.errors ?? []).toEqual([]);
    }
    await expect(made(POSTS, `${longest}x`)).rejects.toThrow('no address that Slack takes');
    // The schema can fail: it is no schema that takes everything.
    expect(valid({ ...slackManifest([], null), surprise: true })).toBe(false);
    expect(valid(slackManifest([], `${longest}x`))).toBe(false);
  });
});
