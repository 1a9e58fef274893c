import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lifeSchema } from '../../lib/ledger/life-schema.ts';
import { readAudit } from '../../lib/ledger/rows.ts';
import { findingJsonSchema } from '../../lib/ledger/schema.ts';
import { WHOLE_LIFE } from './lives.ts';
import { sample } from './samples.ts';

describe('what is stored', () => {
  it('has the schema of a finding that others build upon', () => {
    const kept = readFileSync(join(import.meta.dirname, 'samples', 'finding.schema.json'), 'utf8');
    expect(findingJsonSchema()).toEqual(JSON.parse(kept));
  });

  it.each([
    { recipient: { kind: 'channel', id: '#x', person: null, source: 'fallback' } },
    { intent: { ...WHOLE_LIFE.intent, kind: 'undo' } },
    { intent: { ...WHOLE_LIFE.intent, kind: 'stop' } },
    ...['off', 'flag', 'warn', 'stop'].map((mode) => ({ policy: { mode, rule: 'r', grace: null } })),
    ...['snooze', 'exemption'].map((kind) => ({ hold: { ...WHOLE_LIFE.hold, kind } })),
    ...['exemption', 'stop'].map((kind) => ({ request: { ...WHOLE_LIFE.request, kind } })),
  ])('is read back as it was: %j', (more) => {
    const life = { ...WHOLE_LIFE, ...more };
    expect(lifeSchema.parse(life)).toEqual(life);
  });

  it.each([
    ['DETECTED', 'DETECTED'],
    ['RESOLVED', 'DETECTED'],
    ['DETECTED', 'RESOLVED'],
    [null, 'DETECTED'],
  ])('went from %s to %s in version 1', (from, to) => {
    const row = sample('audit-v1');
    expect(readAudit({ ...row, body: { ...row.body, from, to } }, 'test')).toMatchObject({ from, to });
  });
});
