import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BigQuery, Page, Statement, Table, TableName } from '../../platform/bigquery/model.ts';
import { shown } from '../../platform/bigquery/name.ts';
import { bigQueryPermissions } from '../../platform/bigquery/permissions.ts';
import { dollars } from '../../platform/bigquery/price.ts';
import type { Coverage } from '../../platform/coverage.ts';
import { freeBytes } from '../../platform/disk.ts';
import { BursarError } from '../../platform/errors.ts';
import { tooLarge } from '../disk.ts';
import type { DeliverContext, Delivery, Source } from '../model.ts';
import { besideOf, type GcpBesideSettings, gcpBesidePermissions } from './beside.ts';
import { focusMapping } from './focus.ts';
import { layoutOf, type Mapping } from './mapping.ts';
import { readMonth, TooLarge } from './read-month.ts';
import type { Grain } from './select.ts';
import { fingerprint, type Month, monthsOf, surveySql } from './survey.ts';
import { usageMapping } from './usage.ts';
import { firstMonth, isOpen } from './window.ts';

/** Changes when the same rows of an export become other rows of the bill: then every month is read again. */
const MAPPING = 'mapping 2';

/** 200 GiB: at $6.25 a TiB at most $1.23 a run. */
export const DEFAULT_CEILING = 200n * 2n ** 30n;

export interface GcpBigQuerySettings {
  /** Source id: the key in the config. */
  readonly id: string;
  readonly client: BigQuery;
  readonly table: TableName;
  /** Where jobs run; left out: where the table lies. */
  readonly location?: string;
  /** Invoice months to read besides the current one. */
  readonly months: number;
  readonly grain: Grain;
  /** Bytes that one run may bill, all its queries together. */
  readonly maximumBytesBilled?: bigint;
  readonly signal?: AbortSignal;
  /** Bytes of a month's rows up to which it is read, where BigQuery could be asked; left out: any that fit. */
  readonly mostBytes?: bigint;
  /** What is read beside the bill; left out: nothing. */
  readonly beside?: GcpBesideSettings;
  /** Tells the free bytes of a folder's disk. */
  readonly free?: (folder: string) => Promise<number>;
}

/**
 * Google Cloud's bill from its billing export in BigQuery: the detailed or standard export, or the FOCUS export, told
 * apart by the columns of the table. One query finds which invoice months have changed; each of those is read whole,
 * a delivery each, and replaces its former rows. What a month adds up to in the table must be what was read.
 */
export function gcpBigQuerySource(settings: GcpBigQuerySettings): Source {
  const { id } = settings;
  return {
    id,
    type: 'gcp-bigquery',
    permissions: [...bigQueryPermissions, ...gcpBesidePermissions(settings.beside ?? {})],
    async deliver(context) {
      context.progress.step(`${id}: looking at ${shown(settings.table)}`);
      const opened = await openTable(settings, context);
      const reading = new Reading(settings, opened, context);
      const { client, location, beside = {} } = settings;
      const first = await reading.begin();
      const aside = await besideOf(
        beside,
        { scope: `bill:${id}`, client, location, run: (statement, what) => reading.run(statement, what) },
        context,
      );
      return reading.with(first, aside);
    },
    async examine({ meter, now }) {
      const { table, mapping } = await openTable(settings, { meter });
      const statement = survey(settings, table, mapping, now);
      const { bytes } = await settings.client.dryRun(statement, meter, settings.signal);
      return (
        `${mapping.layout} export ${shown(table.name)} in ${table.location}; ` +
        `looking for changes reads ${bytes} bytes ($${dollars(bytes)} at list price)`
      );
    },
  };
}

interface Opened {
  readonly table: Table;
  readonly mapping: Mapping;
}

