import { Decimal } from '../focus/decimal.ts';
import { assembleCost } from '../run/assemble/cost.ts';
import type { CostItem, OwnBill } from '../run/cost-model.ts';
import { type CommonOptions, print } from './io.ts';
import { table } from './table.ts';

export interface CostOptions extends CommonOptions {
  readonly accounts: number;
  readonly resources: number;
  readonly rows: number;
  readonly price?: string[];
}

/** `bursar cost`: what Bursar itself costs a month, deployed with this config. */
export async function costCommand(options: CostOptions): Promise<void> {
  const { accounts, resources, rows } = options;
  const bill = await assembleCost(options.config ?? null, { accounts, resources, rows }, options.price ?? []);
  await print(
    options.format === 'json' ? JSON.stringify(bill, null, 2) : costText(bill, options.format),
    options,
  );
}

/** The bill as a table for a terminal, or in Markdown. */
export function costText(bill: OwnBill, format: string): string {
  const names = ['service', 'item', 'quantity', 'unit', 'price', 'USD', 'after free'];
  const rows = bill.items.map(rowOf);
  const { accounts, resources, rows: charges } = bill.size;
  return [
    `Bursar itself, a month of 30 days, for ${things(accounts, 'account')}, ${things(resources, 'resource')} and ${things(charges, 'row')} of bills:`,
    ...bill.notes,
    '',
    format === 'markdown' ? markdown(names, rows) : table(names, rows, 'table'),
    '',
    `At list price ${cents(bill.list)} USD; ${cents(bill.afterFree)} USD after what AWS gives every account each month for nothing.`,
    `Prices of US East (N. Virginia), ${bill.pricesAsOf}; measured ${bill.measuredAsOf}. Sources: --format json.`,
    '',
    'Assumed, not measured:',
    ...Object.entries(bill.assumed).map(([name, value]) => `- ${name}: ${value}`),
    '',
    'Not in it:',
    ...bill.left.map((each) => `- ${each}`),
  ].join('\n');
}

function rowOf({ service, item, quantity, unit, price, per, list, afterFree }: CostItem) {
  return {
    service,
    item,
    quantity: new Decimal(quantity).toDecimalPlaces(2).toFixed(),
    unit,
    price: per === '1' ? price : `${price} a ${Number(per).toLocaleString('en-US')}`,
    USD: cents(list),
    'after free': cents(afterFree),
  };
}

/** To the cent; what is less and not nothing is told as such. */
function cents(usd: string): string {
  const amount = new Decimal(usd);
  return !amount.isZero() && amount.lt('0.005') ? '<0.01' : amount.toFixed(2);
}

function markdown(names: readonly string[], rows: readonly Readonly<Record<string, string>>[]): string {
  return [
    line(names),
    line(names.map(() => '---')),
    ...rows.map((row) => line(names.map((name) => row[name] ?? ''))),
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function things(number: number, one: string): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : `${one}s`}`;
}
