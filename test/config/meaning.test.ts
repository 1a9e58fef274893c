import { expect, test } from 'vitest';
import { SPEND_AXES } from '../../lib/config/meaning.ts';
import { AXIS_NAMES } from '../../lib/lake/queries/spend-by.ts';

test('the names that no dimension may have are the axes that every bill has', () => {
  expect(SPEND_AXES.toSorted()).toEqual(AXIS_NAMES.toSorted());
});
