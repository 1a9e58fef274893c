import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Config, configSchema } from '../../../lib/config/schema.ts';
import type { Resource, Snapshot } from '../../../lib/estate/model.ts';
import { putSnapshot } from '../../../lib/lake/snapshots.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { attributed, snapshotsIn } from '../../../lib/run/assemble/account-tags.ts';
import { termsSettings } from '../../../lib/run/assemble/config.ts';
import { dimensionsOf } from '../../../lib/run/terms.ts';

let folder = '';
const warnings: string[] = [];
const progress = { step: () => undefined, warn: (line: string) => void warnings.push(line) };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-account-tags-'));
  warnings.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

function account(accountId: string, tags: Record<string, string>): Resource {
  return {
    provider: 'aws',
    accountId,
    region: 'global',
    type: 'aws:organizations:account',
    id: `arn:aws:organizations::999999999999:account/o-1/${accountId}`,
    name: accountId,
    state: 'ACTIVE',
    created: null,
    tags,
    sku: null,
    accelerators: [],
    parent: null,
    attributes: {},
  };
}

async function keep(
  takenAt: string,
  resources: Resource[],
  region = 'global',
  accountId = '999999999999',
): Promise<void> {
  const snapshot: Snapshot = {
    schemaVersion: 2,
    scope: { provider: 'aws', accountId, region },
    takenAt,
    resources,
    telemetry: [],
    vectorIndexes: [],
    coverage: [],
  };
  await putSnapshot(folderStore(folder), snapshot, { last: 10, days: 10 });
}

function config(): Config {
  return configSchema.parse({
    schemaVersion: 1,
    estate: { aws: { accounts: 'organisation' } },
    dimensions: {
      team: [
        { tag: 'team' },
        { account: { '111111111111': 'config' } },
        { accountTag: 'Team' },
        { project: { 'acme-vision': 'vision' } },
      ],
      cost_centre: [{ accountTag: 'cost-centre' }],
    },
  });
}

const read = (given: Config) => attributed(given, () => snapshotsIn(folderStore(folder)), progress);

test('the tags of accounts give values where an earlier rule gives none', async () => {
  await keep('2026-11-20T00:00:00.000Z', [
    account('111111111111', { Team: 'tagged', 'cost-centre': 'R&D 7' }),
    account('222222222222', { Team: ' platform ' }),
    account('333333333333', { Team: '  ', team: 'another key' }),
  ]);
  const { dimensions } = termsSettings(await read(config()));
  const of = (id: string, tags = {}) => dimensionsOf(id, tags, dimensions);
  expect(of('111111111111')).toEqual({ team: 'config', cost_centre: 'R&D 7' });
  expect(of('222222222222')).toEqual({ team: 'platform' });
  expect(of('222222222222', { team: 'search' })).toEqual({ team: 'search' });
  expect(of('333333333333')).toEqual({});
  expect(of('444444444444')).toEqual({});
  expect(of('acme-vision')).toEqual({ team: 'vision' });
  expect(warnings).toEqual([]);
});

test('the newest look that knew the accounts counts, and what lies in regions is no organisation', async () => {
  await keep('2026-11-18T00:00:00.000Z', [account('222222222222', { Team: 'old' })]);
  await keep('2026-11-19T00:00:00.000Z', [account('222222222222', { Team: 'new' })]);
  await keep('2026-11-20T00:00:00.000Z', []);
  await keep('2026-11-20T00:00:00.000Z', [account('222222222222', { Team: 'elsewhere' })], 'eu-west-1');
  const { dimensions } = await read(config());
  expect(dimensionsOf('222222222222', {}, dimensions)).toEqual({ team: 'new' });
});

test('an account that moved between organisations has the tags of the one that told of it last', async () => {
  await keep(
    '2026-11-20T00:00:00.000Z',
    [account('222222222222', { Team: 'new' })],
    'global',
    '100000000000',
  );
  await keep('2026-11-19T00:00:00.000Z', [
    account('222222222222', { Team: 'old' }),
    account('333333333333', { Team: 'stayed' }),
  ]);
  const { dimensions } = await read(config());
  expect(dimensionsOf('222222222222', {}, dimensions)).toEqual({ team: 'new' });
  expect(dimensionsOf('333333333333', {}, dimensions)).toEqual({ team: 'stayed' });
});

test('nothing known is said, and gives no value', async () => {
  const { dimensions } = await read(config());
  expect(dimensionsOf('222222222222', {}, dimensions)).toEqual({});
  expect(warnings).toEqual([expect.stringContaining('(accountTag Team, cost-centre)')]);
});

test('where no organisation is read, it is said what to set, and whether old tags count', async () => {
  const own = configSchema.parse({
    schemaVersion: 1,
    estate: { aws: { accounts: 'own' } },
    dimensions: { team: [{ accountTag: 'Team' }] },
  });
  await read(own);
  await keep('2026-11-20T00:00:00.000Z', [account('222222222222', { Team: 'new' })]);
  const { dimensions } = await read(own);
  expect(dimensionsOf('222222222222', {}, dimensions)).toEqual({ team: 'new' });
  expect(warnings).toEqual([
    expect.stringMatching(/\(accountTag Team\).*set estate\.aws\.accounts to organisation$/),
    expect.stringMatching(/set estate\.aws\.accounts to organisation; until then those count/),
  ]);
});

function opened(): never {
  throw new Error('opened');
}

test('without such a rule nothing is opened', async () => {
  const plain = configSchema.parse({ schemaVersion: 1, dimensions: { team: [{ tag: 'team' }] } });
  expect(await attributed(plain, opened, progress)).toBe(plain);
});