async function openTable(
  { id, client, table: name, signal }: GcpBigQuerySettings,
  { meter }: Pick<DeliverContext, 'meter'>,
): Promise<Opened> {
  const table = await client.table(name, meter, signal);
  const layout = layoutOf(table);
  if (layout === null)
    throw new BursarError('config', `${shown(name)} is no billing export`, {
      where: `bill:${id}`,
      hint: 'Name a table gcp_billing_export_resource_v1_*, gcp_billing_export_v1_* or gcp_billing_export_focus_*, or a view with the columns of one.',
    });
  return { table, mapping: layout === 'focus' ? focusMapping(table) : usageMapping(table, layout) };
}

function survey(settings: GcpBigQuerySettings, table: Table, mapping: Mapping, now: Date): Statement {
  return {
    sql: surveySql(table, mapping),
    params: { from: firstMonth(now, settings.months) },
    location: settings.location ?? table.location,
  };
}

/** One run over the invoice months of a table. */
class Reading {
  readonly #settings: GcpBigQuerySettings;
  readonly #opened: Opened;
  readonly #context: DeliverContext;
  readonly #problems: { readonly period: string; readonly error: BursarError }[] = [];
  readonly #gone: string[] = [];
  #aside: readonly Coverage[] = [];
  #months: readonly Month[] = [];
  #left: bigint;

  constructor(settings: GcpBigQuerySettings, opened: Opened, context: DeliverContext) {
    this.#settings = settings;
    this.#opened = opened;
    this.#context = context;
    this.#left = settings.maximumBytesBilled ?? DEFAULT_CEILING;
  }

  /** The first delivery, with what is beside the bill; what of that could not be read is told with the last. */
  with(first: Delivery, { tables, coverage }: Awaited<ReturnType<typeof besideOf>>): Delivery {
    this.#aside = coverage;
    return {
      ...first,
      beside: tables,
      ...(first.next === undefined ? { coverage: [...first.coverage, ...coverage] } : {}),
    };
  }

