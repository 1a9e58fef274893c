/**
 * idle-nat-gateway: NAT gateways through which nothing goes, billed by the hour all the same.
 *
 * What it means: IDLE is said where for two weeks no TCP connection was open and no byte came in from either side, by
 * metrics that came whole: the gateway is older than the window, and nearly every sample is there, some of every six hours and each of it zero.
 * Without it, all that it costs is saved; its address is billed by itself as long as it is kept.
 *
 * What it leaves out: gateways that are not available, that are younger than the window, of which samples are
 * missing, or whose region or telemetry was not read whole: silence is no zero.
 *
 * What it cannot see: route tables that point to it, and what will fail when the way out that nobody used is needed
 * (a fail-over, a yearly job). Deleting it is advice only.
 */
import { z } from 'zod';
import { textOf } from './attributes.ts';
import { byResource } from './gpu-readings.ts';
import { judgementOf, state } from './judgement.ts';
import type { Check } from './model.ts';
import { quietOf, quietScopes, quietSettings } from './quiet.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject(quietSettings);
export type IdleNatGatewaySettings = z.output<typeof settings>;

const TELEMETRY = 'aws.ec2.natgateway-telemetry';

export const idleNatGateway: Check<IdleNatGatewaySettings> = {
  id: 'idle-nat-gateway',
  title: 'NAT gateways that nothing goes through',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: ['aws.ec2.natgateways', TELEMETRY],
  verdicts: { IDLE: { actionable: true } },
  judge(facts, limits, now) {
    const scopes = new Scopes(facts.coverage);
    const telemetry = byResource(facts.telemetry);
    return facts.resources.flatMap((gateway) => {
      if (gateway.type !== 'aws:ec2:natgateway' || gateway.state !== 'available') return [];
      const series = telemetry.get(gateway.id) ?? [];
      // Bytes come from both sides, each a metric of its own.
      const seen = quietOf(gateway, series, { connections: 1, bytes: 2 }, TELEMETRY, limits, scopes, now);
      if (seen?.quiet !== true) return [];
      return [
        judgementOf(facts, gateway, {
          check: 'idle-nat-gateway',
          verdict: 'IDLE',
          confidence: 'high',
          saves: 'its whole cost',
          evidence: [
            ...seen.evidence,
            state(
              'network',
              `${textOf(gateway, 'vpcId') ?? ''} ${textOf(gateway, 'subnetId') ?? ''}`,
              'ec2:DescribeNatGateways',
            ),
          ],
          blindSpots: [
            'Which route tables point to it is not read: what they send would have no way out.',
            // A private one has none (VPC User Guide, "NAT gateways", connectivity type).
            ...(gateway.sku === 'private'
              ? []
              : ['Its elastic IP address has a bill of its own, which goes on until it is released.']),
          ],
          reason: `No connection and no byte came through it for ${limits.window}.`,
          scopes: quietScopes(gateway, TELEMETRY),
        }),
      ];
    });
  },
  wouldChange: (_verdict, { window, sampleShare }) => [
    `One connection or one byte within ${window}: no finding.`,
    `Less than ${sampleShare}% of the expected samples: no finding, since silence is no zero.`,
  ],
};
