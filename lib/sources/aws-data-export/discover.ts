import pLimit from 'p-limit';
import { BursarError } from '../../platform/errors.ts';
import type { Bucket, Level, ObjectFacts } from './bucket.ts';

/**
 * Where AWS puts the manifests of an export. Folders are listed to find manifests, never to find data.
 *
 * Data Exports (AWS Data Exports User Guide, "Understanding export delivery", read November 2026):
 *
 *     <prefix>/<export>/metadata/BILLING_PERIOD=YYYY-MM/<export>-Manifest.json
 *     <prefix>/<export>/metadata/BILLING_PERIOD=YYYY-MM/<execution>/<export>-Manifest.json    "create new"
 *     <prefix>/<export>/data/BILLING_PERIOD=YYYY-MM/[<execution>/]<export>-00001.snappy.parquet
 *
 * FOCUS tables are also seen with `billing_period=` in small letters (FinOps toolkit, AmazonWebServices app).
 *
 * Legacy Cost and Usage Reports (the same guide, "Understanding your report versions" and "Manifest files"):
 *
 *     <prefix>/<report>/yyyymmdd-yyyymmdd/<report>-Manifest.json           of the newest version
 *     <prefix>/<report>/yyyymmdd-yyyymmdd/<assemblyId>/...                  of each kept version
 *     <prefix>/<report>/<report>/year=2018/month=12/<report>-Manifest.json  for Athena, overwriting
 */
export interface FoundExport {
  readonly name: string;
  /** Key of its folder, with the `/` at the end. */
  readonly folder: string;
  /** One a billing period, in their order. */
  readonly manifests: readonly FoundManifest[];
  /** Billing periods that have data but no manifest (yet): AWS writes it last. */
  readonly bare: readonly string[];
}

export interface FoundManifest {
  /** `YYYY-MM`. */
  readonly period: string;
  readonly object: ObjectFacts;
}

/** Folders looked into at once. */
const LISTINGS = 8;
/** A folder with more folders than this is none of exports: the whole bucket was named. */
const MOST_FOLDERS = 500;

const PARTITION = /^billing_period=(\d{4}-(?:0[1-9]|1[0-2]))$/i;
const RANGE = /^(\d{4})(0[1-9]|1[0-2])\d\d-\d{8}$/;

/**
 * The one export under a prefix: the prefix is that of the export's settings, or the export's own folder.
 * @param name the export that is meant, where several lie there
 * @throws BursarError `config` where there is none, or several and none is named
 */
export async function discover(bucket: Bucket, prefix: string, name?: string): Promise<FoundExport> {
  const exports = await exportsUnder(bucket, prefix);
  const meant = name === undefined ? exports : exports.filter(({ folder }) => nameOf(folder) === name);
  const [only, ...more] = meant;
  const names = exports.map(({ folder }) => nameOf(folder));
  if (only === undefined)
    throw new BursarError(
      'config',
      name === undefined ? 'no export lies here' : `no export named ${name} lies here`,
      {
        where: bucket.shown(prefix),
        hint:
          names.length === 0
            ? 'Set bucket and prefix as the export has them; the first delivery can take 24 hours.'
            : `Here lie ${names.join(', ')}.`,
      },
    );
  if (more.length > 0)
    throw new BursarError('config', `several exports lie here: ${names.join(', ')}`, {
      where: bucket.shown(prefix),
      hint: 'Name one with `export`. Two exports of one payer in one source would count its cost twice.',
    });
  return only.level.folders.some((folder) => lastOf(folder) === 'metadata')
    ? await dataExport(bucket, only)
    : await legacyReport(bucket, only);
}

interface Candidate {
  readonly folder: string;
  readonly level: Level;
}

async function exportsUnder(bucket: Bucket, prefix: string): Promise<Candidate[]> {
  const trimmed = prefix.replace(/\/+$/, '');
  const here = trimmed === '' ? '' : `${trimmed}/`;
  const level = await bucket.level(here);
  if (isExport(level)) return [{ folder: here, level }];
  // A prefix that was set with a slash at its end gives `prefix//export`, an empty one in old reports `/report`.
  const empty = `${here}/`;
  const children = level.folders.includes(empty)
    ? [...level.folders.filter((folder) => folder !== empty), ...(await bucket.level(empty)).folders]
    : level.folders;
  if (children.length > MOST_FOLDERS)
    throw new BursarError('config', `${children.length} folders lie here: too many to look for exports in`, {
      where: bucket.shown(here),
      hint: 'Set `prefix` to that of the export.',
    });
  const limit = pLimit(LISTINGS);
  const looked = await Promise.all(
    children.map((folder) => limit(async () => ({ folder, level: await bucket.level(folder) }))),
  );
  return looked.filter((candidate) => isExport(candidate.level));
}

