import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../../../lib/config/load.ts';
import { examineSecrets } from '../../../lib/run/assemble/doctor-secrets.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { base, jsonRefusal, proxy } from '../../estate/aws/emulated.ts';

const moto = inject('motoUrl');
const client = new SecretsManagerClient({ ...base(moto), region: 'eu-central-1' });

beforeEach(async () => {
  await resetMoto(moto);
  vi.stubEnv('AWS_ENDPOINT_URL', moto);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => vi.unstubAllEnvs());

async function secret(Name: string, SecretString: string): Promise<string> {
  const { ARN } = await client.send(new CreateSecretCommand({ Name, SecretString }));
  return z.string().parse(ARN);
}

const MISSING = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:nobody-AbCdEf';

const configOf = (held: string) =>
  parseConfig(
    `schemaVersion: 1
sources:
  openai: { type: openai, key: { secret: "${MISSING}" } }
  local: { type: anthropic, key: { env: ANTHROPIC_KEY } }
slack:
  token: { secret: "${held}", key: token }
  signingSecret: { secret: "${held}", key: signing }
  formerSigningSecret: { secret: "${held}", key: token }
  teamId: T012AB3CD
  appId: A012AB3CD
  channels: { digest: "#finops" }
`,
    'bursar.yaml',
  );

test('each secret is tried once, by its name; what is missing is told before it is deployed, and nothing of what one holds', async () => {
  const examined = await examineSecrets(configOf(await secret('slack', '{"token":"xoxb-very-secret"}')));
  expect(examined).toEqual([
    {
      what: 'secret of sources.openai.key',
      state: 'fails',
      told: `there is no secret ${MISSING}`,
      todo: 'Store it in AWS Secrets Manager under that name, or correct its ARN in the config.',
    },
    {
      what: 'secret of slack.token, slack.formerSigningSecret',
      state: 'works',
      told: 'is there',
      todo: null,
    },
    {
      what: 'secret of slack.signingSecret',
      state: 'fails',
      told: 'the secret has no text under signing',
      todo: expect.stringContaining('JSON object'),
    },
  ]);
  expect(JSON.stringify(examined)).not.toContain('very-secret');
});

test('where it may not be read from here, nobody can tell', async () => {
  const refused = await proxy(moto, async ({ action }) =>
    action === 'GetSecretValue' ? jsonRefusal('AccessDeniedException', 'not for you') : null,
  );
  vi.stubEnv('AWS_ENDPOINT_URL', refused.url);
  const examined = await examineSecrets(configOf(`${MISSING}-other`));
  await refused.close();
  expect(new Set(examined.map(({ state }) => state))).toEqual(new Set(['not tried']));
  expect(examined[0]?.told).toContain('cannot tell: secretsmanager:GetSecretValue was denied');
});
