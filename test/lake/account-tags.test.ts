import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountTagKeys, withAccountTags } from '../../lib/lake/account-tags.ts';
import { type DimensionRule, ruleValue } from '../../lib/lake/dimensions.ts';

const text = fc.string({ minLength: 1, maxLength: 8 });
const tags = fc.dictionary(text, fc.string({ maxLength: 8 }), { maxKeys: 4 });

test('a rule of account tags gives what the tag of that account holds, trimmed, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, tags)), text, text, tags, (listed, accountTag, asked, own) => {
      const accounts = new Map(listed);
      const rules: DimensionRule[] = [{ accountTag }];
      const [rule] = withAccountTags({ team: rules }, accounts)['team'] ?? [];
      if (rule === undefined) throw new Error('no rule');
      const of = accounts.get(asked);
      const held = of !== undefined && Object.hasOwn(of, accountTag) ? (of[accountTag] ?? '').trim() : '';
      expect(ruleValue(rule, asked, own)).toBe(held === '' ? null : held);
    }),
  );
});

test('other rules stay, and keys are named once', () => {
  const team: DimensionRule[] = [{ tag: 'team' }, { accountTag: 'Team' }];
  const unit: DimensionRule[] = [{ accountTag: 'Team' }, { column: 'x_team' }];
  expect(accountTagKeys({ team, unit })).toEqual(['Team']);
  expect(withAccountTags({ team, unit }, new Map([['1', { Team: 'a' }]]))).toEqual({
    team: [{ tag: 'team' }, { account: { '1': 'a' } }],
    unit: [{ account: { '1': 'a' } }, { column: 'x_team' }],
  });
});
