import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../lib/checks/model.ts';
import { Decimal, decimal, decimalText } from '../../lib/focus/decimal.ts';
import { savingLines, UNTOLD } from '../../lib/ledger/saving-lines.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });

function line(name: string, value: string, unit = 'USD'): Evidence {
  return { name, value, unit, window: '', source: 'bill EffectiveCost' };
}

describe('the arithmetic of a saving', () => {
  it('takes off what is paid all the same', () => {
    const lines = savingLines({
      monthlyCost: usd('100.5'),
      monthlySaving: usd('58.4'),
      evidence: [
        line('devices', '4', ''),
        line('EffectiveCost of the resource', '100.5'),
        line('covered by commitments', '40.1'),
        line('goes on billing, vol-1', '2'),
        line('spend in another currency', '7', 'EUR'),
      ],
    });
    expect(lines.map(({ what, amount }) => [what, amount])).toEqual([
      ['cost of the month', '100.5'],
      ['covered by commitments', '-40.1'],
      ['goes on billing, vol-1', '-2'],
      ['saved when it stops', '58.4'],
    ]);
    expect(lines[0]?.source).toBe('bill EffectiveCost');
  });

  it('says nothing where no saving is told', () => {
    expect(savingLines({ monthlyCost: usd('1'), monthlySaving: null, evidence: [] })).toEqual([]);
    expect(savingLines({ monthlyCost: null, monthlySaving: null, evidence: [] })).toEqual([]);
  });

  it('names what no evidence accounts for', () => {
    const lines = savingLines({ monthlyCost: usd('10'), monthlySaving: usd('4'), evidence: [] });
    expect(lines.map(({ what, amount }) => [what, amount])).toContainEqual([UNTOLD, '-6']);
  });

  it('adds up to its last line, whatever is deducted, and stays between zero and the cost', () => {
    const amount = fc
      .integer({ min: -10_000, max: 10_000_000 })
      .map((cents) => decimalText(new Decimal(cents).dividedBy(100)));
    fc.assert(
      fc.property(amount, fc.array(amount, { maxLength: 4 }), (cost, deducted) => {
        const left = deducted.reduce((sum, value) => sum.minus(value), decimal(cost));
        const saving = decimalText(Decimal.max(Decimal.min(left, cost), 0));
        const lines = savingLines({
          monthlyCost: usd(cost),
          monthlySaving: usd(saving),
          evidence: deducted.map((value) => line('covered by commitments', value)),
        });
        const sum = lines.slice(0, -1).reduce((total, each) => total.plus(each.amount), new Decimal(0));
        expect(decimalText(sum)).toBe(saving);
        expect(lines.some(({ what }) => what === UNTOLD)).toBe(false);
      }),
    );
  });
});
