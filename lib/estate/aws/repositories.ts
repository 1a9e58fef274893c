import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  GetLifecyclePolicyCommand,
  ListTagsForResourceCommand,
  type Repository,
} from '@aws-sdk/client-ecr';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Json, type Resource, scopeName } from '../model.ts';
import { unlessNamed } from './gone.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { partTags } from './tags.ts';

const permission = (action: string, why: string): Permission => ({ cloud: 'aws', action, why });
const LIST = permission('ecr:DescribeRepositories', 'lists image repositories');
const POLICY = permission('ecr:GetLifecyclePolicy', 'tells whether old images of a repository expire');
const IMAGES = permission('ecr:DescribeImages', 'adds up how large the images of a repository are');
const TAGS = permission('ecr:ListTagsForResource', 'reads the tags of image repositories');

/** Each repository takes three calls: so many repositories at once. */
const AT_ONCE = 4;
/** Pages of a thousand images that are added up of one repository; more are told as `imagesCounted: false`. */
const IMAGE_PAGES = 3;

/**
 * Private image repositories of ECR, with whether a lifecycle policy lets images expire and how large their images
 * are. Layers that images share are counted with each of them: the sum is never below what is stored. What is deleted
 * between being listed and being asked is left out.
 *
 * It does not see: what pulls an image; public repositories.
 */
export const awsRepositories: Dataset<AwsSession> = {
  id: 'aws.ecr.repositories',
  permissions: [LIST, POLICY, IMAGES, TAGS],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const listed = new Map<string, Repository>();
    const pages = awsPages({ action: LIST.action, where, meter }, async (token) => {
      const page = await session.ecr.send(
        new DescribeRepositoriesCommand({
          maxResults: 1000,
          ...(token === undefined ? {} : { nextToken: token }),
        }),
      );
      return { ...page, NextToken: page.nextToken };
    });
    for await (const { repositories } of pages)
      for (const one of repositories ?? [])
        if (one.repositoryArn !== undefined) listed.set(one.repositoryArn, one);
    const limit = pLimit(AT_ONCE);
    const resources = await Promise.all(
      [...listed].map(([arn, one]) =>
        limit(() => unlessNamed(GONE, () => describe(session, arn, one, where, meter))),
      ),
    );
    return { resources: resources.filter((one) => one !== null) };
  },
};

const GONE = /^RepositoryNotFoundException$/;

async function describe(
  session: AwsSession,
  arn: string,
  repository: Repository,
  where: string,
  meter: Meter,
): Promise<Resource> {
  const { repositoryName } = repository;
  const policy = await unlessNamed(/^LifecyclePolicyNotFoundException$/, () =>
    awsCall({ action: POLICY.action, where, meter }, () =>
      session.ecr.send(new GetLifecyclePolicyCommand({ repositoryName })),
    ),
  );
  const { tags } = await awsCall({ action: TAGS.action, where, meter }, () =>
    session.ecr.send(new ListTagsForResourceCommand({ resourceArn: arn })),
  );
  const images = await imagesOf(session, repositoryName, where, meter);
  return toResource(arn, repository, partTags(tags), session, {
    lifecyclePolicy: policy !== null,
    ...images,
  });
}

async function imagesOf(
  { ecr }: AwsSession,
  repositoryName: string | undefined,
  where: string,
  meter: Meter,
): Promise<{ images: number; imageBytes: number; imagesCounted: boolean }> {
  let images = 0;
  let imageBytes = 0;
  let token: string | undefined;
  for (let page = 0; page < IMAGE_PAGES; page++) {
    const next = token;
    const answer = await awsCall({ action: IMAGES.action, where, meter }, () =>
      ecr.send(
        new DescribeImagesCommand({
          repositoryName,
          maxResults: 1000,
          ...(next === undefined ? {} : { nextToken: next }),
        }),
      ),
    );
    for (const { imageSizeInBytes } of answer.imageDetails ?? []) {
      images += 1;
      imageBytes += imageSizeInBytes ?? 0;
    }
    token = answer.nextToken === '' ? undefined : answer.nextToken;
    if (token === undefined) return { images, imageBytes, imagesCounted: true };
  }
  return { images, imageBytes, imagesCounted: false };
}

function toResource(
  arn: string,
  repository: Repository,
  { tags, systemTags }: ReturnType<typeof partTags>,
  { accountId, region }: AwsPlace,
  attributes: Readonly<Record<string, Json>>,
): Resource {
  return {
    provider: 'aws',
    accountId,
    region,
    type: 'aws:ecr:repository',
    id: arn,
    name: repository.repositoryName ?? null,
    // A repository has no state of its own.
    state: 'active',
    created: repository.createdAt?.toISOString() ?? null,
    tags,
    sku: null,
    accelerators: [],
    parent: null,
    attributes: { ...attributes, systemTags },
  };
}
