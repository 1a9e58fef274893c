import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { unlessNamed } from './gone.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import { type PartedTags, partTags } from './tags.ts';

const permission = (action: string, why: string): Permission => ({ cloud: 'aws', action, why });
const BALANCERS = permission('elasticloadbalancing:DescribeLoadBalancers', 'lists load balancers');
const GROUPS = permission(
  'elasticloadbalancing:DescribeTargetGroups',
  'tells which target groups belong to which load balancer',
);
const HEALTH = permission(
  'elasticloadbalancing:DescribeTargetHealth',
  'counts the targets that a load balancer has',
);
const LISTENERS = permission(
  'elasticloadbalancing:DescribeListeners',
  'tells whether a load balancer without targets answers by itself',
);
const RULES = permission('elasticloadbalancing:DescribeRules', LISTENERS.why);
export const LOAD_BALANCER_TAGS_PERMISSION = permission(
  'elasticloadbalancing:DescribeTags',
  'reads the tags of load balancers',
);

/** A page of any list (Elastic Load Balancing API Reference 2015-12-01, PageSize 1 to 400). */
const PAGE = 400;
/** Names that one DescribeTags takes (ibid.). */
export const TAGS_AT_ONCE = 20;
/** What is described one thing a call is asked for so many at once. */
const AT_ONCE = 4;

/**
 * Application, Network and Gateway Load Balancers, each with how many targets are registered behind it. Only one
 * without any is asked for its listeners and rules, since it may answer by itself (a redirect, a fixed response).
 * What is deleted between being listed and being asked is left out.
 *
 * It does not see: what comes through (telemetry tells), Classic Load Balancers (a dataset of their own).
 */
export const awsLoadBalancers: Dataset<AwsSession> = {
  id: 'aws.elb.loadbalancers',
  permissions: [BALANCERS, GROUPS, HEALTH, LISTENERS, RULES, LOAD_BALANCER_TAGS_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const asking: Asking = { session, where: scopeName(scope), meter };
    const listed = await list(asking);
    if (listed.size === 0) return { resources: [] };
    const targets = await targetsOf(asking);
    const tags = await tagsOf(asking, [...listed.keys()]);
    const limit = pLimit(AT_ONCE);
    const resources = await Promise.all(
      [...listed].map(([arn, balancer]) =>
        limit(async () => {
          const count = targets.get(arn) ?? 0;
          const parted = tags.get(arn);
          if (parted === undefined) return null;
          if (count > 0) return toResource(arn, balancer, session, parted, { targets: count });
          const fronts = await gone(() => frontsOf(asking, arn));
          return fronts === null
            ? null
            : toResource(arn, balancer, session, parted, { targets: 0, ...fronts });
        }),
      ),
    );
    return { resources: resources.filter((one) => one !== null) };
  },
};

interface Asking {
  readonly session: AwsSession;
  readonly where: string;
  readonly meter: Meter;
}

/** Elastic Load Balancing names every list's next page by a marker. */
async function* pages<P extends { NextMarker?: string | undefined }>(
  { where, meter }: Asking,
  { action }: Permission,
  send: (from: { PageSize: number; Marker?: string }) => Promise<P>,
): AsyncGenerator<P> {
  yield* awsPages({ action, where, meter }, async (token) => {
    const page = await send({ PageSize: PAGE, ...(token === undefined ? {} : { Marker: token }) });
    return { ...page, NextToken: page.NextMarker };
  });
}

/** What `work` gives; null where the load balancer or its group was deleted meanwhile (Errors of the API). */
const gone = <T>(work: () => Promise<T>): Promise<T | null> =>
  unlessNamed(/^(LoadBalancer|TargetGroup|Listener)NotFound(Exception)?$/, work);

async function list(asking: Asking): Promise<Map<string, LoadBalancer>> {
  const listed = new Map<string, LoadBalancer>();
  const found = pages(asking, BALANCERS, (from) =>
    asking.session.elbv2.send(new DescribeLoadBalancersCommand(from)),
  );
  for await (const { LoadBalancers } of found)
    for (const balancer of LoadBalancers ?? []) listed.set(balancer.LoadBalancerArn ?? '', balancer);
  return listed;
}

