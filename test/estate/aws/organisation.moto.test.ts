import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
  TagResourceCommand,
} from '@aws-sdk/client-organizations';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { ownerResolver } from '../../../lib/checks/owner.ts';
import { knownOf } from '../../../lib/checks/ownership.ts';
import { awsOrganisationAccounts } from '../../../lib/estate/aws/organisation.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Scope } from '../../../lib/estate/model.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { awsEstate } from '../../../lib/run/assemble/aws.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { AMBIENT, jsonRefusal, OWN, proxy } from './emulated.ts';

const moto = inject('motoUrl');
const now = new Date('2026-11-20T10:30:00Z');
const SCOPE: Scope = { provider: 'aws', accountId: OWN, region: 'global' };

const organizations = (endpoint: string) =>
  new OrganizationsClient({ region: 'us-east-1', endpoint, credentials: AMBIENT, maxAttempts: 1 });

interface World {
  readonly research: string;
  readonly sandbox: string;
  readonly closed: string;
}
let world: World;

afterEach(() => vi.unstubAllEnvs());

beforeEach(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', AMBIENT.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', AMBIENT.secretAccessKey);
  await resetMoto(moto);
  const client = organizations(moto);
  await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const { Roots } = await client.send(new ListRootsCommand({}));
  const root = Roots?.[0]?.Id ?? '';
  const unit = async (Name: string, ParentId: string) => {
    const { OrganizationalUnit } = await client.send(new CreateOrganizationalUnitCommand({ Name, ParentId }));
    return OrganizationalUnit?.Id ?? '';
  };
  const account = async (name: string, parent: string) => {
    const { CreateAccountStatus } = await client.send(
      new CreateAccountCommand({ AccountName: name, Email: `${name}@root.example` }),
    );
    const AccountId = CreateAccountStatus?.AccountId ?? '';
    if (parent !== root)
      await client.send(
        new MoveAccountCommand({ AccountId, SourceParentId: root, DestinationParentId: parent }),
      );
    return AccountId;
  };
  const ml = await unit('ML', await unit('Workloads', root));
  world = {
    research: await account('research', ml),
    sandbox: await account('sandbox', root),
    closed: await account('closed', ml),
  };
  await client.send(
    new TagResourceCommand({
      ResourceId: world.research,
      Tags: [
        { Key: 'owner', Value: 'ana@acme.com' },
        { Key: 'team', Value: 'research' },
      ],
    }),
  );
  await client.send(new CloseAccountCommand({ AccountId: world.closed }));
});

const refused = () => Promise.reject(new BursarError('denied', 'ec2:DescribeRegions was denied'));

function look(
  endpoint: string,
  regionsOf: (id: string) => Promise<readonly string[] | null> = async () => null,
) {
  const session = { organizations: organizations(endpoint), regionsOf };
  return collectScope(SCOPE, session, [awsOrganisationAccounts], now, new Meter());
}

test('accounts with name, state, place, tags and regions; the owner of one is that of its tag', async () => {
  const { resources, coverage } = await look(moto, async (id) =>
    id === world.research ? ['us-east-1'] : [],
  );
  expect(coverage).toMatchObject([{ scope: `aws:${OWN}:global`, status: 'complete' }]);
  expect(resources).toHaveLength(4);
  const research = resources.find(({ accountId }) => accountId === world.research);
  expect(research).toMatchObject({
    type: 'aws:organizations:account',
    name: 'research',
    state: 'ACTIVE',
    tags: { owner: 'ana@acme.com', team: 'research' },
    attributes: { path: ['Workloads', 'ML'], regions: ['us-east-1'] },
  });
  expect(research?.id).toMatch(new RegExp(`^arn:aws:organizations::.*${world.research}$`));
  expect(resources.find(({ accountId }) => accountId === world.sandbox)?.attributes['path']).toEqual([]);
  expect(resources.find(({ accountId }) => accountId === world.closed)?.state).not.toBe('ACTIVE');
  const known = knownOf([{ name: `aws:${OWN}:global`, resources }]);
  const ownerOf = ownerResolver({ tags: ['owner'], domains: ['acme.com'], accounts: {} });
  expect(ownerOf({ accountId: world.research, tags: {} }, known)?.id).toBe('ana@acme.com');
  // The address of a root user is nobody's.
  expect(ownerOf({ accountId: world.sandbox, tags: {} }, known)).toBeNull();
});

test('regions that are not known leave the accounts, and are told; of a closed account nobody asks', async () => {
  const { resources, coverage } = await look(moto, refused);
  expect(resources).toHaveLength(4);
  expect(resources.every(({ attributes }) => attributes['regions'] === null)).toBe(true);
  expect(coverage[0]).toMatchObject({ status: 'partial', incomplete: ['aws.organizations.accounts'] });
  expect(coverage[0]?.reason).toContain(`the regions of ${world.research} are unknown`);
  expect(coverage[0]?.reason).not.toContain(world.closed);
});

test('tags that may not be read leave nothing behind that could name a wrong owner', async () => {
  const refusing = await proxy(moto, async ({ headers }) =>
    String(headers['x-amz-target']).endsWith('.ListTagsForResource')
      ? jsonRefusal('AccessDeniedException', 'no')
      : null,
  );
  const { resources, coverage } = await look(refusing.url);
  await refusing.close();
  expect(resources).toEqual([]);
  expect(coverage[0]).toMatchObject({ status: 'failed' });
  expect(coverage[0]?.reason).toContain('organizations:ListTagsForResource was denied');
});

test('the plan names a scope for the organisation, and every account that cannot be looked at', async () => {
  const estate = awsEstate({
    accounts: 'organisation',
    regions: ['us-east-1'],
    assume: { roleName: 'BursarRead' },
    endpoint: moto,
  });
  const { scopes, coverage } = await estate.plan(now, new Meter());
  expect(scopes.map(({ accountId, region }) => `${accountId} ${region}`)).toEqual(
    [`${OWN} global`, ...[OWN, world.research, world.sandbox].map((id) => `${id} us-east-1`)].toSorted(),
  );
  expect(coverage).toMatchObject([{ scope: `aws:${world.closed}`, status: 'not-covered' }]);
  expect(coverage[0]?.reason).toContain('closed is ');
  const taken = await estate.collect(SCOPE, now, new Meter());
  expect(taken.resources.map(({ type }) => type)).toContain('aws:organizations:account');
  expect(estate.permissions.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['organizations:ListTagsForResource', 'ce:ListCostAllocationTags']),
  );
  expect(estate.permissions.map(({ action }) => action)).not.toContain('cloudtrail:LookupEvents');
});

test('an account and a region that are named twice are one scope', async () => {
  const regions = ['us-east-1', 'eu-west-1', 'us-east-1'];
  const estate = awsEstate({ accounts: [OWN, OWN], regions, assume: null, endpoint: moto });
  const { scopes } = await estate.plan(now, new Meter());
  expect(scopes.map(({ accountId, region }) => `${accountId} ${region}`)).toEqual([
    `${OWN} eu-west-1`,
    `${OWN} us-east-1`,
  ]);
});
