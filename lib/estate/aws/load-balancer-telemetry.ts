import { awsClassicLoadBalancers } from './classic-load-balancers.ts';
import { awsLoadBalancers } from './load-balancers.ts';
import { type ServiceMetric, serviceTelemetry } from './service-telemetry.ts';

/**
 * What comes through load balancers. Of a Network Load Balancer ActiveFlowCount and ProcessedBytes, which leaves health
 * checks out, are always reported, with zeros; RequestCount of the others is reported only while there is something to
 * count, so that its silence is no zero (user guides of Application, Network and Classic Load Balancers, "CloudWatch
 * metrics", reporting criteria; read November 2026).
 * Gateway Load Balancers are not asked for.
 */
export const awsLoadBalancerTelemetry = serviceTelemetry({
  id: 'aws.elb.telemetry',
  needs: [awsLoadBalancers.id, awsClassicLoadBalancers.id],
  metrics: [
    of('network', 'AWS/NetworkELB', 'ActiveFlowCount', 'connections', ['maximum', 'sample-count']),
    of('network', 'AWS/NetworkELB', 'ProcessedBytes', 'bytes', ['sum', 'sample-count']),
    of('application', 'AWS/ApplicationELB', 'RequestCount', 'requests', ['sum']),
    of('classic', 'AWS/ELB', 'RequestCount', 'requests', ['sum']),
  ],
});

function of(
  kind: string,
  namespace: string,
  metricName: string,
  metric: ServiceMetric['metric'],
  statistics: ServiceMetric['statistics'],
): ServiceMetric {
  return {
    resourceType: 'aws:elasticloadbalancing:loadbalancer',
    states: ['active', 'active_impaired'],
    namespace,
    metricName,
    metric,
    unit: metric === 'bytes' ? 'bytes' : 'count',
    statistics,
    dimensions: ({ sku, id }) => {
      if (sku !== kind) return null;
      const name = id.slice(id.indexOf(':loadbalancer/') + ':loadbalancer/'.length);
      return [{ Name: kind === 'classic' ? 'LoadBalancerName' : 'LoadBalancer', Value: name }];
    },
  };
}
