import { TRANSFER_RULES } from '../../focus/transfer.ts';
import type { Dialect } from '../dialect/model.ts';
import type { ColumnFinder } from './conditions.ts';
import { firstThatHolds } from './first-rule.ts';
import type { Derived } from './kinds.ts';

/** The column of `costs` that tells where data went: a class of lib/focus/transfer.ts. What a bill stores stands. */
export function transferColumn(d: Dialect, find: ColumnFinder, billers?: readonly string[]): Derived {
  const held = find('x_TransferClass');
  const values = [
    held === null ? null : d.name(held),
    firstThatHolds(d, find, TRANSFER_RULES, (rule) => d.text(rule.class), billers),
    d.text('no transfer'),
  ].filter((value) => value !== null);
  return { name: 'x_TransferClass', sql: `COALESCE(${values.join(', ')})` };
}
