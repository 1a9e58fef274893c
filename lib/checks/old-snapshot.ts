/**
 * old-snapshot: snapshots of volumes that have been kept for long and that nothing is known to need.
 *
 * What it means: UNUSED is said of a complete snapshot, older than the minimum age, whose volume is gone and of which
 * no AMI of the account (Google Cloud: no image of the project) is made. SUSPECTED is an old one of a volume of AWS
 * that exists and has a newer complete snapshot: how far back one must be able to go only its owner knows. Neither is
 * ever acted on: it may be the last copy.
 *
 * A saving is told only where no other snapshot may hold on to the same blocks: none of the same volume, none of a
 * volume that was made from this one, and none that was taken later of a volume that is gone, or that was made later
 * from a snapshot that is gone or another's, since nobody knows what stands behind that. A snapshot of a volume made
 * from a snapshot is an incremental one of that (Amazon EBS User Guide, "Write Amazon EBS snapshots with EBS direct
 * APIs", read November 2026).
 *
 * Archived snapshots are billed in full, apart from all others, and for 90 days at least: no saving is told before these
 * are over, or where the time of archiving is not known.
 *
 * What it leaves out: snapshots that an AMI is made of; that Data Lifecycle Manager, AWS Backup or another service
 * keeps (a system tag); copies, whose volume id means nothing; those that Bursar itself took before it deleted a
 * volume; a region whose snapshots, AMIs or volumes were not read whole.
 *
 * What it cannot see: who it is shared with, launch templates and other accounts that use it, whether a rule or a law
 * wants it kept.
 */
import { z } from 'zod';
import { type Resource, scopeName, scopeOf } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { textOf } from './attributes.ts';
import { duration, durationMs } from './duration.ts';
import { GCP_SNAPSHOT_DATASETS, oldGcpSnapshots } from './gcp-snapshots.ts';
import { daysSince, judgementOf, keptByService, state } from './judgement.ts';
import type { Check, Facts, Judgement } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  minAge: duration.default('90d').describe('how old a snapshot must be'),
});
export type OldSnapshotSettings = z.output<typeof settings>;

const SOURCE = 'ec2:DescribeSnapshots';
/** What absence is concluded from: all of these must have been read whole. */
const DATASETS = ['aws.ec2.snapshots', 'aws.ec2.images', 'aws.ec2.volumes'];

export const oldSnapshot: Check<OldSnapshotSettings> = {
  id: 'old-snapshot',
  title: 'Old snapshots that nothing needs',
  needs: ['resources', 'costs'],
  datasets: [...DATASETS, ...GCP_SNAPSHOT_DATASETS],
  verdicts: { UNUSED: { actionable: false }, SUSPECTED: { actionable: false } },
  judge(facts, { minAge }, now) {
    const scopes = new Scopes(facts.coverage);
    const known = lookUp(facts.resources);
    const ofGoogle = oldGcpSnapshots(facts, durationMs(minAge), scopes, now);
    const ofAmazon = facts.resources.flatMap((snapshot) => {
      const age = now.getTime() - Date.parse(snapshot.created ?? '');
      if (
        !isOwn(snapshot) ||
        !(age >= durationMs(minAge)) ||
        known.inImages.has(placed(snapshot, 'snapshotId'))
      )
        return [];
      const names = [scopeOf(snapshot), ...DATASETS.map((id) => datasetOf(scopeName(snapshot), id))];
      return names.every((name) => scopes.complete(name))
        ? judged(facts, snapshot, known, [...new Set(names)], now)
        : [];
    });
    return [...ofAmazon, ...ofGoogle];
  },
  wouldChange: (verdict, { minAge }) => [
    `The snapshot younger than ${minAge}: no finding.`,
    'An AMI made of it, or a policy that keeps it: no finding.',
    verdict === 'UNUSED'
      ? 'Its volume there again: SUSPECTED or no finding.'
      : 'Its volume gone: UNUSED. No newer snapshot of the volume: no finding.',
  ],
};