function isExport({ folders }: Level): boolean {
  return folders.some((folder) => lastOf(folder) === 'metadata' || RANGE.test(lastOf(folder)));
}

async function dataExport(bucket: Bucket, { folder, level }: Candidate): Promise<FoundExport> {
  const name = nameOf(folder);
  const candidates: FoundManifest[] = [];
  for (const object of await bucket.below(`${folder}metadata/`)) {
    const [partition = '', ...rest] = object.key.slice(`${folder}metadata/`.length).split('/');
    const [, period] = PARTITION.exec(partition) ?? [];
    if (period !== undefined && rest.length <= 2 && rest.at(-1) === `${name}-Manifest.json`)
      candidates.push({ period, object });
  }
  const manifests = newestOfEach(candidates);
  const data = level.folders.includes(`${folder}data/`) ? (await bucket.level(`${folder}data/`)).folders : [];
  const written = data.flatMap((each) => PARTITION.exec(lastOf(each))?.[1] ?? []);
  return { name, folder, manifests, bare: without(written, manifests) };
}

async function legacyReport(bucket: Bucket, { folder, level }: Candidate): Promise<FoundExport> {
  const name = nameOf(folder);
  const limit = pLimit(LISTINGS);
  const manifestIn = (at: string, period: string) =>
    limit(async (): Promise<FoundManifest[]> => {
      const { objects } = await bucket.level(at);
      const object = objects.find(({ key }) => key === `${at}${name}-Manifest.json`);
      return object === undefined ? [] : [{ period, object }];
    });
  const months = level.folders.flatMap((at) => {
    const [, year, month] = RANGE.exec(lastOf(at)) ?? [];
    return year === undefined || month === undefined ? [] : [{ at, period: `${year}-${month}` }];
  });
  const partitions: { at: string; period: string }[] = [];
  if (level.folders.includes(`${folder}${name}/`))
    for (const years of (await bucket.level(`${folder}${name}/`)).folders) {
      const [, year] = /^year=(\d{4})$/.exec(lastOf(years)) ?? [];
      if (year === undefined) continue;
      for (const at of (await bucket.level(years)).folders) {
        const [, month] = /^month=(\d{1,2})$/.exec(lastOf(at)) ?? [];
        if (month !== undefined) partitions.push({ at, period: `${year}-${month.padStart(2, '0')}` });
      }
    }
  const all = [...months, ...partitions];
  const found = await Promise.all(all.map(({ at, period }) => manifestIn(at, period)));
  const manifests = newestOfEach(found.flat());
  return {
    name,
    folder,
    manifests,
    bare: without(
      all.map(({ period }) => period),
      manifests,
    ),
  };
}

/**
 * The manifest in force of each period: the newest; of two of the same time the one that is not in a version's
 * own folder, then the later name (a version's folder is named by its time).
 */
function newestOfEach(candidates: readonly FoundManifest[]): FoundManifest[] {
  const depth = ({ object }: FoundManifest) => object.key.split('/').length;
  const later = (a: FoundManifest, b: FoundManifest): number =>
    b.object.modified.getTime() - a.object.modified.getTime() ||
    depth(a) - depth(b) ||
    (a.object.key < b.object.key ? 1 : -1);
  const byPeriod = new Map<string, FoundManifest>();
  for (const candidate of candidates.toSorted(later))
    if (!byPeriod.has(candidate.period)) byPeriod.set(candidate.period, candidate);
  return [...byPeriod.values()].toSorted((a, b) => (a.period < b.period ? -1 : 1));
}

function without(periods: readonly string[], manifests: readonly FoundManifest[]): string[] {
  const known = new Set(manifests.map(({ period }) => period));
  return [...new Set(periods)].filter((period) => !known.has(period)).toSorted();
}

function lastOf(folder: string): string {
  return folder.split('/').at(-2) ?? '';
}

function nameOf(folder: string): string {
  return lastOf(folder);
}
