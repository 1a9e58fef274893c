import { type Resource, scopeName, scopeOf } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { textOf } from './attributes.ts';
import { daysSince, judgementOf, state } from './judgement.ts';
import type { Facts, Judgement } from './model.ts';
import type { Scopes } from './scopes.ts';

/** What absence is concluded from: all of these must have been read whole. */
export const GCP_SNAPSHOT_DATASETS = [
  'gcp.compute.snapshots',
  'gcp.compute.images',
  'gcp.compute.disks',
] as const;
const TYPE = 'gcp:compute:snapshot';
const SOURCE = 'compute.snapshots.list';
/** Labels that only Google and its services set. */
const OF_GOOGLE = /^goog-/;

/**
 * What `old-snapshot` says of snapshots of Google Cloud: UNUSED of a ready one, old enough, whose disk is gone and of
 * which no image of the project is made. A disk is known by its number, since its name can be used again. Left out
 * are those that a schedule made, which deletes them when their time is over, and those that a service of Google
 * labels. An old one of a disk that exists is not told: how far back one must be able to go only its owner knows.
 */
export function oldGcpSnapshots(facts: Facts, minAge: number, scopes: Scopes, now: Date): Judgement[] {
  const disks = idsOf(facts.resources, 'gcp:compute:disk', 'numericId');
  const inImages = idsOf(facts.resources, 'gcp:compute:image', 'sourceSnapshotId');
  const ofDisk = Map.groupBy(
    facts.resources.filter(({ type }) => type === TYPE),
    (one) => placed(one, 'sourceDiskId'),
  );
  return facts.resources.flatMap((snapshot) => {
    const age = now.getTime() - Date.parse(snapshot.created ?? '');
    if (!isOwn(snapshot) || !(age >= minAge)) return [];
    const disk = placed(snapshot, 'sourceDiskId');
    if (disks.has(disk) || inImages.has(placed(snapshot, 'numericId'))) return [];
    const names = [
      ...new Set([
        scopeOf(snapshot),
        ...GCP_SNAPSHOT_DATASETS.map((id) => datasetOf(scopeName(snapshot), id)),
      ]),
    ];
    if (!names.every((name) => scopes.complete(name))) return [];
    const count = ofDisk.get(disk)?.length ?? 1;
    const bytes = snapshot.attributes['storageBytes'];
    return [
      judgementOf(facts, snapshot, {
        check: 'old-snapshot',
        verdict: 'UNUSED',
        confidence: 'medium',
        // "As snapshots share storage" (compute v1, Snapshot.storageBytes): what one of several frees nobody can say.
        saves: count === 1 ? 'its whole cost' : null,
        evidence: [
          state('created', snapshot.created ?? '', SOURCE),
          state('disk', `${textOf(snapshot, 'sourceDisk') ?? disk} is gone`, 'compute.disks.aggregatedList'),
          state('snapshots of that disk', String(count), SOURCE, 'count'),
          state('images made of it', '0', 'compute.images.list', 'count'),
          ...(typeof bytes === 'number' ? [state('storage', String(bytes), SOURCE, 'bytes')] : []),
        ],
        blindSpots: [
          'It may be the last copy of its data, and a rule or a law may want it kept.',
          'Other projects, instance templates and disks that are made from it later are not seen.',
          ...(count === 1
            ? []
            : [
                'Snapshots of one disk share what they hold: how much deleting this one saves only later bills tell.',
              ]),
        ],
        reason: `It is ${daysSince(snapshot.created, now) ?? 0} days old, and no image is made of it; its disk is gone.`,
        scopes: names,
      }),
    ];
  });
}

function isOwn(snapshot: Resource): boolean {
  const { type, state: now, tags } = snapshot;
  return (
    type === TYPE &&
    now === 'READY' &&
    textOf(snapshot, 'sourceDiskId') !== null &&
    textOf(snapshot, 'schedule') === null &&
    snapshot.attributes['autoCreated'] === false &&
    !Object.keys(tags).some((key) => OF_GOOGLE.test(key))
  );
}

function idsOf(resources: readonly Resource[], type: string, attribute: string): ReadonlySet<string> {
  return new Set(resources.filter((one) => one.type === type).map((one) => placed(one, attribute)));
}

function placed(resource: Resource, attribute: string): string {
  return `${resource.accountId} ${textOf(resource, attribute) ?? ''}`;
}
