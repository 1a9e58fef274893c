import {
  DescribeDomainsCommand,
  type DomainStatus,
  ListDomainNamesCommand,
  ListTagsCommand,
} from '@aws-sdk/client-opensearch';
import pLimit from 'p-limit';
import { awsCall } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { awsResource } from './resource.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { type PartedTags, partTags } from './tags.ts';

// IAM still knows OpenSearch Service by its old prefix (Service Authorization Reference, "Amazon OpenSearch Service").
const LIST: Permission = { cloud: 'aws', action: 'es:ListDomainNames', why: 'lists OpenSearch domains' };
const DESCRIBE: Permission = {
  cloud: 'aws',
  action: 'es:DescribeDomains',
  why: 'tells the size of OpenSearch domains',
};
const TAGS: Permission = { cloud: 'aws', action: 'es:ListTags', why: 'reads the tags of OpenSearch domains' };

/** Names a call, and tags asked for at once: the API names no most, its predecessor took five. */
const AT_A_TIME = 5;

/** OpenSearch domains with their nodes and storage. It does not see indexes, nor how often one is searched. */
export const awsOpensearchDomains: Dataset<AwsSession> = {
  id: 'aws.opensearch.domains',
  permissions: [LIST, DESCRIBE, TAGS],
  async collect(scope, session, _now, _earlier, meter) {
    const call = { where: scopeName(scope), meter };
    const { DomainNames } = await awsCall({ action: LIST.action, ...call }, () =>
      session.opensearch.send(new ListDomainNamesCommand({})),
    );
    const names = (DomainNames ?? []).flatMap(({ DomainName }) => DomainName ?? []);
    const domains: DomainStatus[] = [];
    for (let from = 0; from < names.length; from += AT_A_TIME) {
      const { DomainStatusList } = await awsCall({ action: DESCRIBE.action, ...call }, () =>
        session.opensearch.send(
          new DescribeDomainsCommand({ DomainNames: names.slice(from, from + AT_A_TIME) }),
        ),
      );
      domains.push(...(DomainStatusList ?? []).filter(({ Deleted }) => Deleted !== true));
    }
    const limit = pLimit(AT_A_TIME);
    const resources = await Promise.all(
      domains.map((domain) =>
        limit(async () => {
          const { TagList } = await awsCall({ action: TAGS.action, ...call }, () =>
            session.opensearch.send(new ListTagsCommand({ ARN: domain.ARN })),
          );
          return resourceOf(domain, partTags(TagList), session);
        }),
      ),
    );
    return { resources };
  },
};

function resourceOf(domain: DomainStatus, { tags, systemTags }: PartedTags, session: AwsPlace): Resource {
  const { ClusterConfig: cluster, EBSOptions } = domain;
  return awsResource(session, {
    type: 'aws:opensearch:domain',
    id: domain.ARN ?? '',
    name: domain.DomainName ?? null,
    state: domain.DomainProcessingStatus ?? (domain.Processing === true ? 'Processing' : 'Active'),
    tags,
    sku: cluster?.InstanceType ?? null,
    attributes: {
      engineVersion: domain.EngineVersion ?? null,
      instanceCount: cluster?.InstanceCount ?? null,
      masterType: cluster?.DedicatedMasterType ?? null,
      masterCount: cluster?.DedicatedMasterCount ?? null,
      warmType: cluster?.WarmType ?? null,
      warmCount: cluster?.WarmCount ?? null,
      // Of each data node (OpenSearch Service API Reference, EBSOptions).
      volumeGiB: EBSOptions?.EBSEnabled === true ? (EBSOptions.VolumeSize ?? null) : null,
      systemTags,
    },
  });
}
