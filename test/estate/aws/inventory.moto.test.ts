import { CreateRepositoryCommand, PutImageCommand, PutLifecyclePolicyCommand } from '@aws-sdk/client-ecr';
import { CreateCacheClusterCommand, CreateReplicationGroupCommand } from '@aws-sdk/client-elasticache';
import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import { beforeEach, expect, inject, test } from 'vitest';
import { awsCaches } from '../../../lib/estate/aws/caches.ts';
import { awsFunctions } from '../../../lib/estate/aws/functions.ts';
import { awsRepositories } from '../../../lib/estate/aws/repositories.ts';
import { awsServerlessCaches } from '../../../lib/estate/aws/serverless-caches.ts';
import type { AwsSession } from '../../../lib/estate/aws/session.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Dataset, Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { jsonRefusal, OWN, proxy, session, stsRefusal } from './emulated.ts';

const moto = inject('motoUrl');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };

beforeEach(() => resetMoto(moto));

const look = (dataset: Dataset<AwsSession>, endpoint = moto) =>
  collectScope(scope, session(endpoint), [dataset], new Date('2026-11-20T10:30:00Z'), new Meter());

test('caches with their node type, and the replication group that some belong to', async () => {
  const { elasticache } = session(moto);
  await elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: 'sessions',
      ReplicationGroupDescription: 'x',
      CacheNodeType: 'cache.r7g.large',
      Engine: 'redis',
      Tags: [{ Key: 'owner', Value: 'ana' }],
    }),
  );
  await elasticache.send(
    new CreateCacheClusterCommand({
      CacheClusterId: 'alone',
      CacheNodeType: 'cache.t4g.micro',
      Engine: 'memcached',
      NumCacheNodes: 2,
      Tags: [{ Key: 'owner', Value: 'bo' }],
    }),
  );
  const { resources, coverage } = await look(awsCaches);
  expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
  const of = (name: string) => resources.find((one) => one.name === name);
  expect(of('sessions')).toMatchObject({
    type: 'aws:elasticache:replicationgroup',
    id: `arn:aws:elasticache:us-east-1:${OWN}:replicationgroup:sessions`,
    state: 'available',
  });
  expect(of('alone')).toMatchObject({
    type: 'aws:elasticache:cluster',
    id: `arn:aws:elasticache:us-east-1:${OWN}:cluster:alone`,
    sku: 'cache.t4g.micro',
    tags: { owner: 'bo' },
    parent: null,
    attributes: { engine: 'memcached', nodes: 2 },
  });
});

/** An answer of ElastiCache, which speaks the query protocol: members as XML elements. */
function queryAnswer(action: string, inner: string) {
  const body = `<${action}Response xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><${action}Result>${inner}</${action}Result></${action}Response>`;
  return { status: 200, type: 'text/xml', body };
}

const serverless = (name: string, more = '') =>
  `<ServerlessCaches><member><ServerlessCacheName>${name}</ServerlessCacheName><ARN>arn:aws:elasticache:us-east-1:${OWN}:serverlesscache:${name}</ARN><Status>AVAILABLE</Status><Engine>valkey</Engine><FullEngineVersion>8.0</FullEngineVersion><CreateTime>2026-03-01T00:00:00Z</CreateTime><CacheUsageLimits><DataStorage><Maximum>10</Maximum><Unit>GB</Unit></DataStorage><ECPUPerSecond><Minimum>1000</Minimum></ECPUPerSecond></CacheUsageLimits></member></ServerlessCaches>${more}`;

