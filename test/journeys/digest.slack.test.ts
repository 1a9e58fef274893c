import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, inject, test } from 'vitest';
import { DEMO_NOW, DEMO_SEED } from '../../lib/demo/company.ts';
import { silent } from '../../lib/platform/progress.ts';
import { assembleDemo } from '../../lib/run/assemble/demo.ts';
import { demo } from '../../lib/run/demo.ts';
import { disturbSlack, resetSlack, slackCalls } from '../counterparts/slack.control.ts';
import { bursar, folder } from './bursar.ts';
import { warm } from './warm.ts';

const { url, token, channel, control } = inject('slack');
const env = { SLACK_BOT_TOKEN: token };

beforeEach(() => resetSlack(control));

/** A company that was audited, whose config names the Slack; another name, so that its digest is one of its own. */
async function company(name: string): Promise<{ here: string; command: string[] }> {
  const here = await folder();
  // Its last audit alone, neither those before it nor the week that `bursar demo` plays afterwards.
  await mkdir(join(here, 'demo'));
  async function* last() {
    for await (const visit of assembleDemo(join(here, 'demo'), DEMO_SEED, new Date(DEMO_NOW), silent))
      if (visit.isLast) yield visit;
  }
  await demo(last(), silent);
  const config = join(here, 'demo', 'bursar.yaml');
  await appendFile(
    config,
    `slack: { token: { env: SLACK_BOT_TOKEN }, channels: { digest: ${channel} }, endpoint: ${url} }\n` +
      `# ${name}\n`,
  );
  return {
    here,
    command: ['digest', '--config', 'demo/bursar.yaml', '--state', 'demo', '--now', '2026-11-16T08:00:00Z'],
  };
}

async function posts() {
  return (await slackCalls(control)).filter(({ method, ok }) => method === 'chat.postMessage' && ok);
}

test('the digest is posted within the limits of Slack, once, and through a rate limit', async () => {
  const { here, command } = await company('posted');
  await using cli = await warm(here);
  await disturbSlack(control, 'chat.postMessage', { kind: 'ratelimited', retryAfter: 1 });
  const first = await bursar([...command, '--post'], here, env);
  expect(first).toMatchObject({ code: 0, stderr: expect.stringMatching(/^posted in \w+ at [\d.]+\n$/) });
  expect(first.stdout).toContain('Top wastes');
  const sent = await posts();
  expect(sent.length).toBeGreaterThan(0);
  expect(sent[0]?.args).toMatchObject({ channel });

  const second = await cli.bursar([...command, '--post'], here, env);
  expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('already posted in') });
  expect(await posts()).toEqual(sent);

  const blocks = JSON.parse(await cli.bursarOk([...command, '--format', 'slack'], here, env));
  expect(sent[0]?.args['blocks']).toEqual(blocks.blocks);

  const wrong = await cli.bursar([...command, '--now', '2026-11-09T08:00:00Z', '--post'], here, {
    SLACK_BOT_TOKEN: 'xoxb-wrong',
  });
  expect(wrong).toMatchObject({ code: 4, stdout: '' });
  expect(wrong.stderr).toContain('Slack does not know this token');
  expect(wrong.stderr).not.toContain('xoxb-wrong');

  const unset = await cli.bursar([...command, '--post'], here);
  expect(unset).toMatchObject({ code: 2, stderr: expect.stringContaining('SLACK_BOT_TOKEN is not set') });

  const examined = JSON.parse(
    (
      await cli.bursar(
        ['doctor', '--config', 'demo/bursar.yaml', '--state', 'demo', '--format', 'json'],
        here,
        env,
      )
    ).stdout,
  );
  expect(examined).toContainEqual(expect.objectContaining({ what: 'slack', state: 'works' }));
});
