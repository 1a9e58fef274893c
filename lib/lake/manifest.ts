import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import type { HeldSource, PeriodReport } from './model.ts';

/** The newest version of the manifest that this code knows. */
export const MANIFEST_VERSION = 2;
/** What has no period that is asked elsewhere is written so: who does not know such periods reads it, too. */
const WITHOUT_IN_PLACE = 1;

const total = z.object({
  provider: z.string(),
  currency: z.string(),
  billed: z.string(),
  effective: z.string(),
});
const extent = z.object({
  /** ProviderName, BillingAccountId and SubAccountId as the bill writes them; empty where null. */
  provider: z.string(),
  billingAccount: z.string(),
  subAccount: z.string(),
  /** Charge period range, ISO-8601 UTC, half-open. */
  start: z.string(),
  end: z.string(),
});
const column = z.object({ name: z.string(), type: z.string() });
const part = z.object({ key: z.string(), rows: z.number(), bytes: z.number() });
/** The rows lie where the biller wrote them: an engine elsewhere is asked, and there are no parts. From version 2 on. */
const inPlace = z.object({
  engine: z.enum(['athena', 'trino', 'bigquery']),
  /** As the config named it, and where it is, for a person. */
  table: z.string(),
  shownAs: z.string(),
  /** Bytes of the biller's files. */
  bytes: z.number(),
  fingerprint: z.string(),
  reason: z.string(),
  rounded: z.number().nullable(),
});
const snapshot = z.object({
  id: z.string(),
  ingestedAt: z.string(),
  rows: z.number(),
  bytes: z.number(),
  parts: z.array(part),
  columns: z.array(column),
  totals: z.array(total),
  extents: z.array(extent),
  inPlace: inPlace.optional(),
});
const manifest = z.object({
  schemaVersion: z.union([z.literal(WITHOUT_IN_PLACE), z.literal(MANIFEST_VERSION)]),
  /** Grows by one with every replacement. */
  generation: z.number(),
  sourceId: z.string(),
  sourceType: z.string(),
  grain: z.enum(['resource', 'account-service']),
  asOf: z.string().nullable(),
  ingestedAt: z.string(),
  periods: z.array(
    z.object({
      period: z.string(),
      current: snapshot.nullable(),
      former: snapshot.nullable(),
      /** What the source said `current` was made of; left out where it said nothing. */
      fingerprint: z.string().optional(),
    }),
  ),
});

export type Manifest = z.infer<typeof manifest>;
export type PeriodSnapshot = z.infer<typeof snapshot>;
export type Extent = z.infer<typeof extent>;
export type Column = z.infer<typeof column>;
export type StoredPart = z.infer<typeof part>;
export type SnapshotInPlace = z.infer<typeof inPlace>;

/** Reads a manifest; one of a newer version is an error that leaves it as it is. `where` names it to a person. */
export function parseManifest(body: Uint8Array, where: string): Manifest {
  const value = jsonOf(body, where);
  const version = z.object({ schemaVersion: z.number() }).safeParse(value).data?.schemaVersion;
  if (version !== undefined && version > MANIFEST_VERSION)
    throw new BursarError(
      'conflict',
      `written by a newer version of Bursar (schemaVersion ${version}, this one knows ${MANIFEST_VERSION})`,
      { where, hint: 'Update Bursar; the file was left as it is.' },
    );
  const parsed = manifest.safeParse(value);
  if (!parsed.success) throw damaged(where, z.prettifyError(parsed.error));
  return parsed.data;
}

export function manifestBody(value: Manifest): Uint8Array {
  const isElsewhere = value.periods.some(
    ({ current, former }) => current?.inPlace !== undefined || former?.inPlace !== undefined,
  );
  const written: Manifest = { ...value, schemaVersion: isElsewhere ? MANIFEST_VERSION : WITHOUT_IN_PLACE };
  return new TextEncoder().encode(`${JSON.stringify(written, null, 1)}\n`);
}

/** Parses JSON that the lake wrote itself; BursarError where it is damaged. */
export function jsonOf(body: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw damaged(where, error instanceof Error ? error.message : String(error));
  }
}

function damaged(where: string, why: string): BursarError {
  return new BursarError('unavailable', `not a manifest of the lake: ${why}`, {
    where,
    hint: 'The file is damaged: delete the folder of this source and read its bills again.',
  });
}

/** What replaces a period: its new snapshot, null where no row is left. */
export interface Replacement {
  readonly period: string;
  readonly snapshot: PeriodSnapshot | null;
  readonly fingerprint: string | undefined;
}

/** The manifest after periods were replaced; what each held becomes its `former`. */
export function replaced(
  before: Manifest | null,
  facts: Pick<Manifest, 'sourceId' | 'sourceType' | 'grain' | 'asOf' | 'ingestedAt'>,
  replacements: readonly Replacement[],
): Manifest {
  const periods = new Map(before?.periods.map((entry) => [entry.period, entry]));
  for (const { period, snapshot: current, fingerprint } of replacements)
    periods.set(period, {
      period,
      current,
      former: periods.get(period)?.current ?? null,
      ...(fingerprint === undefined ? {} : { fingerprint }),
    });
  return {
    schemaVersion: MANIFEST_VERSION,
    generation: (before?.generation ?? 0) + 1,
    ...facts,
    asOf: latest(before?.asOf ?? null, facts.asOf),
    periods: [...periods.values()].toSorted((a, b) => (a.period < b.period ? -1 : 1)),
  };
}

function latest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(a) > Date.parse(b) ? a : b;
}

/** Keys of all parts that a manifest names, those of former snapshots too. */
export function partKeys(value: Manifest): Set<string> {
  return new Set(
    value.periods.flatMap(({ current, former }) =>
      [...(current?.parts ?? []), ...(former?.parts ?? [])].map(({ key }) => key),
    ),
  );
}

export function periodReport({ period, current, former }: Manifest['periods'][number]): PeriodReport {
  return {
    period,
    rows: current?.rows ?? 0,
    bytes: current?.bytes ?? 0,
    totals: current?.totals ?? [],
    former: former?.totals ?? null,
    ...(current?.inPlace === undefined ? {} : { inPlace: current.inPlace }),
  };
}

export function heldSource(value: Manifest): Omit<HeldSource, 'leftOut'> {
  const { sourceId, sourceType, grain, asOf, ingestedAt } = value;
  const fingerprints: Record<string, string> = {};
  for (const { period, fingerprint } of value.periods)
    if (fingerprint !== undefined) fingerprints[period] = fingerprint;
  const periods = value.periods.map(periodReport);
  return { sourceId, sourceType, grain, asOf, ingestedAt, periods, fingerprints };
}
