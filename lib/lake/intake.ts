import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BursarError } from '../platform/errors.ts';
import type { Progress } from '../platform/progress.ts';
import type { Delivery, PeriodInPlace } from '../sources/model.ts';
import { commitPeriods, sweepOrphans } from './commit.ts';
import type { Engine } from './engine/duckdb.ts';
import { extentsOf } from './engine/extents.ts';
import type { Holdings } from './holdings.ts';
import { convert as convertFiles } from './ingest/convert.ts';
import type { Converted, ConvertOptions } from './ingest/model.ts';
import { leaveInPlace, nowhere, takeBack } from './inplace/leave.ts';
import type { InPlaceSource } from './inplace/model.ts';
import { rejectsKey } from './layout.ts';
import { type Extent, type Manifest, periodReport } from './manifest.ts';
import type { EngineSetting, IngestReport } from './model.ts';
import { overlaps } from './overlap.ts';
import { leftOut, toldLeftOut } from './precedence.ts';
import type { Store } from './store/model.ts';

/** What an ingest may use of the memory: the buffers of its readers and writers come on top, uncounted by DuckDB. */
const INGEST_MIB = 480;

export interface IntakeOptions {
  readonly store: Store;
  readonly holdings: Holdings;
  /** Reads what was converted. */
  readonly reader: Engine;
  /** Local folder of this lake alone. */
  readonly scratch: string;
  readonly memoryMiB: number;
  readonly engine: EngineSetting;
  readonly inPlace: readonly InPlaceSource[];
}

/** How what a source delivers comes into the lake. */
export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Takes a delivery into the lake: each of its billing periods whole, or nothing. */
  async take(delivery: Delivery, now: Date, progress: Progress): Promise<IngestReport> {
    const id = randomBytes(4).toString('hex');
    if (delivery.inPlace !== undefined) return await this.#leave(delivery, delivery.inPlace, id, now);
    const workDir = join(this.#options.scratch, id);
    const outDir = join(workDir, 'parts');
    await mkdir(workDir, { recursive: true });
    try {
      const memoryMiB = Math.min(this.#options.memoryMiB, INGEST_MIB);
      const { sourceId, sourceType, grain } = delivery;
      const how: ConvertOptions = { sourceId, sourceType, grain, workDir, outDir, now, progress, memoryMiB };
      const converted = await convertFiles(delivery.files, how);
      if (delivery.exact === true) mustBeExact(delivery, converted);
      const rejectsFile = await this.#keepRejects(converted, sourceId, id);
      if (delivery.exact === true) mustKeepARow(delivery, converted, rejectsFile);
      const extents = await this.#extents(converted);
      progress.step(`${sourceId}: storing`);
      const manifest = await commitPeriods(this.#options.store, delivery, converted, extents, id, now);
      const replacedPeriods = new Set([
        ...converted.periods.map(({ period }) => period),
        ...delivery.periods,
      ]);
      return {
        sourceId,
        rowsIn: converted.rowsIn,
        rowsKept: converted.rowsKept,
        rowsRejected: converted.rowsRejected,
        rejectedMoney: converted.rejectedMoney,
        rejectedMoneyUnread: converted.rejectedMoneyUnread,
        rejectsFile,
        repairs: converted.repairs,
        skipped: delivery.skipped,
        periods: manifest.periods.filter(({ period }) => replacedPeriods.has(period)).map(periodReport),
        warnings: [
          ...converted.warnings,
          ...(await this.#overlapsOf(manifest)),
          ...(await this.#sweep(sourceId, now)),
        ],
      };
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  }

  /** A period that is too large to be read here: from now on it is asked where it lies, or it is refused. */
  async #leave(delivery: Delivery, left: PeriodInPlace, id: string, now: Date): Promise<IngestReport> {
    const { sourceId } = delivery;
    const { engine, inPlace } = this.#options;
    const table = inPlace.find((each) => each.sourceId === sourceId);
    if (table === undefined || (engine !== 'auto' && engine !== table.engine.id)) {
      await takeBack(this.#options.store, delivery, left.period, id, now);
      throw nowhere(delivery, left, engine);
    }
    const manifest = await leaveInPlace(this.#options.store, delivery, left, table, id, now);
    return {
      sourceId,
      rowsIn: 0,
      rowsKept: 0,
      rowsRejected: 0,
      rejectedMoney: [],
      rejectedMoneyUnread: 0,
      rejectsFile: null,
      repairs: {},
      skipped: [],
      periods: manifest.periods.filter(({ period }) => period === left.period).map(periodReport),
      warnings: [...(await this.#overlapsOf(manifest)), ...(await this.#sweep(sourceId, now))],
    };
  }

  /** Rejected rows outlive the run beside the bills they came from: they are for a person to read. */
  async #keepRejects(converted: Converted, sourceId: string, id: string): Promise<string | null> {
    if (converted.rejectsFile === null) return null;
    const key = rejectsKey(sourceId, id);
    await this.#options.store.fromLocal(converted.rejectsFile, key);
    return `${this.#options.store.shownAs.replace(/\/$/, '')}/${key}`;
  }

  async #extents(converted: Converted): Promise<Map<string, Extent[]>> {
    const extents = new Map<string, Extent[]>();
    for (const { period, parts } of converted.periods)
      extents.set(
        period,
        await extentsOf(
          this.#options.reader,
          parts.map(({ path }) => path),
        ),
      );
    return extents;
  }

  async #overlapsOf(manifest: Manifest): Promise<string[]> {
    const all = await this.#options.holdings.manifests(null);
    const mine = leftOut(all).filter(
      ({ sourceId, by }) => sourceId === manifest.sourceId || by.includes(manifest.sourceId),
    );
    const others = all.filter(({ sourceId }) => sourceId !== manifest.sourceId);
    return [...overlaps(manifest, others), ...toldLeftOut(mine)];
  }

  /** The rows are committed by now: a failure to tidy up is told and fails nothing. */
  async #sweep(sourceId: string, now: Date): Promise<string[]> {
    try {
      await sweepOrphans(this.#options.store, sourceId, now);
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return [`${sourceId}: what was replaced earlier could not be removed: ${why}`];
    }
  }
}

/** A period of which no row can be read is no period without cost. */
function mustKeepARow(
  { periods, sourceId }: Delivery,
  converted: Converted,
  rejectsFile: string | null,
): void {
  if (converted.rowsIn === 0 || converted.rowsKept > 0) return;
  throw new BursarError('input', `all ${converted.rowsIn} rows of ${periods.join(', ')} were rejected`, {
    where: `bill:${sourceId}`,
    hint: `See why in ${rejectsFile ?? 'the rejects file'}; the rows of the former delivery stay.`,
  });
}

/** Rows of another period would replace that period whole by the few that strayed. */
function mustBeExact({ sourceId, periods }: Delivery, converted: Converted): void {
  const strayed = converted.periods.filter(({ period }) => !periods.includes(period));
  if (strayed.length === 0) return;
  const told = strayed.map(({ period, rows }) => `${period} (${rows} rows)`).join(', ');
  throw new BursarError('input', `what was delivered as ${periods.join(', ')} has rows of ${told}`, {
    where: `bill:${sourceId}`,
    hint: 'Nothing of it was taken. Have the export delivered again.',
  });
}
