import * as z from 'zod';
import { BursarError } from '../platform/errors.ts';
import { lifeSchema } from './life-schema.ts';
import type { AuditRecord, FindingRecord } from './model.ts';
import { findingSchema, stateSchema, time } from './schema.ts';

/** The schemaVersion of what this code writes, and the newest that it reads. */
export const ROW_VERSION = 2;

const observed = z.strictObject({ at: z.string(), runId: z.string() });

/** What version 1 kept of a finding: it knew DETECTED and RESOLVED, and no life. */
const bodyV1 = z
  .strictObject({ finding: findingSchema, scopes: z.array(z.string()), observed })
  .refine(({ finding }) => finding.state === 'DETECTED' || finding.state === 'RESOLVED')
  .transform((body) => ({ ...body, life: null, wakeAt: null }));

/** What both stores keep of a finding beside its id and version. */
const bodyV2 = z.strictObject({
  finding: findingSchema,
  scopes: z.array(z.string()),
  observed,
  life: lifeSchema.nullable(),
  wakeAt: time.nullable(),
});

const auditV1 = z
  .strictObject({
    schemaVersion: z.literal(1),
    findingId: z.string(),
    at: z.string(),
    actor: z.string(),
    from: z.enum(['DETECTED', 'RESOLVED']).nullable(),
    to: z.enum(['DETECTED', 'RESOLVED']),
    reason: z.string(),
    runId: z.string(),
  })
  // Version 1 named the finding alone; the resource is known from the finding.
  .transform((entry) => ({ ...entry, resourceId: '', details: null }));

const auditV2 = z.strictObject({
  schemaVersion: z.literal(1),
  findingId: z.string(),
  at: z.string(),
  actor: z.string(),
  from: stateSchema.nullable(),
  to: stateSchema,
  reason: z.string(),
  runId: z.string(),
  resourceId: z.string(),
  details: z.json(),
}) satisfies z.ZodType<AuditRecord>;

/** The stored part of a record: what `readBody` takes back. */
export function bodyOf({ finding, scopes, observed: seen, life, wakeAt }: FindingRecord) {
  return { finding, scopes, observed: seen, life, wakeAt };
}

/**
 * Reads a stored finding of any released version up to this one; null where a newer version wrote it. A row
 * that is none of these is an error that names it: it is never taken for "no finding".
 */
export function readBody(
  row: { id: string; schemaVersion: number; version: number; body: unknown },
  store: string,
): FindingRecord | null {
  if (row.schemaVersion > ROW_VERSION) return null;
  const parsed = (row.schemaVersion === 1 ? bodyV1 : bodyV2).safeParse(row.body);
  if (!parsed.success || parsed.data.finding.id !== row.id) throw unreadable(row.id, store, parsed.error);
  return { ...parsed.data, version: row.version };
}

/** Reads a stored audit entry; null where a newer version wrote it. */
export function readAudit(
  row: { id: string; schemaVersion: number; body: unknown },
  store: string,
): AuditRecord | null {
  if (row.schemaVersion > ROW_VERSION) return null;
  const parsed = (row.schemaVersion === 1 ? auditV1 : auditV2).safeParse(row.body);
  if (!parsed.success) throw unreadable(`audit entry of ${row.id}`, store, parsed.error);
  return parsed.data;
}

/** The trail of a whole resource: oldest first, and the entries of one finding in their own order. */
export function inOrder(trails: readonly (readonly AuditRecord[])[], resourceId: string): AuditRecord[] {
  return trails
    .flat()
    .map((entry) => (entry.resourceId === '' ? { ...entry, resourceId } : entry))
    .toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1));
}

/** A document that a newer version wrote cannot be replaced without losing what it says. */
export function newerDoc(key: string, schemaVersion: number, store: string): BursarError {
  return new BursarError(
    'conflict',
    `document ${key} has schemaVersion ${schemaVersion}, newer than this version's ${ROW_VERSION}`,
    { where: store, hint: 'Update bursar; the document is left as it is.' },
  );
}

/** A write whose version does not follow from what it expects is a defect of the caller. */
export function assertNextVersion(record: FindingRecord, expected: number): void {
  if (record.version !== expected + 1)
    throw new RangeError(`${record.finding.id}: version ${record.version} does not follow ${expected}`);
}

/** Times are compared as text, so they are kept in one form: `2026-03-01T06:00:00.000Z`. */
export function assertTime(value: string): string {
  const at = new Date(value);
  if (Number.isNaN(at.getTime()) || at.toISOString() !== value)
    throw new RangeError(`not a time in the form of ISO 8601 with milliseconds and Z: ${value}`);
  return value;
}

function unreadable(what: string, store: string, cause: unknown): BursarError {
  return new BursarError('internal', `the stored row ${what} cannot be read`, {
    where: store,
    hint: 'It was changed by hand or damaged: restore it from a backup, or remove it to have it found anew.',
    cause,
  });
}
