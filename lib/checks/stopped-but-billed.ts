/**
 * stopped-but-billed: machines that have been stopped for long and whose volumes and addresses are billed on.
 *
 * What it means: UNUSED is said of a stopped EC2 instance, or a stopped one of Compute Engine (`TERMINATED`, which
 * Google keeps with its disks) or a suspended one, that the provider says was stopped longer ago than the minimum, with
 * at least one volume, disk or static address, and of a Workbench instance with such a machine under it. Its cost is
 * theirs: the machine itself costs nothing, but for the memory of a suspended one. It is never acted on, since what lies
 * on the volumes may be all that is left of somebody's work.
 *
 * SUSPECTED is said of a stopped notebook instance of SageMaker that was not modified for as long: its volume is billed
 * on, and since when it is stopped is not told.
 *
 * What it leaves out: databases of RDS, which Amazon starts again after seven days (`idle-database` tells what nobody
 * uses); machines of a scaling group, a cluster or another service (a warm pool is stopped on purpose);
 * machines of which the provider does not say when they were stopped; those that Bursar itself stopped, for as long
 * as that can be undone; volumes that another machine has attached, too; a region or project whose instances were not
 * read whole; what costs nothing by the bill.
 *
 * What it cannot see: why it is kept. What is saved depends on what is kept of the volumes (a snapshot has a price of
 * its own), so that no saving is told. Databases of Cloud SQL that are off and billed for their storage: since when they
 * are, nothing tells (sqladmin v1, DatabaseInstance).
 */
import { z } from 'zod';
import { type Resource, scopeOf } from '../estate/model.ts';
import { decimal } from '../focus/decimal.ts';
import { attachedTo, shared, together } from './attached.ts';
import { costsOf } from './cost.ts';
import { duration, durationMs } from './duration.ts';
import { daysSince, judgementOf, state } from './judgement.ts';
import { machinesUnder, machineUnder } from './machine-under.ts';
import type { Check, Facts, Judgement } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  minStopped: duration.default('30d').describe('how long a machine must have been stopped'),
});
export type StoppedButBilledSettings = z.output<typeof settings>;

const NOTEBOOKS = 'aws.sagemaker.notebooks';

export const stoppedButBilled: Check<StoppedButBilledSettings> = {
  id: 'stopped-but-billed',
  title: 'Stopped machines whose volumes are billed',
  needs: ['resources', 'costs'],
  datasets: [
    'aws.ec2.instances',
    'aws.ec2.volumes',
    'aws.ec2.addresses',
    NOTEBOOKS,
    'gcp.compute.instances',
    'gcp.notebooks.instances',
    'gcp.compute.disks',
    'gcp.compute.addresses',
  ],
  verdicts: { UNUSED: { actionable: false }, SUSPECTED: { actionable: false } },
  judge(facts, { minStopped }, now) {
    const scopes = new Scopes(facts.coverage);
    const costs = costsOf(facts);
    const inside = machinesUnder(facts.resources);
    const under = new Map(facts.resources.flatMap((one) => (inside.has(one.id) ? [[one.id, one]] : [])));
    const machines = facts.resources.flatMap((machine) => {
      if (inside.has(machine.id)) return [];
      // Of a Workbench instance the machine under it tells since when it is off.
      const itself = under.get(machineUnder(machine) ?? '') ?? machine;
      const stoppedAt = machine.parent === null ? stopOf(itself) : null;
      const named = [...new Set([scopeOf(machine), scopeOf(itself)])];
      if (stoppedAt === null || !named.every((name) => scopes.complete(name))) return [];
      if (!(now.getTime() - Date.parse(stoppedAt) >= durationMs(minStopped))) return [];
      const attached = attachedTo(machine, facts.resources);
      const kept = attached.filter((id) => !shared(facts.resources).has(id));
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
            ...(kept.length === attached.length
              ? []
              : [
                  `${attached.length - kept.length} of ${attached.length} are attached to another machine, too, and are not in these amounts.`,
                ]),
            ...(itself.state === SUSPENDED
              ? ['What is kept of its memory is billed, too, and is not in these amounts.']
              : []),
          ],
          reason: `It has been ${itself.state === SUSPENDED ? 'suspended' : 'stopped'} for ${daysSince(stoppedAt, now) ?? 0} days, and what belongs to it is billed on.`,
          scopes: named,
        }),
      ];
    });
    return [...machines, ...stoppedNotebooks(facts, durationMs(minStopped), scopes, now)];
  },
  wouldChange: (verdict, { minStopped }) =>
    verdict === 'SUSPECTED'
      ? [`The notebook instance running, or modified within ${minStopped}: no finding.`]
      : [
          `The machine running, or stopped for less than ${minStopped}: no finding.`,
          'No volume and no address kept for it: no finding.',
        ],
};

/** Stopped notebook instances that were not modified for so long, unless the bill says that they cost nothing. */
function stoppedNotebooks(facts: Facts, minStopped: number, scopes: Scopes, now: Date): Judgement[] {
  return facts.resources.flatMap((notebook) => {
    const { type, state: stands, created: modified } = notebook;
    if (type !== 'aws:sagemaker:notebook-instance' || stands !== 'Stopped') return [];
    if (!(now.getTime() - Date.parse(modified ?? '') >= minStopped) || !scopes.complete(scopeOf(notebook)))
      return [];
    const { monthlyCost } = costsOf(facts).of(notebook.id);
    if (monthlyCost !== null && decimal(monthlyCost.amount).isZero()) return [];
    return [
      judgementOf(facts, notebook, {
        check: 'stopped-but-billed',
        verdict: 'SUSPECTED',
        confidence: 'low',
        saves: null,
        evidence: [state('last modified', modified ?? '', 'sagemaker:ListNotebookInstances')],
        blindSpots: [
          'Since when it is stopped is not told, only when it was modified last: what it cost while it ran may be in its cost.',
          'With the instance its volume is deleted, and all that is on it.',
        ],
        reason: `It is stopped and was not modified for ${daysSince(modified, now) ?? 0} days; its volume is billed on.`,
        scopes: [scopeOf(notebook)],
      }),
    ];
  });
}

const SOURCES: Readonly<Partial<Record<Resource['provider'], string>>> = {
  aws: 'ec2:DescribeInstances',
  gcp: 'compute.instances.aggregatedList',
};

/**
 * Charged is "the storage used to preserve the VM's memory", beside its disks and addresses (Compute Engine
 * documentation, "Suspend or resume a VM", read November 2026).
 */
const SUSPENDED = 'SUSPENDED';

/** When a machine that is stopped was stopped, as its provider tells; null where it runs, or nobody says. */
function stopOf({ type, state: now, created, attributes }: Resource): string | null {
  const { stoppedAt, lastStopTimestamp, lastSuspendedTimestamp } = attributes;
  if (type === 'aws:ec2:instance' && now === 'stopped')
    return typeof stoppedAt === 'string' ? stoppedAt : null;
  if (type !== 'gcp:compute:instance') return null;
  const ended = now === 'TERMINATED' || now === 'STOPPED';
  const at = now === SUSPENDED ? lastSuspendedTimestamp : ended ? lastStopTimestamp : null;
  if (typeof at !== 'string') return null;
  // A stop from before the last start is another one's: of this one no time is told.
  return created !== null && Date.parse(at) < Date.parse(created) ? null : at;
}
