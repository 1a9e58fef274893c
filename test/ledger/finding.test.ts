import { createHash } from 'node:crypto';
import Ajv2020 from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingId, severityOf, toFinding } from '../../lib/ledger/finding.ts';
import { findingJsonSchema, findingSchema } from '../../lib/ledger/schema.ts';
import { judgement, T1, T2 } from './fixtures.ts';

const LIFE = { state: 'DETECTED', reason: 'why', dueAt: null, firstSeen: T1, lastSeen: T2 } as const;

/** Base32 by RFC 4648, written another way: the whole digest as one number. */
function slowId(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  // 256 bits and 4 zero bits of padding make 52 digits of 5 bits.
  let number = BigInt(`0x${digest}`) << 4n;
  let out = '';
  for (let digit = 0; digit < 52; digit += 1) {
    out = `${'abcdefghijklmnopqrstuvwxyz234567'.charAt(Number(number % 32n))}${out}`;
    number /= 32n;
  }
  return `f-${out.slice(0, 26)}`;
}

describe('findingId', () => {
  it('agrees with another way of counting, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (id) => {
        expect(findingId('untagged', 'gcp', id)).toBe(slowId(`untagged\ngcp\n${id}`));
      }),
    );
  });

  // The expected text was made with sha256sum and base32 of coreutils.
  it('stays what it was: an id that changes would make every finding new', () => {
    expect(findingId('idle-gpu', 'aws', 'arn:aws:ec2:us-east-1:111122223333:instance/i-0abc')).toBe(
      'f-mmz45w7njarrtns2kwvcd6dwbx',
    );
  });
});

function usd(amount: string) {
  return { amount, currency: 'USD' };
}

describe('severityOf', () => {
  it.each([
    ['0', 'low'],
    ['-5000', 'low'],
    ['99.999999999999999999', 'low'],
    ['100', 'medium'],
    ['999.999999999999999999', 'medium'],
    ['1000', 'high'],
    ['10000', 'critical'],
    ['99999999999999999999.999999999999999999', 'critical'],
  ])('a saving of %s is %s', (amount, severity) => {
    expect(severityOf({ monthlySaving: usd(amount), monthlyCost: usd('50000') })).toBe(severity);
  });

  it('takes the cost where no saving is known, and is low where neither is', () => {
    expect(severityOf({ monthlySaving: null, monthlyCost: usd('1000') })).toBe('high');
    expect(severityOf({ monthlySaving: null, monthlyCost: null })).toBe('low');
  });

  it('uses the thresholds of the currency, else those for all', () => {
    const thresholds = {
      '*': { medium: '1', high: '2', critical: '3' },
      JPY: { medium: '15000', high: '150000', critical: '1500000' },
    };
    const yen = { monthlySaving: { amount: '20000', currency: 'JPY' }, monthlyCost: null };
    expect(severityOf(yen, thresholds)).toBe('medium');
    expect(severityOf({ monthlySaving: usd('2'), monthlyCost: null }, thresholds)).toBe('high');
    const odd = { monthlySaving: { amount: '2', currency: 'constructor' }, monthlyCost: null };
    expect(severityOf(odd, thresholds)).toBe('high');
  });
});

describe('toFinding', () => {
  it('has exactly the keys of the contract, and fits its own schema', () => {
    const finding = toFinding(judgement(), LIFE);
    expect(Object.keys(finding)).toEqual(Object.keys(findingSchema.shape));
    expect(findingSchema.parse(finding)).toEqual(finding);
  });

  it('fits the JSON Schema that is printed, which wants every key', () => {
    const validate = new Ajv2020.default({ strict: true }).compile(findingJsonSchema());
    const finding = toFinding(judgement({ owner: null, monthlyCost: null }), LIFE);
    expect(validate(finding)).toBe(true);
    for (const key of Object.keys(finding))
      expect(validate(Object.fromEntries(Object.entries(finding).filter(([name]) => name !== key)))).toBe(
        false,
      );
    expect(validate({ ...finding, extra: 1 })).toBe(false);
    expect(validate({ ...finding, monthlySaving: { amount: 12.5, currency: 'USD' } })).toBe(false);
    expect(validate({ ...finding, monthlySaving: { amount: '1e-7', currency: 'USD' } })).toBe(false);
  });
});

describe('a currency without thresholds of its own', () => {
  it('has those of every currency, also where the config names only others', () => {
    const saving = { monthlySaving: { amount: '10000', currency: 'USD' }, monthlyCost: null };
    const euros = { EUR: { medium: '1', high: '2', critical: '3' } };
    expect(severityOf(saving, euros)).toBe('critical');
    expect(severityOf(saving, { ...euros, '*': { medium: '1', high: '20000', critical: '30000' } })).toBe(
      'medium',
    );
  });
});
