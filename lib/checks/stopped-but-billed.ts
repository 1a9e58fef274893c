/**
 * stopped-but-billed: machines that have been stopped for long and whose volumes and addresses are billed on.
 *
 * What it means: UNUSED is said of a stopped EC2 instance that the provider says was stopped longer ago than the
 * minimum, with at least one volume or elastic IP address. Its cost is theirs: the machine itself costs nothing. It is
 * never acted on, since what lies on the volumes may be all that is left of somebody's work.
 *
 * What it leaves out: machines of a scaling group, a cluster or another service (a warm pool is stopped on purpose);
 * machines of which the provider does not say when they were stopped; those that Bursar itself stopped, for as long
 * as that can be undone; a region whose instances were not read whole; what costs nothing by the bill.
 *
 * What it cannot see: why it is kept. What is saved depends on what is kept of the volumes (a snapshot has a price of
 * its own), so that no saving is told.
 */
import { z } from 'zod';
import { scopeOf } from '../estate/model.ts';
import { decimal } from '../focus/decimal.ts';
import { attachedTo, together } from './attached.ts';
import { costsOf } from './cost.ts';
import { duration, durationMs } from './duration.ts';
import { daysSince, judgementOf, state } from './judgement.ts';
import type { Check } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  minStopped: duration.default('30d').describe('how long a machine must have been stopped'),
});
export type StoppedButBilledSettings = z.output<typeof settings>;

const SOURCE = 'ec2:DescribeInstances';

export const stoppedButBilled: Check<StoppedButBilledSettings> = {
  id: 'stopped-but-billed',
  title: 'Stopped machines whose volumes are billed',
  needs: ['resources', 'costs'],
  datasets: ['aws.ec2.instances', 'aws.ec2.volumes', 'aws.ec2.addresses'],
  verdicts: { UNUSED: { actionable: false } },
  judge(facts, { minStopped }, now) {
    const scopes = new Scopes(facts.coverage);
    const costs = costsOf(facts);
    return facts.resources.flatMap((machine) => {
      if (machine.type !== 'aws:ec2:instance' || machine.state !== 'stopped' || machine.parent !== null)
        return [];
      const stoppedAt = machine.attributes['stoppedAt'];
      if (typeof stoppedAt !== 'string' || !scopes.complete(scopeOf(machine))) return [];
      if (!(now.getTime() - Date.parse(stoppedAt) >= durationMs(minStopped))) return [];
      const kept = attachedTo(machine, facts.resources);
      const cost = together(kept, costs);
      if (kept.length === 0 || (cost.monthlyCost !== null && decimal(cost.monthlyCost.amount).isZero()))
        return [];
      return [
        judgementOf(facts, machine, {
          check: 'stopped-but-billed',
          verdict: 'UNUSED',
          confidence: 'medium',
          saves: null,
          cost,
          evidence: [
            state('stopped at', stoppedAt, SOURCE),
            state('volumes and addresses', String(kept.length), SOURCE, 'count'),
          ],
          blindSpots: [
            'What it saves depends on what is kept: a snapshot of a volume is billed by what is written on it.',
          ],
          reason: `It has been stopped for ${daysSince(stoppedAt, now) ?? 0} days, and what belongs to it is billed on.`,
          scopes: [scopeOf(machine)],
        }),
      ];
    });
  },
  wouldChange: (_verdict, { minStopped }) => [
    `The machine running, or stopped for less than ${minStopped}: no finding.`,
    'No volume and no address kept for it: no finding.',
  ],
};
