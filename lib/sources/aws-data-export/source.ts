import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import type { Coverage } from '../../platform/coverage.ts';
import { freeBytes } from '../../platform/disk.ts';
import { BursarError } from '../../platform/errors.ts';
import { size, tooLarge } from '../disk.ts';
import type { DeliverContext, Delivery, Source } from '../model.ts';
import { type Bucket, bucket, type ObjectFacts, Replaced } from './bucket.ts';
import { discover, type FoundExport } from './discover.ts';
import { download } from './download.ts';
import { layoutOf } from './layout.ts';
import { type ExportManifest, readManifest } from './manifest.ts';
import { dataExportPermissions, type ExportPlace } from './permissions.ts';

export interface DataExportSettings extends ExportPlace {
  /** Source id: the key in the config. */
  readonly id: string;
  readonly type: 'aws-focus-export' | 'aws-cur';
  /** Built with the role that reads the bucket, for its region. */
  readonly client: S3Client;
  /** Name of the export, where several lie under the prefix. */
  readonly export?: string | undefined;
  /** Account that must own the bucket. */
  readonly account?: string | undefined;
  /** Tells the free bytes of a folder's disk. */
  readonly free?: (folder: string) => Promise<number>;
  /** Bytes of a period's files up to which it is read, where another engine could ask it; left out: any that fit. */
  readonly mostBytes?: bigint;
  /** Bytes of one ranged read. */
  readonly partBytes?: number;
}

/** Manifests read at once. */
const READS = 8;
/** How often a period is begun again that AWS rewrites meanwhile. */
const STARTS = 3;
/**
 * AWS refreshes an export at least once a day, and begins a period's first within 24 hours (AWS Data Exports User
 * Guide, "Understanding export delivery"). Where the newest manifest is older than this, it has stopped.
 */
const STOPPED_MS = 3 * 24 * 3_600_000;
/** Data that is newer than its manifest, and younger than this, is of a delivery that is under way. */
const UNDER_WAY_MS = 6 * 3_600_000;

/**
 * A data export of AWS Billing in S3 (FOCUS, CUR 2.0, legacy CUR), read by its manifests: what they name is the
 * bill, whatever else lies there. A period whose manifest is the one that the lake holds costs that one read. The
 * others come one delivery each; one that cannot be read is told, and its former rows stay in force.
 */
export function dataExportSource(settings: DataExportSettings): Source {
  const { id, type } = settings;
  const open = (meter: DeliverContext['meter']): Bucket =>
    bucket(
      {
        client: settings.client,
        name: settings.bucket,
        ...(settings.account === undefined ? {} : { owner: settings.account }),
        hint: `\`bursar source-access ${id}\` prints what its owner must allow.`,
      },
      meter,
    );
  return {
    id,
    type,
    permissions: dataExportPermissions(settings),
    async deliver(context) {
      const from = open(context.meter);
      context.progress.step(`${id}: looking for manifests`);
      const found = await discover(from, settings.prefix, settings.export);
      return await new Reading(settings, from, found, context).begin();
    },
    async examine({ meter }) {
      const from = open(meter);
      const { name, manifests, bare } = await discover(from, settings.prefix, settings.export);
      const newest = manifests.at(-1);
      if (newest === undefined)
        throw new BursarError('unavailable', `the export ${name} has no manifest yet`, {
          where: from.shown(settings.prefix),
          hint: 'AWS writes the first within 24 hours.',
        });
      const { files } = await readManifest(from, newest);
      const [first] = files;
      if (first !== undefined) await from.facts(first);
      const waiting = bare.length === 0 ? '' : `; no manifest yet of ${bare.join(', ')}`;
      return (
        `export ${name}, billing periods ${manifests[0]?.period ?? ''} to ${newest.period}, ` +
        `the newest delivered ${newest.object.modified.toISOString()} in ${files.length} files${waiting}`
      );
    },
  };
}

/** One run over the periods of an export. */
class Reading {
  readonly #settings: DataExportSettings;
  readonly #bucket: Bucket;
  readonly #found: FoundExport;
  readonly #context: DeliverContext;
  /** What is wrong, period by period. */
  readonly #problems: { readonly period: string; readonly error: BursarError }[] = [];
  /** Periods that the lake holds as AWS has them, and those that it took in this run. */
  #unchanged = 0;
  #taken = 0;

  constructor(settings: DataExportSettings, from: Bucket, found: FoundExport, context: DeliverContext) {
    this.#settings = settings;
    this.#bucket = from;
    this.#found = found;
    this.#context = context;
  }

