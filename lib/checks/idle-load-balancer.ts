/**
 * idle-load-balancer: load balancers that serve nobody and are billed by the hour.
 *
 * What it means: UNUSED is said of one with no registered target at all, and with no listener that answers by itself
 * (a redirect, a fixed response): whatever comes gets an error. IDLE is said of a Network Load Balancer through which
 * no flow and no byte went over the window, by metrics that came whole. SUSPECTED is an Application or Classic Load
 * Balancer of which no request is known for the whole window: its metrics are silent when there are none, and silence
 * is no proof.
 *
 * What it leaves out: load balancers that are being made, that failed or are younger than the minimum age or the
 * window; Gateway Load Balancers with targets; a region or telemetry that was not read whole.
 *
 * What it cannot see: a controller (of Kubernetes) that makes it again; DNS names and endpoint services that point to
 * it; targets that come at night and are gone by day, where it has none at the moment of the look.
 */
import { z } from 'zod';
import { type Resource, scopeOf } from '../estate/model.ts';
import { numberOf } from './attributes.ts';
import { duration, durationMs } from './duration.ts';
import { byResource } from './gpu-readings.ts';
import { daysSince, judgementOf, type Said, state } from './judgement.ts';
import type { Check } from './model.ts';
import { quietOf, quietScopes, quietSettings } from './quiet.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  ...quietSettings,
  minAge: duration.default('14d').describe('how old one without targets must be'),
});
export type IdleLoadBalancerSettings = z.output<typeof settings>;

const TELEMETRY = 'aws.elb.telemetry';
const LISTED = 'elasticloadbalancing:DescribeLoadBalancers';

type Verdict = Pick<Said, 'verdict' | 'confidence' | 'saves' | 'evidence' | 'reason' | 'scopes'>;

export const idleLoadBalancer: Check<IdleLoadBalancerSettings> = {
  id: 'idle-load-balancer',
  title: 'Load balancers that serve nobody',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: ['aws.elb.loadbalancers', 'aws.elb.classic-loadbalancers', TELEMETRY],
  verdicts: { UNUSED: { actionable: true }, IDLE: { actionable: true }, SUSPECTED: { actionable: false } },
  judge(facts, limits, now) {
    const scopes = new Scopes(facts.coverage);
    const telemetry = byResource(facts.telemetry);
    return facts.resources.flatMap((balancer) => {
      if (balancer.type !== 'aws:elasticloadbalancing:loadbalancer' || !AT_WORK.has(balancer.state))
        return [];
      const said =
        unused(balancer, limits, scopes, now) ??
        idle(balancer, telemetry.get(balancer.id) ?? [], limits, scopes, now);
      if (said === null) return [];
      const keeper = Object.keys(balancer.tags).find((key) => CONTROLLER.test(key));
      return [
        judgementOf(facts, balancer, {
          check: 'idle-load-balancer',
          ...said,
          blindSpots: [
            'DNS names and endpoint services that point to it are not seen.',
            ...(keeper === undefined
              ? []
              : [
                  `Its tag ${keeper} says that a controller made it, which may make it again: delete the service there.`,
                ]),
          ],
        }),
      ];
    });
  },
  wouldChange: (verdict, { window, minAge }) => {
    if (verdict === 'UNUSED')
      return [
        'One registered target: judged by what goes through.',
        'A listener that answers by itself: no finding.',
        `Not yet ${minAge} old: no finding.`,
      ];
    return verdict === 'IDLE'
      ? [
          `One flow or one byte within ${window}: no finding.`,
          'Missing samples: no finding, since silence is no zero.',
        ]
      : [`One request within ${window}: no finding.`, 'No registered target: UNUSED.'];
  },
};

/** `active_impaired` serves, too (Elastic Load Balancing API Reference, LoadBalancerState). */
const AT_WORK: ReadonlySet<string> = new Set(['active', 'active_impaired']);
/** Tags by which the controllers of Kubernetes know what they made (AWS Load Balancer Controller; cloud provider AWS). */
const CONTROLLER = /^(kubernetes\.io\/|(elbv2|ingress|service)\.k8s\.aws\/)/;

function unused(
  balancer: Resource,
  { minAge }: IdleLoadBalancerSettings,
  scopes: Scopes,
  now: Date,
): Verdict | null {
  const { targets, answersItself } = balancer.attributes;
  const age = now.getTime() - Date.parse(balancer.created ?? '');
  if (targets !== 0 || answersItself !== false || !(age >= durationMs(minAge))) return null;
  if (!scopes.complete(scopeOf(balancer))) return null;
  return {
    verdict: 'UNUSED',
    confidence: 'high',
    saves: 'its whole cost',
    evidence: [
      state('kind', balancer.sku ?? '', LISTED),
      state('registered targets', '0', 'elasticloadbalancing:DescribeTargetHealth', 'count'),
      state(
        'listeners',
        String(numberOf(balancer, 'listeners') ?? 0),
        'elasticloadbalancing:DescribeListeners',
        'count',
      ),
      state('created', balancer.created ?? '', LISTED),
    ],
    reason: `It has no target and answers nothing by itself; it is ${daysSince(balancer.created, now) ?? 0} days old.`,
    scopes: [scopeOf(balancer)],
  };
}

function idle(
  balancer: Resource,
  series: Parameters<typeof quietOf>[1],
  limits: IdleLoadBalancerSettings,
  scopes: Scopes,
  now: Date,
): Verdict | null {
  const network = balancer.sku === 'network';
  if (!network && balancer.sku !== 'application' && balancer.sku !== 'classic') return null;
  const metrics = network ? { connections: 1, bytes: 1 } : { requests: 1 };
  const seen = quietOf(balancer, series, metrics, TELEMETRY, limits, scopes, now);
  if (seen === null || !(network ? seen.quiet : seen.quiet || seen.silent)) return null;
  // Without a series nobody asked: only a series without points says that the metric was silent.
  if (seen.evidence.length === 0) return null;
  const common = {
    evidence: [state('kind', balancer.sku, LISTED), ...seen.evidence],
    scopes: quietScopes(balancer, TELEMETRY),
  };
  return network
    ? {
        ...common,
        verdict: 'IDLE',
        confidence: 'high',
        saves: 'its whole cost',
        reason: `No flow and no byte went through it for ${limits.window}.`,
      }
    : {
        ...common,
        verdict: 'SUSPECTED',
        confidence: 'low',
        saves: null,
        reason: `No request of the last ${limits.window} is known; its metrics are silent where there are none.`,
      };
}
