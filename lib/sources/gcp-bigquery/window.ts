/** Invoice months of Google Cloud begin and end at midnight in Los Angeles. */
const PACIFIC = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/Los_Angeles',
  year: 'numeric',
  month: '2-digit',
});

/** The invoice month in which a time lies, `YYYY-MM`. */
export function invoiceMonthOf(time: Date): string {
  const parts = new Map(PACIFIC.formatToParts(time).map(({ type, value }) => [type, value]));
  return `${parts.get('year') ?? ''}-${parts.get('month') ?? ''}`;
}

/** The first month to read, `YYYYMM`: so many before the current one. */
export function firstMonth(now: Date, months: number): string {
  const [year = 0, month = 0] = invoiceMonthOf(now).split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 - months, 1));
  return first.toISOString().slice(0, 7).replace('-', '');
}

/** Is the invoice of a month (`YYYY-MM`) still being made? Its amounts are provisional then. */
export function isOpen(period: string, now: Date): boolean {
  return period >= invoiceMonthOf(now);
}
