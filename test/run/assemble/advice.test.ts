import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { awsEstate } from '../../../lib/run/assemble/aws.ts';
import { whenAsked } from '../../../lib/run/assemble/clouds.ts';
import { estatesOf } from '../../../lib/run/assemble/estates.ts';
import { deployedPermissions, readRights } from '../../../lib/run/assemble/permissions.ts';
import { adviceFake } from '../../estate/aws/advice-fake.ts';
import { AMBIENT, OWN } from '../../estate/aws/emulated.ts';

const now = new Date('2026-11-20T10:00:00Z');
const NAMES = {
  bucket: 'acme-bursar',
  lakePrefix: 'lake/',
  reportsPrefix: 'reports/',
  table: 'Bursar',
  queueArn: 'arn:aws:sqs:eu-central-1:444455556666:q',
  deadLettersArn: 'arn:aws:sqs:eu-central-1:444455556666:d',
};
const ADVICE = /^(compute-optimizer|cost-optimization-hub|recommender)[:.]/;
const RIGHTS = [
  'compute-optimizer:GetEBSVolumeRecommendations',
  'compute-optimizer:GetEC2InstanceRecommendations',
  'compute-optimizer:GetEnrollmentStatus',
  'compute-optimizer:GetIdleRecommendations',
  'cost-optimization-hub:ListEnrollmentStatuses',
  'cost-optimization-hub:ListRecommendations',
  'recommender.cloudsqlIdleInstanceRecommendations.list',
  'recommender.cloudsqlOverprovisionedInstanceRecommendations.list',
  'recommender.computeAddressIdleResourceRecommendations.list',
  'recommender.computeDiskIdleResourceRecommendations.list',
  'recommender.computeIdleResourceRecommendations.list',
  'recommender.computeImageIdleResourceRecommendations.list',
  'recommender.computeInstanceIdleResourceRecommendations.list',
  'recommender.computeInstanceMachineTypeRecommendations.list',
  'recommender.usageCommitmentRecommendations.list',
];

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', AMBIENT.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', AMBIENT.secretAccessKey);
});
afterEach(() => vi.unstubAllEnvs());

function config(advice: boolean) {
  return parseConfig(
    `schemaVersion: 1\nestate:\n  aws: { accounts: organisation, advice: ${advice} }\n  gcp: { projects: [ml-prod], advice: ${advice} }\n`,
    'bursar.yaml',
  );
}

function ofAdvice(permissions: readonly { readonly action: string }[]): string[] {
  return permissions
    .map(({ action }) => action)
    .filter((action) => ADVICE.test(action))
    .toSorted();
}

test('the rights to read advice are granted where the config asks for it, to the collector and the read role alone', async () => {
  const on = deployedPermissions(config(true), NAMES);
  expect(ofAdvice(on.collect)).toEqual(RIGHTS);
  const { collect: _, ...others } = on;
  expect(ofAdvice(Object.values(others).flat())).toEqual([]);
  expect(ofAdvice(Object.values(deployedPermissions(config(false), NAMES)).flat())).toEqual([]);
  const rights = (advice: boolean) =>
    ofAdvice(readRights({ regions: 'enabled', advice }, { creators: false }));
  expect(rights(true)).toEqual(RIGHTS.filter((right) => right.includes(':')));
  expect(rights(false)).toEqual([]);
  const declared = async (advice: boolean) =>
    ofAdvice((await estatesOf(config(advice), whenAsked)).flatMap(({ permissions }) => permissions));
  expect(await declared(true)).toEqual(RIGHTS);
  expect(await declared(false)).toEqual([]);
});

test('advice is off unless the config turns it on', () => {
  const { estate } = parseConfig(
    'schemaVersion: 1\nestate: { aws: {}, gcp: { projects: [ml-prod] } }\n',
    'bursar.yaml',
  );
  expect([estate.aws?.advice, estate.gcp?.advice]).toEqual([false, false]);
});

test('both tools are asked in a look, the Hub at its one region, and none in a second look or when off', async () => {
  const scope = { provider: 'aws' as const, accountId: OWN, region: 'eu-west-1' };
  const looked = async (advice: boolean, only?: ReadonlySet<string>) => {
    await using fake = await adviceFake({});
    const estate = awsEstate({
      accounts: 'own',
      regions: ['eu-west-1'],
      assume: null,
      endpoint: fake.url,
      advice,
    });
    const taken = await estate.collect(scope, now, new Meter(), only);
    return { advice: taken.advice, signed: new Set(fake.asked.map(({ signed }) => signed)) };
  };
  const whole = await looked(true);
  expect(whole.advice).toEqual([]);
  expect(whole.signed).toContain('eu-west-1/compute-optimizer');
  expect(whole.signed).toContain('us-east-1/cost-optimization-hub');
  for (const none of [await looked(false), await looked(true, new Set(['x']))]) {
    expect(none.advice).toBeUndefined();
    expect([...none.signed].filter((name) => /optimiz/.test(name))).toEqual([]);
    expect(none.signed.size).toBeGreaterThan(0);
  }
});
