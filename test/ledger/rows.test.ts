import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findingId } from '../../lib/ledger/finding.ts';
import { readAudit, readBody } from '../../lib/ledger/rows.ts';

const rowSchema = z.object({
  id: z.string(),
  schemaVersion: z.number(),
  version: z.number().default(0),
  body: z.record(z.string(), z.unknown()),
});

/** A row as a released version wrote it. */
function sample(name: string) {
  return rowSchema.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, 'samples', `${name}.json`), 'utf8')),
  );
}

describe('stored rows', () => {
  it('reads a finding that version 1 wrote, with the id that it would get today', () => {
    const record = readBody(sample('finding-v1'), 'test');
    expect(record).toMatchObject({ version: 3, scopes: ['aws:111122223333:us-east-1'] });
    const { check = '', provider = '', resourceId = '', id } = record?.finding ?? {};
    expect(findingId(check, provider, resourceId)).toBe(id);
  });

  it('reads an audit entry that version 1 wrote', () => {
    expect(readAudit(sample('audit-v1'), 'test')).toMatchObject({ from: 'DETECTED', to: 'RESOLVED' });
  });

  it('does not read what a newer version wrote, whatever it holds', () => {
    expect(readBody({ id: 'x', schemaVersion: 3, version: 1, body: 'anything' }, 'test')).toBeNull();
    expect(readAudit({ id: 'x', schemaVersion: 3, body: null }, 'test')).toBeNull();
  });

  it('names a row that is neither', () => {
    const row = sample('finding-v1');
    const bodies = [null, {}, { ...row.body, more: 1 }, { ...row.body, finding: { state: 'GONE' } }];
    for (const body of bodies)
      expect(() => readBody({ ...row, body }, 'somewhere')).toThrow(
        expect.objectContaining({
          code: 'internal',
          where: 'somewhere',
          message: expect.stringContaining(row.id),
        }),
      );
    expect(() => readBody({ ...row, id: 'f-other' }, 'somewhere')).toThrow(/f-other/);
    expect(() => readAudit({ ...row, body: {} }, 'somewhere')).toThrow(/audit entry/);
  });
});