  async begin(): Promise<Delivery> {
    const { manifests } = this.#found;
    const held = this.#context.held?.fingerprints ?? {};
    const limit = pLimit(READS);
    const read = await Promise.all(
      manifests.map((each) => limit(() => this.#try(each.period, () => readManifest(this.#bucket, each)))),
    );
    const changed: ExportManifest[] = [];
    for (const manifest of read) {
      if (manifest === null) continue;
      if (held[manifest.period] === manifest.fingerprint) this.#unchanged += 1;
      else changed.push(manifest);
    }
    // The newest first: it is what everybody waits for.
    return await this.#next(changed.toReversed());
  }

  async #next([manifest, ...rest]: readonly ExportManifest[]): Promise<Delivery> {
    if (manifest === undefined) return this.#last();
    const folder = join(this.#context.workDir, manifest.period);
    const { period } = manifest;
    const delivery = await this.#try(period, () => this.#period(manifest, folder));
    if (delivery === null) {
      await rm(folder, { recursive: true, force: true });
      return await this.#next(rest);
    }
    return {
      ...delivery,
      next: async (refused) => {
        await rm(folder, { recursive: true, force: true });
        if (refused === null) this.#taken += 1;
        else this.#problems.push({ period, error: refused });
        return await this.#next(rest);
      },
    };
  }

  /** One period whole, begun again where AWS rewrites it meanwhile. */
  async #period(first: ExportManifest, folder: string): Promise<Delivery> {
    let manifest = first;
    for (let start = 1; ; start++) {
      try {
        return await this.#fetch(manifest, folder);
      } catch (error) {
        if (!(error instanceof Replaced)) throw error;
        if (start === STARTS)
          throw new BursarError('unavailable', `it was replaced ${STARTS} times while it was read`, {
            where: error.message,
            hint: 'AWS is delivering it: run again later.',
          });
        await rm(folder, { recursive: true, force: true });
        const { period, object } = manifest;
        manifest = await readManifest(this.#bucket, { period, object });
      }
    }
  }

  async #fetch(manifest: ExportManifest, folder: string): Promise<Delivery> {
    const { period, files, made, fingerprint } = manifest;
    const where = this.#bucket.shown(manifest.object.key);
    await mkdir(folder, { recursive: true });
    const limit = pLimit(READS);
    const objects = await Promise.all(files.map((key) => limit(() => this.#named(key, manifest))));
    const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
    const free = await (this.#settings.free ?? freeBytes)(folder);
    const reason = tooLarge(bytes, free, this.#settings.mostBytes ?? null, ` in ${files.length} files`);
    if (reason !== null)
      return { ...this.#delivery(), inPlace: { period, files, bytes, fingerprint, reason, where } };
    const wanted = objects.map((object, index) => ({ object, path: join(folder, String(index)) }));
    let done = 0;
    const what = `${this.#settings.id}: fetching ${period}, ${size(bytes)}`;
    this.#context.progress.step(what);
    await download(this.#bucket, wanted, {
      came: (more) => {
        done += more;
        this.#context.progress.step(what, done, bytes);
      },
      ...(this.#settings.partBytes === undefined ? {} : { partBytes: this.#settings.partBytes }),
    });
    // Files that were overwritten one after the other while they were read belong to no version.
    const now = await this.#bucket.facts(manifest.object.key);
    if (now.etag !== manifest.object.etag) throw new Replaced(where);
    return {
      ...this.#delivery(),
      files: await Promise.all(
        wanted.map(({ object, path }) => layoutOf(path, this.#bucket.shown(object.key), made)),
      ),
      periods: [period],
      exact: true,
      fingerprints: { [period]: fingerprint },
    };
  }

  /** A file that a manifest names. */
  async #named(key: string, manifest: ExportManifest): Promise<ObjectFacts> {
    const facts = await this.#bucket.facts(key).catch((error: unknown) => {
      if (!(error instanceof BursarError) || error.code !== 'input') throw error;
      throw new BursarError('unavailable', 'the manifest names this file, and it is not there', {
        where: this.#bucket.shown(key),
        hint: 'Deliver the export again (or restore the file); until then the rows of the former delivery stay.',
        cause: error,
      });
    });
    const age = this.#context.now.getTime() - facts.modified.getTime();
    // AWS writes the manifest after all data (AWS Data Exports User Guide, "Understanding export delivery").
    if (facts.modified > manifest.object.modified && age < UNDER_WAY_MS)
      throw new BursarError(
        'unavailable',
        'a new delivery is under way: this file is newer than its manifest',
        {
          where: this.#bucket.shown(key),
          hint: 'It is read once AWS has written the manifest.',
        },
      );
    return facts;
  }

  #last(): Delivery {
    const coverage = this.#coverage();
    const [worst] = this.#problems;
    return {
      ...this.#delivery(),
      coverage: [coverage],
      ...(coverage.status === 'failed' && worst !== undefined ? { failed: worst.error } : {}),
    };
  }

  #coverage(): Coverage {
    const scope = `bill:${this.#settings.id}`;
    // Of what was taken now, the lake tells the date.
    const asOf = this.#taken > 0 ? null : (this.#context.held?.asOf ?? null);
    const { bare, manifests } = this.#found;
    const newest = Math.max(...manifests.map(({ object }) => object.modified.getTime()));
    const stopped = manifests.length > 0 && this.#context.now.getTime() - newest > STOPPED_MS;
    const told = [
      ...this.#problems.map(({ period, error }) => `${period}: ${error.told}`),
      ...(bare.length === 0
        ? []
        : [
            `${bare.join(', ')}: there is data without a manifest, which is not read until AWS has written it`,
          ]),
      ...(stopped
        ? [
            `the export was last delivered on ${new Date(newest).toISOString()}, and AWS delivers daily: has it stopped?`,
          ]
        : []),
    ];
    if (told.length === 0) return { scope, status: 'complete', reason: null, asOf };
    const none = this.#unchanged + this.#taken === 0 && this.#problems.length > 0;
    return { scope, status: none ? 'failed' : 'partial', reason: told.join('\n'), asOf };
  }

  #delivery(): Delivery {
    return {
      sourceId: this.#settings.id,
      sourceType: this.#settings.type,
      grain: 'resource',
      files: [],
      periods: [],
      skipped: [],
      asOf: null,
      coverage: [],
    };
  }

  /** What is wrong with one period is kept to be told; what is no answer of AWS is a defect and thrown. */
  async #try<T>(period: string, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BursarError)) throw error;
      this.#problems.push({ period, error });
      return null;
    }
  }
}
