import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { csvBill } from '../journeys/bills.ts';
import { bursar, folder } from '../journeys/bursar.ts';

const SECRET = 'xoxb-123456789012-abcdefghijklmnop';

test.each([
  [
    'a secret in plain text',
    `slack:\n  token: ${SECRET}\n`,
    /^bursar: bursar\.yaml:3:10: this looks like a Slack token/,
    'env',
  ],
  [
    'an unknown key, with the one that was meant',
    'organization: { name: Acme }\n',
    /bursar\.yaml:2:1: .*organization/,
    'organisation',
  ],
  ['a wrong value, with what is allowed', 'lake: { engine: duckbd }\n', /bursar\.yaml:2:\d+: /, 'duckdb'],
  ['no YAML at all', 'sources: [\n', /bursar\.yaml:\d+:\d+: /, 'docs/config.md'],
])('%s: 2, file and line, and nothing is made', async (_what, text, place, allowed) => {
  const here = await folder();
  await writeFile(join(here, 'bursar.yaml'), `schemaVersion: 1\n${text}`);
  for (const command of [['audit'], ['doctor']]) {
    const ran = await bursar(command, here);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(place);
    expect(ran.stderr).toContain(allowed);
    expect(ran.stderr).not.toContain(SECRET);
    expect(ran.stderr).not.toContain('abcdefghijklmnop');
  }
});

test('doctor tries what lies here, says what it did not try, and ends with 4 where something fails', async () => {
  const here = await folder();
  await writeFile(join(here, 'bill.csv'), csvBill([{}]));
  await writeFile(
    join(here, 'bursar.yaml'),
    [
      'schemaVersion: 1',
      'sources:',
      '  here: { type: focus-file, path: bill.csv }',
      '  gone: { type: focus-file, path: nowhere.csv }',
      '  ce: { type: aws-cost-explorer, account: "123456789012" }',
      '  later: { type: openai, key: { env: OPENAI_KEY } }',
      'slack: { token: { env: SLACK_BOT_TOKEN }, channels: { digest: "#finops" } }',
      '',
    ].join('\n'),
  );
  const ran = await bursar(['doctor', '--now', '2026-11-23', '--format', 'json'], here);
  expect(ran.code).toBe(4);
  const examined: { what: string; state: string }[] = JSON.parse(ran.stdout);
  expect(Object.fromEntries(examined.map(({ what, state }) => [what, state]))).toEqual({
    config: 'works',
    lake: 'works',
    ledger: 'works',
    'bill:here': 'works',
    'bill:gone': 'fails',
    'bill:ce': 'not tried',
    'bill:later': 'fails',
    'price tables': 'works',
    slack: 'fails',
  });
  const said = await bursar(['doctor'], here);
  expect(said.stdout).toContain('ce:GetCostAndUsage');
  expect(said.stdout).toContain('Set it before you start Bursar.');
});
