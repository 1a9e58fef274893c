import { afterEach, expect, inject, test, vi } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { examineSlack } from '../../../lib/run/assemble/doctor-slack.ts';

const { url, token } = inject('slack');

afterEach(() => {
  vi.unstubAllEnvs();
});

function examined(more: string, held = token) {
  vi.stubEnv('DOCTOR_TOKEN', held);
  return examineSlack(
    parseConfig(
      `schemaVersion: 1
slack: { token: { env: DOCTOR_TOKEN }, channels: { digest: "#finops" }, endpoint: "${url}"${more} }`,
      'bursar.yaml',
    ),
  );
}
const WARNS = ', teamId: T000000001, appId: A000000001, signingSecret: { env: DOCTOR_TOKEN }';

test('an app with every scope works, to post and to warn', async () => {
  expect(await examined('')).toMatchObject({ state: 'works', told: 'bursar in Emulate' });
  expect(await examined(WARNS)).toMatchObject({ state: 'works', told: 'bursar in Emulate' });
});

test('each scope that lacks is named with what it is for', async () => {
  const without = `${token}-without-scopes`;
  const posting = await examined('', without);
  expect(posting).toMatchObject({ state: 'fails', todo: expect.stringContaining('OAuth') });
  expect(posting.told).toContain('lacks chat:write (posts the digest)');
  expect(posting.told).not.toContain('im:write');
  expect((await examined(WARNS, without)).told).toContain('im:write (opens the direct message');
});

test('a token that Slack does not know fails', async () => {
  await expect(examined('', 'xoxb-nobody')).rejects.toThrow('invalid_auth');
});
