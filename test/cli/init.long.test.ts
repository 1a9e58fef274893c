import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { bursar, bursarOk, folder } from '../journeys/bursar.ts';
import { onTerminal } from '../journeys/terminal.ts';

vi.setConfig({ testTimeout: 120_000 });

async function config(here: string, file = 'bursar.yaml') {
  return parseConfig(await readFile(join(here, file), 'utf8'), file);
}

describe('by flags', () => {
  test('--yes alone is a config that loads, and every flag is in it', async () => {
    const here = await folder();
    const said = await bursarOk(['init', '--yes'], here);
    expect(said).toContain('bursar.yaml is written. Next:');
    expect(await config(here)).toMatchObject({ sources: {}, owners: { tags: ['owner'] } });

    const flags = ['--name', 'Acme: "1"', '--timezone', 'Asia/Tokyo', '--currency', 'jpy'];
    const bills = [
      '--aws-export',
      's3://acme-bills/focus/',
      '--cost-explorer',
      '--openai',
      '--files',
      'a,b,a',
    ];
    const rest = ['--gcp-export', 'acme-1.bills.x', '--aws', '--gcp', 'linked', '--slack', '#finops'];
    const more = await bursarOk(
      [
        'init',
        '--yes',
        '--out',
        'sub/other.yaml',
        ...flags,
        ...bills,
        ...rest,
        '--domains',
        'acme.com, ACME.com',
      ],
      here,
    );
    expect(more).toContain('OPENAI_ADMIN_KEY and SLACK_BOT_TOKEN');
    expect(more).toContain('--config sub/other.yaml');
    const { organisation, sources, estate, slack, owners } = await config(here, 'sub/other.yaml');
    expect(organisation).toMatchObject({ name: 'Acme: "1"', timezone: 'Asia/Tokyo', currency: 'JPY' });
    expect(Object.values(sources).map(({ type }) => type)).toEqual([
      'aws-focus-export',
      'aws-cost-explorer',
      'gcp-bigquery',
      'openai',
      'focus-file',
    ]);
    expect(estate).toMatchObject({ aws: { accounts: 'own' }, gcp: { projects: 'linked' } });
    expect(slack?.channels.digest).toBe('#finops');
    expect(owners.domains).toEqual(['acme.com']);
    expect(await readdir(join(here, 'sub'))).toEqual(['other.yaml']);
  });

  test('a file that is there stays, unless --force says otherwise', async () => {
    const here = await folder();
    await writeFile(join(here, 'bursar.yaml'), 'mine');
    expect(await bursar(['init', '--yes'], here)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--force'),
    });
    expect(await readFile(join(here, 'bursar.yaml'), 'utf8')).toBe('mine');
    await bursarOk(['init', '--yes', '--force'], here);
    expect((await config(here)).organisation.name).toBe('Your organisation');
    expect(await readdir(here)).toEqual(['bursar.yaml']);
  });

  test.each([
    ['no terminal', [], '--yes'],
    [
      'a zone that is none',
      ['--yes', '--timezone', 'Berlin'],
      '--timezone "Berlin": expected an IANA time zone',
    ],
    ['a bucket that is none', ['--yes', '--aws-export', 'x'], '--aws-export "x": expected the folder'],
    ['an account that is none', ['--yes', '--aws', '12'], '--aws "12": expected own'],
    ['a secret', ['--yes', '--name', 'xoxb-123456789012-abcdefghijklmnop'], 'looks like a Slack token'],
  ])('%s: 2, and nothing is written', async (_what, flags, said) => {
    const here = await folder();
    const ran = await bursar(['init', ...flags], here);
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
    expect(ran.stderr).not.toContain('abcdefghijklmnop');
    expect(await readdir(here)).toEqual([]);
  });
});

describe('on a terminal', () => {
  test('asks, asks again what it does not understand, and writes what was answered', async () => {
    const here = await folder();
    const { code, shown } = await onTerminal(['init', '--currency', 'EUR'], here, {
      typed: [
        ['Name of your organisation', 'Acme\r'],
        ['Time zone', 'Berlin\r'],
        ['expected an IANA time zone', 'Europe/Berlin\r'],
        ['Which bills?', '2,6\r'],
        ['FOCUS files or folders', '\r'],
        ['AWS accounts', '\r'],
        ['Google Cloud projects', '\r'],
        ['name the owner', 'owner,contact\r'],
        ['names the team', '\r'],
        ['names the environment', 'none\r'],
        ['e-mail', 'acme.com\r'],
        ['Slack channel', '#finops\r'],
      ],
    });
    expect(shown).toContain('bursar.yaml is written');
    expect(code).toBe(0);
    const { organisation, sources, estate, owners, dimensions, slack } = await config(here);
    expect(organisation).toMatchObject({ name: 'Acme', currency: 'EUR', timezone: 'Europe/Berlin' });
    expect(Object.keys(sources)).toEqual(['aws-cost-explorer', 'files']);
    expect(estate.aws?.accounts).toBe('own');
    expect(estate.gcp).toBeUndefined();
    expect(owners).toMatchObject({ tags: ['owner', 'contact'], domains: ['acme.com'] });
    expect(dimensions).toEqual({ team: [{ tag: 'team' }] });
    expect(slack?.channels.digest).toBe('#finops');
    expect(shown).not.toContain('Currency');
  });

  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('%s in the middle leaves nothing behind', async (_what, key) => {
    const here = await folder();
    const { code, shown } = await onTerminal(['init'], here, {
      typed: [
        ['Name of your organisation', 'Acme\r'],
        ['Time zone', key],
      ],
    });
    expect(shown).toContain('nothing was written');
    expect(code).toBe(130);
    expect(await readdir(here)).toEqual([]);
  });
});