test('serverless caches of all pages with their limits and tags; what is deleted meanwhile is left out', async () => {
  expect((await look(awsServerlessCaches)).coverage).toMatchObject([{ status: 'complete' }]);
  const before = await proxy(moto, async ({ action, body }) => {
    const asked = new URLSearchParams(body);
    if (action === 'DescribeServerlessCaches')
      return queryAnswer(
        action,
        asked.get('NextToken') === 'more' ? serverless('b') : serverless('a', '<NextToken>more</NextToken>'),
      );
    if (action !== 'ListTagsForResource') return null;
    return asked.get('ResourceName')?.endsWith(':b') === true
      ? stsRefusal('ServerlessCacheNotFoundFault', 'no such cache', 404)
      : queryAnswer(action, '<TagList><Tag><Key>team</Key><Value>search</Value></Tag></TagList>');
  });
  try {
    const { resources, coverage } = await look(awsServerlessCaches, before.url);
    expect(coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(resources).toMatchObject([
      {
        type: 'aws:elasticache:serverlesscache',
        id: `arn:aws:elasticache:us-east-1:${OWN}:serverlesscache:a`,
        name: 'a',
        state: 'available',
        created: '2026-03-01T00:00:00.000Z',
        sku: null,
        tags: { team: 'search' },
        attributes: {
          engine: 'valkey',
          engineVersion: '8.0',
          mostGigabytes: 10,
          leastGigabytes: null,
          mostUnitsPerSecond: null,
          leastUnitsPerSecond: 1000,
        },
      },
    ]);
    expect(before.calls.filter((call) => call === 'DescribeServerlessCaches')).toHaveLength(2);
  } finally {
    await before.close();
  }
});

const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  config: {
    mediaType: 'application/vnd.docker.container.image.v1+json',
    size: 7,
    digest: `sha256:${'0'.repeat(64)}`,
  },
  layers: [
    {
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
      size: 100,
      digest: `sha256:${'1'.repeat(64)}`,
    },
  ],
});

test('repositories with whether images expire and how many there are', async () => {
  const { ecr } = session(moto);
  for (const name of ['team/api', 'team/old'])
    await ecr.send(
      new CreateRepositoryCommand({ repositoryName: name, tags: [{ Key: 'owner', Value: name }] }),
    );
  await ecr.send(
    new PutLifecyclePolicyCommand({
      repositoryName: 'team/api',
      lifecyclePolicyText: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 5 },
            action: { type: 'expire' },
          },
        ],
      }),
    }),
  );
  await ecr.send(
    new PutImageCommand({ repositoryName: 'team/old', imageManifest: MANIFEST, imageTag: 'v1' }),
  );
  const { resources, coverage } = await look(awsRepositories);
  expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
  expect(
    resources.map(({ id, tags, attributes }) => [
      id,
      tags['owner'],
      attributes['lifecyclePolicy'],
      attributes['images'],
      attributes['imagesCounted'],
    ]),
  ).toEqual([
    [`arn:aws:ecr:us-east-1:${OWN}:repository/team/api`, 'team/api', true, 0, true],
    [`arn:aws:ecr:us-east-1:${OWN}:repository/team/old`, 'team/old', false, 1, true],
  ]);
  expect(Number(resources[1]?.attributes['imageBytes'])).toBeGreaterThan(0);
});

test('a refusal is no missing policy', async () => {
  await session(moto).ecr.send(new CreateRepositoryCommand({ repositoryName: 'api' }));
  const refusing = await proxy(moto, async ({ action }) =>
    action === 'GetLifecyclePolicy' ? jsonRefusal('AccessDeniedException', 'not authorized') : null,
  );
  try {
    const { resources, coverage } = await look(awsRepositories, refusing.url);
    expect(resources).toEqual([]);
    expect(coverage[0]?.status).toBe('failed');
    expect(coverage[0]?.reason).toContain('ecr:GetLifecyclePolicy was denied');
  } finally {
    await refusing.close();
  }
});

/** A role that functions may have, made by the query API of IAM. */
async function role(): Promise<string> {
  const answer = await fetch(moto, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      Action: 'CreateRole',
      Version: '2010-05-08',
      RoleName: 'run',
      AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}',
    }),
  });
  const arn = /<Arn>(.*?)<\/Arn>/.exec(await answer.text())?.[1];
  if (arn === undefined) throw new Error('no role was made');
  return arn;
}

test('functions over several pages, with memory, architecture and last change', async () => {
  const { lambda } = session(moto);
  // The smallest archive: the end of a directory that holds nothing.
  const ZipFile = Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]);
  const Role = await role();
  for (let n = 0; n < 52; n++)
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: `f-${n}`,
        Role,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Code: { ZipFile },
        MemorySize: 512,
        Architectures: ['arm64'],
        Tags: { n: String(n) },
      }),
    );
  const { resources, coverage } = await look(awsFunctions);
  expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
  expect(new Set(resources.map(({ tags }) => tags['n'])).size).toBe(52);
  expect(resources.find(({ name }) => name === 'f-7')).toMatchObject({
    id: `arn:aws:lambda:us-east-1:${OWN}:function:f-7`,
    sku: 'arm64',
    tags: { n: '7' },
    attributes: { memoryMiB: 512, runtime: 'nodejs22.x', lastModified: expect.stringMatching(/^\d{4}-.*Z$/) },
  });
});