/** Registered targets by load balancer, whatever their health: one that is unhealthy is still meant to serve. */
async function targetsOf(asking: Asking): Promise<Map<string, number>> {
  const { session, where, meter } = asking;
  const groups = new Map<string, readonly string[]>();
  const found = pages(asking, GROUPS, (from) => session.elbv2.send(new DescribeTargetGroupsCommand(from)));
  for await (const { TargetGroups } of found)
    for (const { TargetGroupArn, LoadBalancerArns } of TargetGroups ?? [])
      if (TargetGroupArn !== undefined && (LoadBalancerArns ?? []).length > 0)
        groups.set(TargetGroupArn, LoadBalancerArns ?? []);
  const targets = new Map<string, number>();
  const limit = pLimit(AT_ONCE);
  await Promise.all(
    [...groups].map(([group, balancers]) =>
      limit(async () => {
        const health = await gone(() =>
          awsCall({ action: HEALTH.action, where, meter }, () =>
            session.elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn: group })),
          ),
        );
        const count = health?.TargetHealthDescriptions?.length ?? 0;
        for (const balancer of balancers) targets.set(balancer, (targets.get(balancer) ?? 0) + count);
      }),
    ),
  );
  return targets;
}

/** Tags by ARN. One that is gone makes the API refuse all of its batch: these are then asked for one by one. */
async function tagsOf(asking: Asking, arns: readonly string[]): Promise<Map<string, PartedTags>> {
  const { session, where, meter } = asking;
  const ask = (some: string[]) =>
    gone(() =>
      awsCall({ action: LOAD_BALANCER_TAGS_PERMISSION.action, where, meter }, () =>
        session.elbv2.send(new DescribeTagsCommand({ ResourceArns: some })),
      ),
    );
  const tags = new Map<string, PartedTags>();
  for (let from = 0; from < arns.length; from += TAGS_AT_ONCE) {
    const some = arns.slice(from, from + TAGS_AT_ONCE);
    const together = await ask(some);
    const answers = together === null ? await Promise.all(some.map((arn) => ask([arn]))) : [together];
    for (const answer of answers)
      for (const { ResourceArn, Tags } of answer?.TagDescriptions ?? [])
        if (ResourceArn !== undefined) tags.set(ResourceArn, partTags(Tags));
  }
  return tags;
}

/** How many listeners there are, and whether one of them does anything but forward to targets. */
async function frontsOf(asking: Asking, arn: string): Promise<{ listeners: number; answersItself: boolean }> {
  const { session } = asking;
  let listeners = 0;
  let answersItself = false;
  const found = pages(asking, LISTENERS, (from) =>
    session.elbv2.send(new DescribeListenersCommand({ LoadBalancerArn: arn, ...from })),
  );
  for await (const { Listeners } of found)
    for (const { ListenerArn, DefaultActions } of Listeners ?? []) {
      listeners += 1;
      if ((DefaultActions ?? []).some(({ Type }) => Type !== 'forward')) answersItself = true;
      if (answersItself || ListenerArn === undefined) continue;
      const rules = pages(asking, RULES, (from) =>
        session.elbv2.send(new DescribeRulesCommand({ ListenerArn, ...from })),
      );
      for await (const { Rules } of rules)
        if ((Rules ?? []).some(({ Actions }) => (Actions ?? []).some(({ Type }) => Type !== 'forward')))
          answersItself = true;
    }
  return { listeners, answersItself };
}

function toResource(
  arn: string,
  balancer: LoadBalancer,
  session: AwsPlace,
  { tags, systemTags }: PartedTags,
  counts: Readonly<Record<string, number | boolean>>,
): Resource {
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:elasticloadbalancing:loadbalancer',
    id: arn,
    name: balancer.LoadBalancerName ?? null,
    state: balancer.State?.Code ?? 'unknown',
    created: balancer.CreatedTime?.toISOString() ?? null,
    tags,
    // `application`, `network` or `gateway`; `classic` is the other dataset's.
    sku: balancer.Type ?? null,
    accelerators: [],
    parent: null,
    attributes: {
      scheme: balancer.Scheme ?? null,
      vpcId: balancer.VpcId ?? null,
      // Null: not asked, since there are targets.
      listeners: null,
      answersItself: null,
      ...counts,
      systemTags,
    },
  };
}
