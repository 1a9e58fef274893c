import type { Evidence } from '../checks/model.ts';
import { counted } from './counted.ts';

/** Units that only name what sort of thing a value is, which the name of the evidence says already. */
const SORTS: ReadonlySet<string> = new Set([
  'access method',
  'change',
  'count',
  'kind',
  'status',
  'table',
  'tag',
  'tag key',
  'team',
  'text',
  'time',
]);
const DEVICES = /^\d+ x /;

/** `13 % of the limit of the card`, `4 x NVIDIA A10G`, `available`: what was found, as a person reads it. */
export function evidenceValue({ value, unit }: Pick<Evidence, 'value' | 'unit'>): string {
  if (unit === '' || SORTS.has(unit)) return value;
  // What is counted by kind is counted once.
  return DEVICES.test(unit) ? unit : `${value} ${unit}`;
}

/** `30 days` of the duration `P30D`; null of what is none in whole days. */
export function windowDays(window: string): string | null {
  const [, days] = /^P(\d+)D$/.exec(window) ?? [];
  return days === undefined ? null : counted(Number(days), 'day');
}