interface OfVolume {
  newest: string;
  count: number;
  /** Those in the standard tier, which share their blocks. */
  shared: number;
}

interface Known {
  /** Snapshots that AMIs are made of, and volumes that exist, each with its account and region. */
  readonly inImages: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
  /** When the newest complete snapshot of a volume was begun, and how many snapshots there are of it. */
  readonly ofVolume: ReadonlyMap<string, OfVolume>;
  /** Snapshots of which a volume was made that has snapshots of its own in the standard tier. */
  readonly parents: ReadonlySet<string>;
  /**
   * By account and region: when the last snapshot in the standard tier was begun of a volume that is gone, or the last
   * volume was made that has one and was itself made from a snapshot that is not there in that tier.
   */
  readonly lastUnknown: ReadonlyMap<string, string>;
}

function lookUp(resources: readonly Resource[]): Known {
  const inImages = new Set<string>();
  const volumes = new Set<string>();
  const ofVolume = new Map<string, OfVolume>();
  const madeFrom = new Map<string, { readonly from: string; readonly at: string | null }>();
  const standard = new Set<string>();
  for (const one of resources) {
    if (one.type === 'aws:ec2:volume') {
      volumes.add(placed(one, 'volumeId'));
      const from = textOf(one, 'snapshotId');
      if (from !== null) madeFrom.set(placed(one, 'volumeId'), { from: place(one, from), at: one.created });
    } else if (one.type === 'aws:ec2:image') {
      const { snapshotIds } = one.attributes;
      if (Array.isArray(snapshotIds)) for (const id of snapshotIds) inImages.add(place(one, String(id)));
    } else if (one.type === 'aws:ec2:snapshot') {
      const volume = placed(one, 'volumeId');
      if (!isArchived(one)) standard.add(placed(one, 'snapshotId'));
      const { newest, count, shared } = ofVolume.get(volume) ?? { newest: '', count: 0, shared: 0 };
      const begun = one.state === 'completed' ? (one.created ?? '') : '';
      ofVolume.set(volume, {
        newest: begun > newest ? begun : newest,
        count: count + 1,
        shared: shared + (isArchived(one) ? 0 : 1),
      });
    }
  }
  const lastUnknown = new Map<string, string>();
  const parents = new Set<string>();
  for (const one of resources) {
    if (one.type !== 'aws:ec2:snapshot' || isArchived(one)) continue;
    const volume = placed(one, 'volumeId');
    const origin = madeFrom.get(volume);
    if (origin !== undefined) parents.add(origin.from);
    const known = origin === undefined ? volumes.has(volume) : standard.has(origin.from);
    // A volume holds on to nothing that was begun after it was made.
    const since = origin?.at ?? one.created ?? '';
    const region = place(one, '');
    if (!known && since > (lastUnknown.get(region) ?? '')) lastUnknown.set(region, since);
  }
  return { inImages, volumes, ofVolume, parents, lastUnknown };
}

function place({ accountId, region }: Resource, id: string): string {
  return `${accountId} ${region} ${id}`;
}

function placed(resource: Resource, attribute: string): string {
  return place(resource, textOf(resource, attribute) ?? '');
}

/** The tag that an action of ours puts on the snapshot that it takes before it deletes a volume: undo needs it. */
const OUR_TAG = 'bursar:plan';
/** The volume id of many copies (EC2 API Reference, Snapshot, volumeId: arbitrary for copies, not to be used). */
const NO_VOLUME = 'vol-ffffffff';

