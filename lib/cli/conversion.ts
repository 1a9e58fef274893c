import type { Apart, Basis } from '../run/converted.ts';

/** What converted figures rest on, as the rest of a sentence. */
export function basisLine({ rates, mostDays, used }: Basis): string {
  const dates = used.map(
    ({ currency, first, last }) => `${currency} ${first === last ? first : `${first} to ${last}`}`,
  );
  return `at the rates of ${rates} (${dates.join('; ') || 'none was needed'}): each charge by the last rate on or before its UTC day, at most ${mostDays} days older.`;
}

/** What is in no converted figure, and why. */
export function apartLine({ billed, effective, currency, days, firstDay, lastDay, why }: Apart): string {
  const on = days === 1 ? firstDay : `${days} days from ${firstDay} to ${lastDay}`;
  return `NOT CONVERTED and in no sum above: ${billed} ${currency}, effective ${effective} ${currency}, of ${on}: ${why}.`;
}