  async begin(): Promise<Delivery> {
    const { table, mapping } = this.#opened;
    const { now, held } = this.#context;
    const pages: Page[] = [];
    for await (const page of this.run(survey(this.#settings, table, mapping, now), 'to look for changes'))
      pages.push(page);
    this.#months = pages.flatMap((page) => monthsOf(page, table));
    const before = held?.fingerprints ?? {};
    const from = firstMonth(now, this.#settings.months);
    for (const period of Object.keys(before))
      if (period.replace('-', '') >= from && !this.#months.some((month) => month.period === period))
        this.#gone.push(period);
    const changed = this.#months.filter((month) => before[month.period] !== this.#fingerprint(month));
    // The newest first: it is what everybody waits for.
    return await this.#next(changed.toReversed());
  }

  /** Pages of a query, after a dry run has told that it stays under what is left of the ceiling. */
  async *run(statement: Statement, what: string): AsyncGenerator<Page, void, void> {
    const { client, signal, id } = this.#settings;
    const { meter } = this.#context;
    const { bytes } = await client.dryRun(statement, meter, signal);
    if (bytes > this.#left)
      throw new BursarError(
        'input',
        `${what} BigQuery would read ${bytes} bytes ($${dollars(bytes)} at list price), and ${this.#left} are left of the ceiling of this run`,
        { where: `bill:${id}`, hint: 'Raise maximumBytesBilled of the source, or lower its months.' },
      );
    yield* client.run(statement, {
      meter,
      maximumBytesBilled: this.#left,
      ...(signal === undefined ? {} : { signal }),
      billed: (billed) => {
        this.#left = billed > this.#left ? 0n : this.#left - billed;
      },
    });
  }

  async #next([month, ...rest]: readonly Month[]): Promise<Delivery> {
    if (month === undefined) return this.#last();
    const { period } = month;
    const path = join(this.#context.workDir, `gcp-${period}.csv`);
    const known = this.#context.held?.inPlace?.[period];
    const isKnown = known?.fingerprint === this.#fingerprint(month);
    const still = isKnown ? await this.#tooLarge(known.bytes) : null;
    if (still !== null && known !== undefined) return this.#inPlace(month, known.bytes, still, rest);
    try {
      await this.#read(month, path);
    } catch (error) {
      await rm(path, { force: true });
      if (error instanceof TooLarge) return this.#inPlace(month, error.bytes, error.reason, rest);
      if (!(error instanceof BursarError)) throw error;
      this.#problems.push({ period, error });
      return await this.#next(rest);
    }
    return {
      ...this.#plain(),
      files: [{ path, shownAs: `${shown(this.#settings.table)}, invoice month ${period}`, format: 'csv' }],
      periods: [period],
      exact: true,
      fingerprints: { [period]: this.#fingerprint(month) },
      next: async (refused) => {
        await rm(path, { force: true });
        if (refused !== null) this.#problems.push({ period, error: refused });
        return await this.#next(rest);
      },
    };
  }

  /** A month that is too large to be read here is told instead of its rows. */
  #inPlace(month: Month, bytes: number, reason: string, rest: readonly Month[]): Delivery {
    const { period, rows } = month;
    const where = shown(this.#settings.table);
    const made = { period, files: null, rows, bytes, fingerprint: this.#fingerprint(month) };
    return {
      ...this.#plain(),
      inPlace: { ...made, reason, where },
      next: async (refused) => {
        if (refused !== null) this.#problems.push({ period, error: refused });
        return await this.#next(rest);
      },
    };
  }

  async #tooLarge(bytes: number): Promise<string | null> {
    const { mostBytes = null, free = freeBytes } = this.#settings;
    return tooLarge(bytes, await free(this.#context.workDir), mostBytes);
  }

  async #read(month: Month, path: string): Promise<void> {
    const { id, grain, location } = this.#settings;
    const { table, mapping } = this.#opened;
    const { progress, now } = this.#context;
    await readMonth(
      {
        table,
        mapping,
        grain,
        month,
        location: location ?? table.location,
        estimated: isOpen(month.period, now),
      },
      (statement) => this.run(statement, `to read ${month.period}`),
      path,
      (rows, of) => progress.step(`${id}: rows of ${month.period}`, rows, of),
      (bytes) => this.#tooLarge(bytes),
    );
  }

  #fingerprint(month: Month): string {
    const { grain } = this.#settings;
    const open = isOpen(month.period, this.#context.now) ? 'open' : 'closed';
    return fingerprint(month, [MAPPING, this.#opened.mapping.layout, grain, open]);
  }

  #plain(): Delivery {
    return {
      sourceId: this.#settings.id,
      sourceType: 'gcp-bigquery',
      // The standard export names no resources, yet it has labels and one row a project and SKU.
      grain: 'resource',
      files: [],
      periods: [],
      skipped: [],
      asOf: this.#asOf(),
      coverage: [],
    };
  }

  #asOf(): string | null {
    return this.#months.reduce<string | null>(
      (last, { exportedAt }) =>
        exportedAt !== null && (last === null || exportedAt > last) ? exportedAt : last,
      null,
    );
  }

  #last(): Delivery {
    const scope = `bill:${this.#settings.id}`;
    const asOf = this.#asOf() ?? this.#context.held?.asOf ?? null;
    const reasons = [
      ...this.#problems.map(({ period, error }) => `${period}: ${error.told.replaceAll('\n  ', ' ')}`),
      ...(this.#gone.length === 0
        ? []
        : [
            `${shown(this.#settings.table)} no longer holds ${this.#gone.toSorted().join(', ')}; their former rows stay in force`,
          ]),
      ...(this.#months.length === 0
        ? [
            `${shown(this.#settings.table)} holds no row of the invoice months asked for; a new export may take up to five days to fill`,
          ]
        : []),
    ];
    const none = this.#months.length > 0 && this.#problems.length === this.#months.length;
    const status: Coverage['status'] = reasons.length === 0 ? 'complete' : none ? 'failed' : 'partial';
    const first = this.#problems[0]?.error;
    return {
      ...this.#plain(),
      coverage: [
        { scope, status, reason: reasons.length === 0 ? null : reasons.join('; '), asOf },
        ...this.#aside,
      ],
      ...(status === 'failed' && first !== undefined ? { failed: first } : {}),
    };
  }
}
