import { WebClient } from '@slack/web-api';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { disturbSlack, resetSlack, slackCalls } from './slack.control.ts';

const { url, token, channel, control } = inject('slack');
const client = (as = token) =>
  new WebClient(as, { slackApiUrl: url, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true });
const markdown = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const post = (blocks: object[], as = token) =>
  client(as).apiCall('chat.postMessage', { channel, text: 'a digest', blocks });

beforeEach(() => resetSlack(control));

test('what is within the limits is posted and can be read back', async () => {
  const posted = await post([markdown('x'.repeat(3000))]);
  expect(posted.ok).toBe(true);
  const history = await client().conversations.history({ channel });
  expect(history.messages?.[0]?.text).toBe('a digest');
  expect(await slackCalls(control)).toMatchObject([
    { method: 'chat.postMessage', ok: true, args: { channel, blocks: [{ type: 'section' }] } },
    { method: 'conversations.history', ok: true },
  ]);
});

describe('the proxy refuses as Slack does', () => {
  test('a text that is one character too long, naming the place', async () => {
    await expect(post([markdown('x'.repeat(3001))])).rejects.toMatchObject({
      data: {
        error: 'invalid_blocks',
        response_metadata: { messages: [expect.stringContaining('[json-pointer:/blocks/0/text/text]')] },
      },
    });
  });

  test('more than 50 blocks', async () => {
    const blocks = Array.from({ length: 51 }, () => ({ type: 'divider' }));
    await expect(post(blocks)).rejects.toMatchObject({ data: { error: 'invalid_blocks' } });
    await expect(post(blocks.slice(1))).resolves.toMatchObject({ ok: true });
  });

  test('blocks that are too long together', async () => {
    const blocks = Array.from({ length: 5 }, () => markdown('x'.repeat(2900)));
    await expect(post(blocks)).rejects.toMatchObject({ data: { error: 'msg_blocks_too_long' } });
    await expect(post(blocks.slice(1))).resolves.toMatchObject({ ok: true });
  });

  test('tokens that it does not know, and calls without their scope', async () => {
    await expect(post([], 'xoxb-another')).rejects.toMatchObject({ data: { error: 'invalid_auth' } });
    await expect(post([], `${token}-without-scopes`)).rejects.toMatchObject({
      data: { error: 'missing_scope' },
    });
  });
});

describe('the proxy disturbs as told', () => {
  test('a rate limit, once', async () => {
    await disturbSlack(control, 'chat.postMessage', { kind: 'ratelimited', retryAfter: 7 });
    await expect(post([])).rejects.toMatchObject({ retryAfter: 7 });
    await expect(post([])).resolves.toMatchObject({ ok: true });
  });

  test('a server error', async () => {
    await disturbSlack(control, 'chat.postMessage', { kind: 'status', status: 503 });
    await expect(post([])).rejects.toMatchObject({ statusCode: 503 });
  });

  test('a block type that the workspace does not have yet, and only that', async () => {
    await disturbSlack(control, 'chat.postMessage', { kind: 'refuse-block', block: 'data_visualization' });
    await expect(post([markdown('plain')])).resolves.toMatchObject({ ok: true });
    const chart = {
      type: 'data_visualization',
      title: 'Spend',
      chart: { type: 'pie', segments: [{ label: 'aws', value: 1 }] },
    };
    await expect(post([chart])).rejects.toMatchObject({ data: { error: 'invalid_blocks' } });
  });

  test('an answer that is lost after the message was posted', async () => {
    await disturbSlack(control, 'chat.postMessage', { kind: 'answer-lost' });
    await expect(post([markdown('once')])).rejects.toThrow(/socket|ECONNRESET|fetch/i);
    expect((await slackCalls(control)).filter((call) => call.ok)).toHaveLength(1);
  });
});
