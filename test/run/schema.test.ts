import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { AuditResult } from '../../lib/run/model.ts';
import { auditJsonSchema, auditSchema } from '../../lib/run/schema.ts';
import { complete, EAST, judgement, recordOf, T1, T2 } from '../ledger/fixtures.ts';

const RESULT: AuditResult = {
  schemaVersion: 1,
  runId: 'run-1',
  now: T2,
  coverage: [...complete(EAST), { scope: 'bill:x', status: 'failed', reason: 'denied', asOf: null }],
  spend: [
    { currency: 'USD', billed: '10', effective: '-9.500000000000000001', start: T1, end: T2, asOf: null },
  ],
  findings: [recordOf(judgement()).finding],
  ownCost: { amount: '0.01', currency: 'USD', calls: [{ api: 'ce:GetCostAndUsage', count: 1 }] },
};

describe('the audit schema', () => {
  const validate = new Ajv2020.default({ strict: true }).compile(auditJsonSchema());

  it('takes an audit, and gives it back as it was', () => {
    expect(auditSchema.parse(RESULT)).toEqual(RESULT);
    expect(validate(RESULT)).toBe(true);
  });

  it.each(Object.keys(RESULT))('wants %s', (key) => {
    expect(validate(Object.fromEntries(Object.entries(RESULT).filter(([name]) => name !== key)))).toBe(false);
  });

  it('refuses a key that the contract does not know, and money as a number', () => {
    expect(validate({ ...RESULT, extra: 1 })).toBe(false);
    expect(validate({ ...RESULT, ownCost: { ...RESULT.ownCost, amount: 0.01 } })).toBe(false);
    expect(
      validate({ ...RESULT, coverage: [{ scope: 'x', status: 'fine', reason: null, asOf: null }] }),
    ).toBe(false);
  });
});
