import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { currency } from '../../config/values.ts';
import { ratesOf } from '../../focus/rates.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Conversion } from '../converted.ts';

/**
 * How amounts become those of the currency that was asked for; null where none was. The table's path is relative to
 * `cwd`, as all paths of the config are.
 * @throws BursarError where the currency is none, the config names no rates, or they cannot be read
 */
export async function conversionOf(
  asked: string | undefined,
  { conversion }: Config,
  cwd: string,
): Promise<Conversion | null> {
  if (asked === undefined) return null;
  const into = asked.toUpperCase();
  if (!currency.safeParse(into).success)
    throw new BursarError('input', `--in ${JSON.stringify(asked)} is no currency`, {
      hint: 'Write its ISO 4217 code: --in EUR.',
    });
  if (conversion === undefined)
    throw new BursarError('input', '--in needs exchange rates, and the config names none', {
      hint: 'Add conversion: { rates: ./rates.csv } to it; the file has the columns date, from, to, rate.',
    });
  return await ratesInto(conversion, cwd)(into);
}

/** Reads the rates of the config into a currency, each time that they are asked for. */
export function ratesInto(
  { rates, mostDays }: NonNullable<Config['conversion']>,
  cwd: string,
): (into: string) => Promise<Conversion> {
  return async (into) => ({ into, rates: ratesOf(await read(resolve(cwd, rates), rates), rates), mostDays });
}

async function read(path: string, shownAs: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    const why = cause instanceof TypeError ? 'it is no UTF-8 text' : String(cause);
    throw new BursarError('input', `the exchange rates cannot be read: ${why}`, {
      where: shownAs,
      hint: 'Correct conversion.rates in the config.',
      cause,
    });
  }
}
