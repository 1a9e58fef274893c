import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  type LoadBalancerDescription,
} from '@aws-sdk/client-elastic-load-balancing';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { unlessNamed } from './gone.ts';
import { LOAD_BALANCER_TAGS_PERMISSION, TAGS_AT_ONCE } from './load-balancers.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { type PartedTags, partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'elasticloadbalancing:DescribeLoadBalancers',
  why: 'lists load balancers',
};

/**
 * Classic Load Balancers, each with how many instances are registered behind it. They have no state: `active` is
 * said of each. What is deleted between being listed and being asked for its tags is left out.
 *
 * It does not see: what comes through (telemetry tells).
 */
export const awsClassicLoadBalancers: Dataset<AwsSession> = {
  id: 'aws.elb.classic-loadbalancers',
  permissions: [LIST, LOAD_BALANCER_TAGS_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: LIST.action, where, meter }, async (token) => {
      const page = await session.elb.send(
        new DescribeLoadBalancersCommand({
          PageSize: 400,
          ...(token === undefined ? {} : { Marker: token }),
        }),
      );
      return { ...page, NextToken: page.NextMarker };
    });
    const listed = new Map<string, LoadBalancerDescription>();
    for await (const { LoadBalancerDescriptions } of pages)
      for (const balancer of LoadBalancerDescriptions ?? [])
        listed.set(balancer.LoadBalancerName ?? '', balancer);

    const ask = (LoadBalancerNames: string[]) =>
      unlessNamed(/^(AccessPointNotFound|LoadBalancerNotFound)(Exception)?$/, () =>
        awsCall({ action: LOAD_BALANCER_TAGS_PERMISSION.action, where, meter }, () =>
          session.elb.send(new DescribeTagsCommand({ LoadBalancerNames })),
        ),
      );
    const names = [...listed.keys()];
    const tags = new Map<string, PartedTags>();
    for (let from = 0; from < names.length; from += TAGS_AT_ONCE) {
      const some = names.slice(from, from + TAGS_AT_ONCE);
      // One that is gone makes the API refuse all of its batch: these are then asked for one by one.
      const together = await ask(some);
      const answers = together === null ? await Promise.all(some.map((name) => ask([name]))) : [together];
      for (const answer of answers)
        for (const { LoadBalancerName, Tags } of answer?.TagDescriptions ?? [])
          if (LoadBalancerName !== undefined) tags.set(LoadBalancerName, partTags(Tags));
    }
    const resources = [...listed].flatMap(([name, balancer]) => {
      const parted = tags.get(name);
      return parted === undefined ? [] : [toResource(name, balancer, session, parted)];
    });
    return { resources };
  },
};

function toResource(
  name: string,
  balancer: LoadBalancerDescription,
  { accountId, region, partition }: AwsPlace,
  { tags, systemTags }: PartedTags,
): Resource {
  return {
    provider: 'aws',
    accountId,
    region,
    type: 'aws:elasticloadbalancing:loadbalancer',
    id: `arn:${partition}:elasticloadbalancing:${region}:${accountId}:loadbalancer/${name}`,
    name,
    state: 'active',
    created: balancer.CreatedTime?.toISOString() ?? null,
    tags,
    sku: 'classic',
    accelerators: [],
    parent: null,
    attributes: {
      scheme: balancer.Scheme ?? null,
      vpcId: balancer.VPCId ?? null,
      targets: balancer.Instances?.length ?? 0,
      listeners: balancer.ListenerDescriptions?.length ?? 0,
      // A Classic Load Balancer only ever forwards.
      answersItself: false,
      systemTags,
    },
  };
}
