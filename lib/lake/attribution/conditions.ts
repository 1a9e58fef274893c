import { type Condition, FIELDS, type Field, MACHINE_KEY } from '../../focus/ai/model.ts';
import { type BillProvider, namesOf } from '../../focus/provider.ts';
import type { Dialect } from '../dialect/model.ts';

/** Is there a column of this name, and how is it spelt? Null: none. */
export type ColumnFinder = (name: string) => string | null;

/** A pattern of a rule as the engines read it: found anywhere, whatever its case. */
export const anyCase = (pattern: string) => `(?i:${pattern})`;

/** The condition as SQL; NULL or false where it does not hold. What is asked before it stands in `asked`. */
export function conditionSql(
  d: Dialect,
  find: ColumnFinder,
  when: Condition,
  dates: { readonly since?: string | undefined; readonly until?: string | undefined },
  asked: readonly ('provider' | 'service')[],
): string {
  const parts: string[] = [];
  if (when.provider !== undefined && !asked.includes('provider')) parts.push(providerSql(d, when.provider));
  const start = d.name('ChargePeriodStart');
  if (dates.since !== undefined) parts.push(`${start} >= ${midnight(d, dates.since)}`);
  if (dates.until !== undefined) parts.push(`${start} < ${midnight(d, dates.until)}`);
  for (const [field, columns] of Object.entries(FIELDS)) {
    const pattern = isField(field) ? when[field] : undefined;
    if (pattern === undefined || (field === 'service' && asked.includes('service'))) continue;
    parts.push(anyMatches(d, find, columns, pattern));
  }
  if (when.machine !== undefined) {
    const details = find('SkuPriceDetails');
    parts.push(
      details === null ? 'false' : d.matches(d.jsonText(d.name(details), MACHINE_KEY), anyCase(when.machine)),
    );
  }
  for (const [key, pattern] of Object.entries(when.tags ?? {})) {
    const tags = find('Tags');
    parts.push(tags === null ? 'false' : d.matches(d.jsonText(d.name(tags), key), anyCase(pattern)));
  }
  return parts.length === 0 ? 'true' : parts.join(' AND ');
}

/** Does a text of the row that names its service match? */
export function serviceSql(d: Dialect, find: ColumnFinder, pattern: string): string {
  return anyMatches(d, find, FIELDS.service, pattern);
}

function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name);
}

function anyMatches(d: Dialect, find: ColumnFinder, columns: readonly string[], pattern: string): string {
  const held = columns.map(find).filter((name) => name !== null);
  if (held.length === 0) return 'false';
  return `(${held.map((name) => d.matches(d.name(name), anyCase(pattern))).join(' OR ')})`;
}

/** Is the row of this biller? */
export function providerSql(d: Dialect, provider: Exclude<BillProvider, 'other'>): string {
  const names = namesOf(provider).map((name) => d.text(name));
  return `LOWER(${d.trim(d.name('ProviderName'))}) IN (${names.join(', ')})`;
}

function midnight(d: Dialect, day: string): string {
  return d.timestamp(d.text(`${day}T00:00:00.000Z`));
}
