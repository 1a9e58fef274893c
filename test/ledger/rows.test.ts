import { describe, expect, it } from 'vitest';
import { findingId } from '../../lib/ledger/finding.ts';
import {
  assertNextVersion,
  assertTime,
  inOrder,
  newerDoc,
  readAudit,
  readBody,
} from '../../lib/ledger/rows.ts';
import { judgement, recordOf, T1, T2 } from './fixtures.ts';
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

  it('keeps that a policy names its check, and of what a "Stop now" was said', () => {
    const { policy, stopNow } = WHOLE_LIFE;
    const life = {
      ...WHOLE_LIFE,
      policy: { ...policy, named: true as const },
      stopNow: stopNow === null ? null : { ...stopNow, unproven: true as const },
    };
    const row = sample('finding-v2');
    const record = readBody({ ...row, body: { ...row.body, life } }, 'test');
    expect(record?.life).toEqual(life);
    expect(record?.life?.policy.named).toBe(true);
    expect(record?.life?.stopNow?.unproven).toBe(true);
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

  it('of version 1 were DETECTED or RESOLVED', () => {
    const row = sample('finding-v1');
    const { finding } = row.body;
    for (const state of ['DETECTED', 'RESOLVED']) {
      const body = { ...row.body, finding: { ...Object(finding), state } };
      expect(readBody({ ...row, body }, 'test')?.finding.state).toBe(state);
    }
  });

  it('tell what to do where they cannot be read, replaced or written', () => {
    const row = sample('finding-v1');
    expect(() => readBody({ ...row, body: null }, 'somewhere')).toThrow(
      expect.objectContaining({
        message: `the stored row ${row.id} cannot be read`,
        hint: 'It was changed by hand or damaged: restore it from a backup, or remove it to have it found anew.',
      }),
    );
    expect(newerDoc('caps/1', 3, 'a table')).toMatchObject({
      code: 'conflict',
      message: "document caps/1 has schemaVersion 3, newer than this version's 2",
      where: 'a table',
      hint: 'Update bursar; the document is left as it is.',
    });
    const record = recordOf(judgement(), 3);
    expect(() => assertNextVersion(record, 1)).toThrow(
      new RangeError(`${record.finding.id}: version 3 does not follow 1`),
    );
    expect(assertNextVersion(record, 2)).toBeUndefined();
    for (const wrong of ['', '2026-03-01', '2026-03-01T06:00:00Z', '2026-02-30T06:00:00.000Z'])
      expect(() => assertTime(wrong)).toThrow(
        new RangeError(`not a time in the form of ISO 8601 with milliseconds and Z: ${wrong}`),
      );
    expect(assertTime(T1)).toBe(T1);
  });

  it('of a resource come oldest first, those of one time in the order of their findings', () => {
    const entry = readAudit(sample('audit-v2'), 'test');
    if (entry === null) throw new Error('version 2 is known');
    const of = (id: string, at: string, resourceId = 'r') => ({ ...entry, findingId: id, at, resourceId });
    const trails = [
      [of('f-1', T1), of('f-1', T2), of('f-1', T2, '')],
      [of('f-2', T1), of('f-2', T1, 'elsewhere')],
    ];
    expect(inOrder(trails, 'r')).toEqual([
      of('f-1', T1),
      of('f-2', T1),
      of('f-2', T1, 'elsewhere'),
      of('f-1', T2),
      of('f-1', T2),
    ]);
  });
});
