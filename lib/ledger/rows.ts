import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import type { AuditRecord, FindingRecord } from './model.ts';
import { findingSchema } from './schema.ts';

/** The schemaVersion of what this code writes, and the newest that it reads. */
export const ROW_VERSION = 1;

/** What both stores keep of a finding beside its id and version. */
const bodySchema = z.strictObject({
  finding: findingSchema,
  scopes: z.array(z.string()),
  observed: z.strictObject({ at: z.string(), runId: z.string() }),
});

const auditSchema = z.strictObject({
  schemaVersion: z.literal(1),
  findingId: z.string(),
  at: z.string(),
  actor: z.string(),
  from: z.enum(['DETECTED', 'RESOLVED']).nullable(),
  to: z.enum(['DETECTED', 'RESOLVED']),
  reason: z.string(),
  runId: z.string(),
}) satisfies z.ZodType<AuditRecord>;

/** The stored part of a record: what `readBody` takes back. */
export function bodyOf({ finding, scopes, observed }: FindingRecord) {
  return { finding, scopes, observed };
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
  const parsed = bodySchema.safeParse(row.body);
  if (!parsed.success || parsed.data.finding.id !== row.id) throw unreadable(row.id, store, parsed.error);
  return { ...parsed.data, version: row.version };
}

/** Reads a stored audit entry; null where a newer version wrote it. */
export function readAudit(
  row: { id: string; schemaVersion: number; body: unknown },
  store: string,
): AuditRecord | null {
  if (row.schemaVersion > ROW_VERSION) return null;
  const parsed = auditSchema.safeParse(row.body);
  if (!parsed.success) throw unreadable(`audit entry of ${row.id}`, store, parsed.error);
  return parsed.data;
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

function unreadable(what: string, store: string, cause: unknown): BursarError {
  return new BursarError('internal', `the stored row ${what} cannot be read`, {
    where: store,
    hint: 'It was changed by hand or damaged: restore it from a backup, or remove it to have it found anew.',
    cause,
  });
}
