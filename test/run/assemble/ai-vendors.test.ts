import { afterEach, expect, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { deployedPermissions } from '../../../lib/run/assemble/permissions.ts';
import { sourceOf } from '../../../lib/run/assemble/sources.ts';
import { anthropicFake } from '../../counterparts/anthropic.ts';
import { describeWithShared } from '../../shared.ts';
import { deliver, sum } from '../../sources/ai-vendor/deliver.ts';
import { vendorServer } from '../../sources/ai-vendor/server.ts';
import { WORLD as ANTHROPIC } from '../../sources/anthropic/world.ts';
import { openAiFake } from '../../sources/openai/fake.ts';
import { WORLD as OPENAI } from '../../sources/openai/world.ts';

const KEY = 'BURSAR_TEST_VENDOR_KEY';

afterEach(() => {
  delete process.env[KEY];
});

function config(sources: string) {
  return parseConfig(`schemaVersion: 1\nsources:\n  bill: ${sources}\n`, 'bursar.yaml');
}

async function source(sources: string) {
  const { bill } = config(sources).sources;
  if (bill === undefined) throw new Error('the config has a bill');
  return await sourceOf('bill', bill, '/', async () => 'never asked');
}

describeWithShared('OpenAI by the config', () => {
  test('with its key from the environment', async () => {
    process.env[KEY] = 'sk-admin-test\n';
    await using fake = await openAiFake(OPENAI);
    const bill = await source(
      `{ type: openai, key: { env: ${KEY} }, months: 1, organisation: org-a, projects: [proj_chat], endpoint: "${fake.url}" }`,
    );
    const { rows, delivery } = await deliver(bill);
    expect(delivery.periods).toEqual(['2026-10', '2026-11']);
    expect(sum(rows, 'BilledCost')).toBe('2.7860001');
    expect(rows[0]).toMatchObject({ BillingAccountId: 'org-a' });
  });

  test('an endpoint with a path of its own is taken as it is', async () => {
    process.env[KEY] = 'sk-admin-test';
    await using gateway = await vendorServer(() => ({ status: 404, body: {} }));
    const bill = await source(
      `{ type: openai, key: { env: ${KEY} }, endpoint: "${gateway.url}/gateway/openai" }`,
    );
    await expect(deliver(bill)).rejects.toMatchObject({ code: 'input' });
    expect(gateway.asked[0]?.path).toBe('/gateway/openai/organization/costs');
  });
});

test('Anthropic by the config: three months besides the current one, unless it says otherwise', async () => {
  process.env[KEY] = 'sk-ant-admin01-test';
  await using fake = await anthropicFake(ANTHROPIC);
  const { rows, delivery } = await deliver(
    await source(`{ type: anthropic, key: { env: ${KEY} }, endpoint: "${fake.url}" }`),
  );
  expect(delivery.periods).toEqual(['2026-08', '2026-09', '2026-10', '2026-11']);
  expect(sum(rows, 'BilledCost')).toBe('9.0895357');
});

test('a bill whose key is missing fails alone, when it is read', async () => {
  const bill = await source(`{ type: anthropic, key: { env: ${KEY} } }`);
  await expect(deliver(bill)).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining(KEY),
  });
});

test.each(['{"key":"sk-ant-admin01"}', 'sk-ant\nadmin', 'schlüssel'])(
  '%j is no key, and is not repeated',
  async (text) => {
    process.env[KEY] = text;
    const bill = await source(`{ type: openai, key: { env: ${KEY} }, endpoint: "http://127.0.0.1:9" }`);
    await expect(deliver(bill)).rejects.toMatchObject({
      code: 'config',
      where: 'sources.bill.key',
      message: expect.not.stringContaining(text),
    });
  },
);

test('a key itself is refused by the config', async () => {
  await expect(source('{ type: openai, key: sk-admin-0123456789abcdef }')).rejects.toThrow(
    /looks like an API key/,
  );
});

test('deployed, only the secret of the key may be read', async () => {
  const secret = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:openai-AbCdEf';
  const parsed = config(`{ type: openai, key: { secret: "${secret}" } }`);
  const names = {
    bucket: 'b',
    lakePrefix: 'l/',
    reportsPrefix: 'r/',
    table: 't',
    queueArn: 'q',
    deadLettersArn: 'd',
  };
  const of = (entry: 'collect' | 'audit') =>
    deployedPermissions(parsed, names)[entry].filter(
      ({ action }) => action === 'secretsmanager:GetSecretValue',
    );
  expect(of('collect')).toMatchObject([{ resources: [secret, `${secret}-??????`] }]);
  expect(of('audit')).toEqual([]);
});
