/**
 * unattached-volume: block storage that is attached to no machine and is billed all the same.
 *
 * What it means: UNUSED is said of a volume that the provider calls free (EBS: `available`; a disk of Google Cloud:
 * ready and used by no machine), that is attached to nothing and was made longer ago than the minimum age. Google
 * tells when a disk was let go: its age counts from then.
 *
 * What it leaves out: volumes that are attached, even to a machine that is stopped; that Kubernetes or a service
 * keeps for itself (a claim's tags, a system tag); the copy that Google Cloud keeps of a disk elsewhere (asynchronous
 * replication), which is attached to nothing; disks in a storage pool, which has the bill; that are younger than the
 * minimum age.
 *
 * What it cannot see: when an EBS volume was detached; what is on it. What is deleted is kept as a snapshot, whose size
 * and price nobody knows beforehand, so that no saving is told until a bill shows it.
 */
import { z } from 'zod';
import { type Resource, scopeOf } from '../estate/model.ts';
import { costsOf } from './cost.ts';
import { duration, durationMs } from './duration.ts';
import type { Check, Evidence } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  minAge: duration.default('14d').describe('how old a volume must be'),
});
export type UnattachedVolumeSettings = z.output<typeof settings>;

export const unattachedVolume: Check<UnattachedVolumeSettings> = {
  id: 'unattached-volume',
  title: 'Volumes attached to nothing',
  needs: ['resources', 'costs'],
  datasets: ['aws.ec2.volumes', 'gcp.compute.disks'],
  verdicts: { UNUSED: { actionable: true } },
  judge(facts, { minAge }, now) {
    const costs = costsOf(facts);
    const scopes = new Scopes(facts.coverage);
    return facts.resources.flatMap((volume) => {
      const since = volume.type === GCP_DISK ? freeSince(volume) : Date.parse(volume.created ?? '');
      const age = now.getTime() - since;
      // Without a date nothing is known of its age, and a list that was cut short may show it halfway.
      if (!isFree(volume) || !(age >= durationMs(minAge)) || !scopes.complete(scopeOf(volume))) return [];
      const cost = costs.of(volume.id);
      return [
        {
          check: 'unattached-volume',
          provider: volume.provider,
          accountId: volume.accountId,
          region: volume.region,
          resourceType: volume.type,
          resourceId: volume.id,
          resourceName: volume.name,
          owner: facts.ownerOf(volume),
          verdict: 'UNUSED' as const,
          confidence: 'high' as const,
          costBasis: cost.costBasis,
          monthlyCost: cost.monthlyCost,
          monthlySaving: null,
          evidence: [...evidence(volume), ...cost.evidence],
          blindSpots: [
            ...(volume.type === GCP_DISK
              ? []
              : ['When it was detached is not told: it may have been in use until a moment ago.']),
            'A snapshot of it is billed in its place, by what is written on it: how much that saves only later bills tell.',
            ...cost.blindSpots,
          ],
          reason:
            volume.type === GCP_DISK
              ? `It has been attached to nothing for ${Math.floor(age / 86_400_000)} days.`
              : `It is attached to nothing, and ${Math.floor(age / 86_400_000)} days old.`,
          scopes: [scopeOf(volume)],
        },
      ];
    });
  },
  wouldChange: (_verdict, { minAge }) => [
    `The volume attached to a machine, or not yet ${minAge} old: no finding.`,
    'A tag of Kubernetes or of a service that keeps it: no finding.',
  ],
};

/** Tags by which Kubernetes marks a volume that belongs to a claim (Kubernetes documentation, "Well-known labels"; EBS CSI driver, "Volume tagging"). */
const CLAIMED = /^(kubernetes\.io\/|ebs\.csi\.aws\.com\/|CSIVolumeName$|KubernetesCluster$)/;

const GCP_DISK = 'gcp:compute:disk';

/** When a disk of Google Cloud was let go last, else made; NaN where a part of that is not told. */
function freeSince({ created, attributes }: Resource): number {
  const { lastAttached, lastDetached } = attributes;
  // One that was attached and of which no detaching is told: nobody knows since when it is free.
  if (typeof lastAttached === 'string' && typeof lastDetached !== 'string') return Number.NaN;
  const made = Date.parse(created ?? '');
  return typeof lastDetached === 'string' ? Math.max(made, Date.parse(lastDetached)) : made;
}

function isFree(volume: Resource): boolean {
  return volume.type === GCP_DISK ? isFreeDisk(volume) : isFreeVolume(volume);
}

/**
 * Ready, used by no machine even if that is off (compute v1, Disk.users), claimed by no Kubernetes, no copy of another
 * disk and in no pool.
 */
function isFreeDisk({ state, attributes }: Resource): boolean {
  const { users, claimed, copyOf, storagePool } = attributes;
  const isUsed = !Array.isArray(users) || users.length > 0 || claimed !== false;
  return state === 'READY' && !isUsed && (copyOf ?? null) === null && (storagePool ?? null) === null;
}

function isFreeVolume({ type, state, attributes, tags }: Resource): boolean {
  if (type !== 'aws:ec2:volume' || state !== 'available') return false;
  const { attachments, systemTags } = attributes;
  if (!Array.isArray(attachments) || attachments.length > 0) return false;
  const byService =
    typeof systemTags === 'object' && systemTags !== null && Object.keys(systemTags).some(isService);
  return !byService && !Object.keys(tags).some((key) => CLAIMED.test(key));
}

/** A stack makes a volume and leaves it to its user; any other service keeps it for itself. */
function isService(key: string): boolean {
  return !key.startsWith('aws:cloudformation:');
}

function evidence({ type, state, attributes, sku, created }: Resource): Evidence[] {
  const gcp = type === GCP_DISK;
  const inventory = { window: '', source: gcp ? 'compute.disks.aggregatedList' : 'ec2:DescribeVolumes' };
  const size = gcp ? attributes['sizeGb'] : attributes['sizeGiB'];
  const { lastDetached } = attributes;
  return [
    { name: 'state', value: state, unit: '', ...inventory },
    { name: gcp ? 'users' : 'attachments', value: '0', unit: 'count', ...inventory },
    ...(typeof size === 'number'
      ? [
          {
            name: 'size',
            value: String(size),
            unit: `${gcp ? 'GB' : 'GiB'} ${sku ?? ''}`.trim(),
            ...inventory,
          },
        ]
      : []),
    { name: 'created', value: created ?? '', unit: '', ...inventory },
    ...(gcp
      ? [
          {
            name: 'last detached',
            value: typeof lastDetached === 'string' ? lastDetached : 'never attached',
            unit: '',
            ...inventory,
          },
        ]
      : []),
  ];
}
