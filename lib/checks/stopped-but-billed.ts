/**
 * stopped-but-billed: machines that have been stopped for long and whose volumes and addresses are billed on.
 *
 * What it means: UNUSED is said of a stopped EC2 instance, or a stopped one of Compute Engine (`TERMINATED`, which
 * Google keeps with its disks), that the provider says was stopped longer ago than the minimum, with at least one volume,
 * disk or static address. Its cost is theirs: the machine itself costs nothing. It is never acted on, since what lies
 * on the volumes may be all that is left of somebody's work.
 *
 * What it leaves out: machines of a scaling group, a cluster or another service (a warm pool is stopped on purpose);
 * machines of which the provider does not say when they were stopped; those that Bursar itself stopped, for as long
 * as that can be undone; suspended machines of Google, whose memory is kept; a region or project whose instances were
 * not read whole; what costs nothing by the bill.
 *
 * What it cannot see: why it is kept. What is saved depends on what is kept of the volumes (a snapshot has a price of
 * its own), so that no saving is told.
 */
import { z } from 'zod';
import { type Resource, scopeOf } from '../estate/model.ts';
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

export const stoppedButBilled: Check<StoppedButBilledSettings> = {
  id: 'stopped-but-billed',
  title: 'Stopped machines whose volumes are billed',
  needs: ['resources', 'costs'],
  datasets: [
    'aws.ec2.instances',
    'aws.ec2.volumes',
    'aws.ec2.addresses',
    'gcp.compute.instances',
    'gcp.compute.disks',
    'gcp.compute.addresses',
  ],
  verdicts: { UNUSED: { actionable: false } },
  judge(facts, { minStopped }, now) {
    const scopes = new Scopes(facts.coverage);
    const costs = costsOf(facts);
    return facts.resources.flatMap((machine) => {
      const stoppedAt = machine.parent === null ? stopOf(machine) : null;
      if (stoppedAt === null || !scopes.complete(scopeOf(machine))) return [];
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
            state('stopped at', stoppedAt, SOURCES[machine.provider] ?? ''),
            state('volumes and addresses', String(kept.length), SOURCES[machine.provider] ?? '', 'count'),
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

const SOURCES: Readonly<Partial<Record<Resource['provider'], string>>> = {
  aws: 'ec2:DescribeInstances',
  gcp: 'compute.instances.aggregatedList',
};

/** When a machine that is stopped was stopped, as its provider tells; null where it runs, or nobody says. */
function stopOf({ type, state: now, created, attributes }: Resource): string | null {
  const { stoppedAt, lastStopTimestamp } = attributes;
  if (type === 'aws:ec2:instance' && now === 'stopped')
    return typeof stoppedAt === 'string' ? stoppedAt : null;
  const ended = now === 'TERMINATED' || now === 'STOPPED';
  if (type !== 'gcp:compute:instance' || !ended || typeof lastStopTimestamp !== 'string') return null;
  // A stop from before the last start is another one's: of this one no time is told.
  return created !== null && Date.parse(lastStopTimestamp) < Date.parse(created) ? null : lastStopTimestamp;
}
