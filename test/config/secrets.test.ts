import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { findSecrets, redact } from '../../lib/config/secrets.ts';
import { BursarError } from '../../lib/platform/errors.ts';

/** Made up here, in the form of the real ones; put together so that no scanner takes this file for a leak. */
const SECRETS: readonly (readonly [string, string])[] = [
  ['a Slack token', joined('xoxb', '-123456789012-abcdefABCDEF')],
  ['a Slack token', joined('xapp', '-1-A012-345-abcdef')],
  ['a Slack webhook', joined('https://hooks.slack.com', '/services/T000/B000/XXXX')],
  ['an API key', joined('sk-', 'ant-api03-abcdefgh')],
  ['an API key', joined('sk-', 'proj-abcdefgh')],
  ['an API key', joined('sk-', 'a1b2c3d4e5f6a7b8c9d0')],
  ['an AWS access key', joined('AKIA', 'IOSFODNN7EXAMPLE')],
  ['an AWS access key', joined('ASIA', 'IOSFODNN7EXAMPLE')],
  ['a Google API key', joined('AIza', 'SyA1234567890abcdefghijklmnopqrstuv')],
  ['a GitHub token', joined('ghp_', '0123456789abcdefghijABCDEFGHIJ')],
  ['a private key', joined('-----BEGIN RSA ', 'PRIVATE KEY-----')],
  ['a signed token', joined('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxIn0xxxx.c2lnbmF0dXJl')],
  ['an address with a key', 'https://search.acme.internal/?token=hunter2'],
  ['an address with a password', 'postgres://bursar:hunter2@db.internal/docs'],
];

function joined(...parts: string[]): string {
  return parts.join('');
}

function said(text: string): string {
  try {
    parseConfig(text, 'bursar.yaml');
  } catch (error) {
    if (error instanceof BursarError) return error.told;
    throw error;
  }
  throw new Error('a config with a secret was taken for right');
}

const PLACES = [
  (value: string) => `organisation: { name: ${JSON.stringify(value)} }`,
  (value: string) => `slack: { token: ${JSON.stringify(value)} }`,
  (value: string) => `slack: { token: { env: ${JSON.stringify(value)} } }`,
  (value: string) => `slack: { token: { secret: ${JSON.stringify(value)} } }`,
  (value: string) => `owners: { accounts: { ${JSON.stringify(value)}: a@acme.com } }`,
  (value: string) => `${JSON.stringify(value)}: x`,
  (value: string) => `sources: { a: { type: ${JSON.stringify(value)} } }`,
  (value: string) => `policies: [{ check: ${JSON.stringify(value)} }]`,
  (value: string) => `policies: [{ check: "*", where: { ${JSON.stringify(value)}: x } }]`,
  (value: string) => `lake: { engine: ${JSON.stringify(value)}`,
  (value: string) => `lake: *${value}`,
  (value: string) => `# ${value}`,
];

describe('secrets in a config', () => {
  it.each(SECRETS)('refuses %s wherever it stands, and never shows it', (what, secret) => {
    for (const place of PLACES) {
      const message = said(`schemaVersion: 1\n${place(secret)}\n`);
      expect(message).toContain(':2:');
      expect(message).toContain(`this looks like ${what}`);
      expect(message).not.toContain(secret);
    }
  });

  it('never shows a value that stands where a reference belongs, whatever its form', () => {
    const texts = [
      'slack: { token: hunter2x }',
      'slack: { token: { env: "hunter2x y" } }',
      'slack: { token: { secret: hunter2x } }',
      'slack: { token: { env: A, value: hunter2x } }',
      'slack: { token: [hunter2x] }',
      'sources: { a: { type: openai, key: hunter2x } }',
      'estate: { stores: { docs: { type: pgvector, url: hunter2x } } }',
    ];
    for (const text of texts) {
      const message = said(`schemaVersion: 1\n${text}\n`);
      expect(message).not.toContain('hunter2x');
      expect(message).toMatch(
        /\{ env: NAME \} or \{ secret: arn:aws:secretsmanager:... \}|known here: env, secret/,
      );
    }
  });

  it('takes references, and words that only begin like a secret', () => {
    const text = `schemaVersion: 1
slack: { token: { env: SLACK_BOT_TOKEN }, signingSecret: { secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:slack-AbCdEf" } }
dimensions: { team: [{ account: { "1": sk-research-team, "2": AKIA, "3": xoxo } }] }
`;
    expect(parseConfig(text, 'x').slack?.token).toEqual({ env: 'SLACK_BOT_TOKEN' });
  });

  it('takes out of any text what it finds in it', () => {
    const secret = fc.constantFrom(...SECRETS.map(([, value]) => value));
    fc.assert(
      fc.property(fc.string(), secret, fc.string(), (before, value, after) => {
        const text = `${before} ${value} ${after}`;
        expect(findSecrets(text).length).toBeGreaterThan(0);
        expect(redact(text)).not.toContain(value);
      }),
    );
  });
});
