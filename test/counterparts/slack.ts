import { createEmulator } from 'emulate';
import type { TestProject } from 'vitest/node';
import type { SlackAccess } from './provided.ts';
import { freePort } from './server.ts';
import { readLimits } from './slack.limits.ts';
import { startProxy } from './slack.proxy.ts';

const TOKEN = 'xoxb-test-bot';
/** The scopes that the app's manifest asks for. */
const SCOPES = [
  'chat:write',
  'im:write',
  'im:history',
  'users:read',
  'users:read.email',
  'usergroups:read',
  'commands',
  'channels:read',
  'channels:history',
  'groups:read',
  'groups:history',
];
/** The channel that the emulated workspace always has. */
const CHANNEL = 'C000000001';

export interface Slack {
  readonly access: SlackAccess;
  readonly stop: () => Promise<void>;
}

/** An emulated Slack workspace behind the checking proxy, with scopes enforced. */
export async function startSlack(): Promise<Slack> {
  const limits = await readLimits();
  const emulator = await createEmulator({
    service: 'slack',
    port: await freePort(),
    seed: {
      slack: {
        strict_scopes: true,
        users: [
          { name: 'bursar', email: 'bursar@example.com' },
          { name: 'owner', real_name: 'Owner', email: 'owner@example.com' },
          { name: 'other', real_name: 'Other', email: 'other@example.com' },
          { name: 'approver', real_name: 'Approver', email: 'approver@example.com' },
        ],
        tokens: [
          { token: TOKEN, user: 'bursar', scopes: SCOPES, type: 'bot' },
          { token: `${TOKEN}-without-scopes`, user: 'bursar', scopes: ['commands'], type: 'bot' },
          // Whoever arranges the workspace for a test; Bursar itself may make no channel.
          { token: `${TOKEN}-arranges`, user: 'bursar', scopes: [...SCOPES, 'channels:manage'], type: 'bot' },
          { token: `${TOKEN}-of-an-app`, user: 'bursar', scopes: SCOPES, type: 'bot', bot_id: 'B000000001' },
        ],
        oauth_apps: [
          {
            app_id: 'A000000001',
            client_id: '1.1',
            client_secret: 'none',
            name: 'Bursar',
            redirect_uris: [],
            bot_id: 'B000000001',
            bot_name: 'Bursar',
          },
        ],
      },
    },
  });
  const proxy = await startProxy(
    emulator.url.replace('localhost', '127.0.0.1'),
    limits,
    new Map([
      [TOKEN, SCOPES],
      [`${TOKEN}-without-scopes`, ['commands']],
      [`${TOKEN}-arranges`, [...SCOPES, 'channels:manage']],
      [`${TOKEN}-of-an-app`, SCOPES],
    ]),
  );
  const stop = async () => {
    await proxy.stop();
    await emulator.close();
  };
  return {
    access: { url: `${proxy.url}/api/`, token: TOKEN, channel: CHANNEL, control: `${proxy.url}/_control` },
    stop,
  };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const slack = await startSlack();
  project.provide('slack', slack.access);
  return slack.stop;
}
