import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from '../../lib/config/load.ts';
import { EXAMPLE } from '../../lib/config/reference.ts';
import { configSchema, defaultConfig, defaultDeployedConfig } from '../../lib/config/schema.ts';
import { BursarError } from '../../lib/platform/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'bursar-config-'));
let folder = '';
let count = 0;
beforeEach(() => {
  count += 1;
  folder = join(root, String(count));
  mkdirSync(folder);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** What comes of a text: null where it is a right config, else the error. */
function errorOf(text: string): BursarError | null {
  try {
    return parseConfig(text, 'bursar.yaml').schemaVersion === 1 ? null : fail(text);
  } catch (error) {
    if (error instanceof BursarError && error.code === 'config' && error.exitCode === 2) return error;
    throw error;
  }
}

/** What is said of a config that is wrong. */
function said(text: string): string {
  return errorOf(text)?.message ?? fail(text);
}

function fail(text: string): never {
  throw new Error(`this config was taken for right:\n${text}`);
}

describe('loadConfig', () => {
  it('is the defaults where there is no file', async () => {
    expect(await loadConfig(null, folder)).toEqual(defaultConfig());
    expect(await loadConfig(null, folder, defaultDeployedConfig)).toMatchObject({
      sources: { 'aws-api': { type: 'aws-cost-explorer', months: 3 } },
      estate: { aws: { accounts: 'own', regions: 'enabled' } },
    });
  });

  it('takes ./bursar.yaml where it exists, and a path relative to the caller', async () => {
    writeFileSync(join(folder, 'bursar.yaml'), 'schemaVersion: 1\norganisation: { name: Acme }\n');
    writeFileSync(join(folder, 'other.yaml'), 'schemaVersion: 1\norganisation: { name: Other }\n');
    expect((await loadConfig(null, folder)).organisation.name).toBe('Acme');
    expect((await loadConfig('other.yaml', folder)).organisation.name).toBe('Other');
    expect((await loadConfig(join(folder, 'other.yaml'), '/')).organisation.name).toBe('Other');
  });

  it.each([
    ['a file that is not there', () => 'missing.yaml', /no such file/],
    ['a folder', () => '.', /a folder/],
    [
      'bytes that are no text',
      () => {
        writeFileSync(join(folder, 'latin.yaml'), Buffer.from('schemaVersion: 1 # M\xfcnchen', 'latin1'));
        return 'latin.yaml';
      },
      /not UTF-8/,
    ],
    [
      'a file far too large',
      () => {
        writeFileSync(join(folder, 'bill.csv'), 'x'.repeat(4_000_001));
        return 'bill.csv';
      },
      /4000001 bytes are no config/,
    ],
  ])('says what is wrong with %s', async (_, make, message) => {
    const path = make();
    await expect(loadConfig(path, folder)).rejects.toMatchObject({
      code: 'config',
      where: path,
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });

  it('reads what it gave: JSON of a config is a config', async () => {
    const config = parseConfig(EXAMPLE, 'example');
    writeFileSync(join(folder, 'bursar.config.json'), JSON.stringify(config, null, 2));
    expect(await loadConfig('bursar.config.json', folder)).toEqual(config);
    expect(configSchema.parse(defaultConfig())).toEqual(defaultConfig());
  });
});

describe('parseConfig', () => {
  it('reads the example whole', () => {
    expect(parseConfig(EXAMPLE, 'example')).toMatchObject({
      organisation: { timezone: 'Europe/Berlin', holidays: 'DE' },
      dimensions: {
        team: [{ tag: 'team' }, { account: { '111122223333': 'platform' } }],
        environment: [{ tag: 'env' }],
      },
      policies: [
        { check: 'idle-gpu', mode: 'stop', grace: '2 business days' },
        { check: '*', mode: 'flag' },
      ],
      guards: { perDay: { count: 20, money: { USD: '5000' } }, paused: false },
      slack: { token: { env: 'SLACK_BOT_TOKEN' } },
      deploy: { schedules: { audit: '06:00', sweep: 'rate(15 minutes)' } },
    });
  });

  it.each<[string, string, string]>([
    [
      'a secret in the place of a reference, which is not shown',
      'estate: { stores: { a: { type: qdrant, url: "https://q.acme.com", auth: hunter2 } } }',
      '2:73: estate.stores.a.auth: expected none, or { env: NAME } or { secret: ARN } of an API key',
    ],
    [
      'a secret among options that are none',
      'estate: { stores: { a: { type: lancedb, path: x, options: { aws_secret_access_key: hunter2 } } } }',
      '2:61: estate.stores.a.options.aws_secret_access_key: the key "aws_secret_access_key" is not allowed, expected one that is no secret: name it under secrets, as { env: NAME } or { secret: ARN }',
    ],
    ...['-5m', '2 business days', 'soon'].map((skew): [string, string, string] => [
      `a skew of ${skew}`,
      `estate: { stores: { a: { type: pgvector, url: { env: A }, documents: [{ key: k, skew: ${skew} }] } } }`,
      `2:87: estate.stores.a.documents[0].skew: found "${skew}", expected a duration, like 5m or 2h, but no business days`,
    ]),
    ['an unknown key', 'digset: {}', '2:1: unknown key "digset"; did you mean "digest"?'],
    [
      'an unknown key of a source, known by its type',
      'sources: { a: { type: focus-file, path: x, pth: y } }',
      '2:44: sources.a: unknown key "pth"; did you mean "path"?',
    ],
    [
      'an unknown key near nothing',
      'lake: { colour: red }',
      '2:9: lake: unknown key "colour"; known here: engine',
    ],
    [
      'an unknown source type',
      'sources: { a: { type: focus-fil } }',
      '2:23: sources.a.type: found "focus-fil", expected aws-focus-export, aws-cur, aws-cost-explorer, gcp-bigquery, openai, anthropic or focus-file; did you mean focus-file?',
    ],
    [
      'a source without type',
      'sources: { a: { path: x } }',
      '2:12: sources.a.type is missing, expected aws-focus-export, aws-cur, aws-cost-explorer, gcp-bigquery, openai, anthropic or focus-file',
    ],
    [
      'a missing key',
      'sources: { a: { type: focus-file } }',
      '2:12: sources.a.path is missing, expected a path, or a list of paths',
    ],
    [
      'an account id that YAML takes for a number',
      'deploy: { account: 012345678901 }',
      '2:20: deploy.account: found 012345678901, expected an AWS account id: 12 digits in quotes, like "111122223333": write it in quotes: "012345678901"',
    ],
    [
      'an account id as a key without quotes',
      'owners: { accounts: { 012345678901: a@acme.com } }',
      '2:23: this key must be text: write it in quotes: "012345678901"',
    ],
    [
      'an account id of 11 digits',
      'estate: { aws: { accounts: ["11112222333"] } }',
      '2:29: estate.aws.accounts[0]: found "11112222333", expected an AWS account id: 12 digits in quotes, like "111122223333"',
    ],
    [
      'an amount as a number',
      'guards: { perDay: { money: { USD: 5000.10 } } }',
      '2:35: guards.perDay.money.USD: found 5000.10, expected an amount in quotes, a plain decimal number that is not negative, like "5000" or "0.25": write it in quotes: "5000.10"',
    ],
    [
      'an amount that the money type cannot hold',
      'guards: { perDay: { money: { USD: "0.1234567890123456789" } } }',
      'found "0.1234567890123456789", expected an amount',
    ],
    [
      'a currency that there is not',
      'organisation: { currency: USX }',
      '2:27: organisation.currency: found "USX", expected a currency by its ISO 4217 code, like USD or EUR',
    ],
    [
      'a currency as a key',
      'severity: { USX: {} }',
      '2:13: severity.USX: the key "USX" is not allowed, expected',
    ],
    [
      'a time zone that there is not',
      'organisation: { timezone: Europe/Berln }',
      'found "Europe/Berln", expected an IANA time zone',
    ],
    [
      'an offset, which the runtime takes for a time zone and EventBridge Scheduler does not',
      'organisation: { timezone: "+02" }',
      'found "+02", expected an IANA time zone',
    ],
    [
      'a time zone of another name today, in small letters',
      'organisation: { timezone: asia/kolkata }',
      'found "asia/kolkata", expected an IANA time zone',
    ],
    [
      'tags that IAM takes for the same',
      'deploy: { tags: { Team: finops, team: finops } }',
      '2:17: deploy.tags: found a mapping, expected keys that differ by more than capital letters',
    ],
    [
      'one role to read and to act',
      'estate: { aws: { readRole: Bursar, actRole: bursar } }',
      '2:45: estate.aws.actRole: found "bursar", expected another role than readRole',
    ],
    [
      'one role to act and to tag',
      'estate: { aws: { tagRole: BursarAct } }',
      'estate.aws.tagRole: found "BursarAct", expected another role than actRole',
    ],
    ['a schedule', 'digest: { schedule: "Mo 9" }', 'found "Mo 9", expected a schedule'],
    [
      'a duration',
      'policies: [{ check: "*", mode: stop, grace: 2 busy days }]',
      'policies[0].grace: found "2 busy days", expected a duration',
    ],
    [
      'a word that is none of those allowed',
      'policies: [{ check: "*", mode: stopp }]',
      '2:32: policies[0].mode: found "stopp", expected off, flag, warn or stop; did you mean stop?',
    ],
    [
      'a check that there is not',
      'policies: [{ check: idle-gpus }]',
      '2:21: policies[0].check: check "idle-gpus" is not known; did you mean idle-gpu?',
    ],
    [
      'a dimension that nothing defines',
      'policies: [{ check: "*", where: { environment: prod } }]',
      'policies[0].where.environment: condition or dimension "environment" is not known; known: provider, account, resourceType',
    ],
    [
      'a grace without stop',
      'policies: [{ check: "*", mode: warn, grace: 2d }]',
      'only mode stop has a grace',
    ],
    ['creators without domains', 'owners: { creators: true }', 'owners.creators: needs owners.domains'],
    [
      'a member without an address',
      'owners: { teams: { research: { members: [ana] } } }',
      'owners.teams.research',
    ],
    [
      'thresholds that fall',
      'severity: { USD: { medium: "9", high: "8" } }',
      'severity.USD: medium, high and critical must not fall: found 9, 8, 10000',
    ],
    [
      'a number out of bounds',
      'checks: { idle-gpu: { below: 500 } }',
      '2:30: checks.idle-gpu.below: found 500, expected at most 100',
    ],
    ['a list instead of a mapping', 'digest: []', '2:9: digest: found an empty list, expected a mapping'],
    ['nothing instead of a mapping', 'digest:', '2:8: digest: found nothing, expected a mapping'],
    [
      'an empty list',
      'estate: { gcp: { projects: [] } }',
      'found an empty list, expected a list of at least 1 entries',
    ],
    ['a dimension rule of no kind', 'dimensions: { team: [{ tags: team }] }', 'expected one of { tag: KEY }'],
    [
      'a dimension by the name of an axis',
      'dimensions: { team: [{ tag: team }], service: [{ tag: service }] }',
      '2:47: dimensions.service: bursar spend groups by "service" of the bill itself; give the dimension another name',
    ],
    [
      'a dimension name',
      'dimensions: { "Cost Centre": [{ tag: cc }] }',
      'the key "Cost Centre" is not allowed, expected a name of lower-case letters',
    ],
    [
      'a user in an endpoint',
      'slack: { token: { env: T }, endpoint: "http://me@host/" }',
      'without a user or password',
    ],
    [
      'a prototype as a key',
      'owners: { accounts: { __proto__: a@acme.com } }',
      '2:23: __proto__ cannot be a key',
    ],
    ['a merge key', 'lake: { <<: { engine: auto } }', '2:9: merge keys'],
    ['a key that is a list', '? [a]\n: b', '2:3: a key must be text'],
    ['a truth value as a key', 'owners: { accounts: { true: a@acme.com } }', 'write it in quotes: "true"'],
    ['a key twice', 'lake: {}\nlake: {}', '3:1: this key is written twice'],
    ['a second document', '---\nschemaVersion: 1', 'a second document begins here'],
    ['a tab', 'lake:\n\tengine: auto', '3:1: '],
    ['a tag', 'lake: !!binary aGk=', '2:16: tags (!name) have no meaning here'],
    ['a quote that is not closed', 'lake: { engine: "auto }', 'bursar.yaml:'],
  ])('names line, column, value and what is allowed: %s', (_, text, expected) => {
    expect(said(`schemaVersion: 1\n${text}\n`)).toContain(expected);
  });

  it.each([
    ['an empty file', '', /schemaVersion is missing: begin the file with "schemaVersion: 1"/],
    ['no version', 'lake: {}', /schemaVersion is missing/],
    [
      'a newer version',
      'schemaVersion: 2\nsomething: new',
      /1:16: schemaVersion 2 is newer .* update bursar/,
    ],
    ['a version as text', 'schemaVersion: "1"', /found "1", expected 1/],
    ['a text', 'hello', /found "hello", expected a mapping/],
    ['a list', '- 1', /found a list, expected a mapping/],
  ])('says what it needs of %s', (_, text, message) => {
    expect(said(text)).toMatch(message);
  });

  it('tells everything that is wrong at once, in the order of the text', () => {
    const message = said('schemaVersion: 1\nlake: { engine: x }\ndigset: {}\nowners: { tags: owner }\n');
    expect(message.split('\n').map((line) => line.split(': ')[0])).toEqual([
      '3 things are wrong:',
      'bursar.yaml:2:17',
      'bursar.yaml:3:1',
      'bursar.yaml:4:17',
    ]);
  });

  it('follows aliases, but only so many', () => {
    const shared = 'schemaVersion: 1\ndimensions: { team: &t [{ tag: team }], unit: *t }\n';
    expect(parseConfig(shared, 'x').dimensions).toEqual({ team: [{ tag: 'team' }], unit: [{ tag: 'team' }] });
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'].map((pair) => Array.from(pair)))
      bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`);
    expect(said(`schemaVersion: 1\n${bomb.join('\n')}\n`)).toMatch(/uses of aliases/);
  });

  it('places an error inside an alias where it is written', () => {
    expect(said('schemaVersion: 1\ndimensions: { team: &t [{ tag: "" }], unit: *t }\n')).toContain(
      'bursar.yaml:2:32: dimensions.unit[0].tag: found ""',
    );
  });

  it('never throws anything but its own error, whatever the text', () => {
    const word = fc.constantFrom(
      'schemaVersion: 1',
      'sources',
      'type',
      'slack',
      'token',
      ':',
      ': ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '\n',
      '  ',
      '&a',
      '*a',
      '!!set',
      '|',
      '>',
      '#',
      '?',
      '012',
      '1e3',
      '~',
      'null',
      '__proto__',
      'constructor',
      '\t',
      '\0',
      '😀',
      '---',
      '<<',
      '%YAML 1.1',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 25 }), (words) => {
        const text = words.join('');
        expect(errorOf(text)?.message ?? 'x:1:1: right').toMatch(/:\d+:\d+: /);
      }),
      { numRuns: 1500 },
    );
  });
});