/** A complete snapshot that was taken here of a volume, and that no service keeps. */
function isOwn(snapshot: Resource): boolean {
  const { type, state: now, tags, attributes } = snapshot;
  if (type !== 'aws:ec2:snapshot' || now !== 'completed') return false;
  const { volumeId, transferType } = attributes;
  if (typeof volumeId !== 'string' || volumeId === '' || volumeId === NO_VOLUME) return false;
  if ((transferType ?? null) !== null || /^\[?Copied /i.test(textOf(snapshot, 'description') ?? ''))
    return false;
  return !keptByService(snapshot) && !(OUR_TAG in tags);
}

const TIER_SOURCE = 'ec2:DescribeSnapshotTierStatus';

function isArchived({ sku }: Resource): boolean {
  return sku === 'archive';
}

/** Amazon EBS User Guide, "Pricing and billing for archiving Amazon EBS snapshots" (read November 2026). */
const LEAST_ARCHIVED_MS = 90 * 86_400_000;

/**
 * Why the bill may not fall by what a snapshot costs once it is deleted; null where it does. One that is archived holds
 * all of its blocks itself (User Guide as above, "Considerations and limitations").
 */
function staysBilled(
  snapshot: Resource,
  shared: number,
  { parents, lastUnknown }: Known,
  now: Date,
): string | null {
  if (!isArchived(snapshot)) {
    if (shared > 1)
      return 'Snapshots of one volume share what they hold: how much deleting this one saves only later bills tell.';
    const later = (lastUnknown.get(place(snapshot, '')) ?? '') > (snapshot.created ?? '');
    return later || parents.has(placed(snapshot, 'snapshotId'))
      ? 'Later snapshots may hold on to what it holds, of volumes that were made from it: how much deleting it saves only later bills tell.'
      : null;
  }
  const restored = textOf(snapshot, 'restoredUntil');
  if (restored !== null)
    return `It is restored for a while, until ${restored.slice(0, 10)}, and billed twice until then: what deleting it saves after that only later bills tell.`;
  const end = Date.parse(textOf(snapshot, 'archivedAt') ?? '') + LEAST_ARCHIVED_MS;
  if (Number.isNaN(end))
    return 'It is not known since when it is archived, and the first 90 days are billed even if it is deleted: no saving is told.';
  return end <= now.getTime()
    ? null
    : `It is archived, and billed until ${new Date(end).toISOString().slice(0, 10)} even if it is deleted before: the first 90 days are.`;
}

function judged(facts: Facts, snapshot: Resource, known: Known, scopes: string[], now: Date): Judgement[] {
  const { volumes, ofVolume } = known;
  const volume = placed(snapshot, 'volumeId');
  const gone = !volumes.has(volume);
  const { newest, count, shared } = ofVolume.get(volume) ?? { newest: '', count: 1, shared: 1 };
  if (!gone && newest <= (snapshot.created ?? '')) return [];
  const { sizeGiB } = snapshot.attributes;
  const stays = staysBilled(snapshot, shared, known, now);
  const old = `It is ${daysSince(snapshot.created, now) ?? 0} days old, and no AMI is made of it`;
  return [
    judgementOf(facts, snapshot, {
      check: 'old-snapshot',
      verdict: gone ? 'UNUSED' : 'SUSPECTED',
      confidence: gone ? 'medium' : 'low',
      saves: gone && stays === null ? 'its whole cost' : null,
      evidence: [
        state('created', snapshot.created ?? '', SOURCE),
        state(
          'volume',
          `${textOf(snapshot, 'volumeId') ?? ''} ${gone ? 'is gone' : 'exists'}`,
          'ec2:DescribeVolumes',
        ),
        state('snapshots of that volume', String(count), SOURCE, 'count'),
        state('AMIs made of it', '0', 'ec2:DescribeImages', 'count'),
        ...(isArchived(snapshot)
          ? [state('archived', textOf(snapshot, 'archivedAt') ?? 'not known since when', TIER_SOURCE)]
          : []),
        ...(typeof sizeGiB === 'number' ? [state('size of the volume', String(sizeGiB), SOURCE, 'GiB')] : []),
      ],
      blindSpots: [
        'It may be the last copy of its data, and a rule or a law may want it kept.',
        'Other accounts, launch templates and AMIs of others that use it are not seen.',
        ...(stays === null ? [] : [stays]),
      ],
      reason: gone ? `${old}; its volume is gone.` : `${old}; there is a newer one of its volume.`,
      scopes,
    }),
  ];
}
