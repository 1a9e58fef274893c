import { describe, expect, it } from 'vitest';
import { findingId } from '../../lib/ledger/finding.ts';
import { readAudit, readBody } from '../../lib/ledger/rows.ts';
import { T2 } from './fixtures.ts';
import { WHOLE_LIFE } from './lives.ts';
import { sample } from './samples.ts';

describe('stored rows', () => {
  it('reads a finding that version 1 wrote, with the id that it would get today', () => {
    const record = readBody(sample('finding-v1'), 'test');
    expect(record).toMatchObject({ version: 3, scopes: ['aws:111122223333:us-east-1'] });
    expect(record).toMatchObject({ life: null, wakeAt: null });
    const { check = '', provider = '', resourceId = '', id } = record?.finding ?? {};
    expect(findingId(check, provider, resourceId)).toBe(id);
  });

  it('reads an audit entry that version 1 wrote', () => {
    expect(readAudit(sample('audit-v1'), 'test')).toMatchObject({ from: 'DETECTED', to: 'RESOLVED' });
  });

  it('reads a finding with a whole life and an audit entry that version 2 wrote', () => {
    const record = readBody(sample('finding-v2'), 'test');
    expect(record).toMatchObject({ version: 7, wakeAt: T2, life: WHOLE_LIFE, finding: { state: 'WARNED' } });
    expect(readAudit(sample('audit-v2'), 'test')).toMatchObject({
      from: 'WARNED',
      to: 'STOPPING',
      details: { event: 'checked', after: { intent: { undoPlan: { start: 'i-1' } } } },
    });
  });

  it('does not take a state for known that version 1 could not write', () => {
    const row = sample('finding-v1');
    const body = { ...row.body, finding: sample('finding-v2').body['finding'] };
    expect(() => readBody({ ...row, body }, 'somewhere')).toThrow(/cannot be read/);
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
