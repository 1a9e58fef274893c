import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Config } from '../../config/schema.ts';
import { currency } from '../../config/values.ts';
import { ratesOf } from '../../focus/rates.ts';
import { awsCall } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { s3Address } from '../../sources/focus-file/fetch-s3.ts';
import type { Conversion } from '../converted.ts';
import { s3Client } from './aws-base.ts';

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

type Conversions = NonNullable<Config['conversion']>;

/** Reads the rates of the config into a currency, each time that they are asked for. */
export function ratesInto(
  { rates, mostDays }: Conversions,
  cwd: string,
): (into: string) => Promise<Conversion> {
  if (typeof rates !== 'string') {
    const table = ratesOf(rates.csv, 'conversion.rates');
    return async (into) => ({ into, rates: table, mostDays });
  }
  return async (into) => ({ into, rates: ratesOf(await read(rates, cwd), rates), mostDays });
}

/**
 * The config as a deployed function gets it: with the table of exchange rates that a path names, since the function
 * has no disk that holds it. A table in S3 stays there, and is read anew each time.
 */
export function withRates(config: Config, cwd: string): Config {
  const { conversion } = config;
  if (typeof conversion?.rates !== 'string' || conversion.rates.startsWith('s3://')) return config;
  const { rates } = conversion;
  const csv = decoded(rates, () => readFileSync(resolve(cwd, rates)));
  // Refused here, where somebody is there to read it.
  ratesOf(csv, rates);
  return { ...config, conversion: { ...conversion, rates: { csv } } };
}

/** What reading rates in S3 needs. */
export function ratesPermissions({ conversion }: Pick<Config, 'conversion'>): Permission[] {
  const address = typeof conversion?.rates === 'string' ? s3Address(conversion.rates) : null;
  if (address === null) return [];
  return [
    {
      cloud: 'aws',
      action: 's3:GetObject',
      resources: [`arn:aws:s3:::${address.bucket}/${address.prefix}`],
      why: 'reads the exchange rates',
    },
  ];
}

async function read(rates: string, cwd: string): Promise<string> {
  const address = s3Address(rates);
  if (address === null) {
    const bytes = await readFile(resolve(cwd, rates)).catch((cause: unknown) => unreadable(rates, cause));
    return decoded(rates, () => bytes);
  }
  const bytes = await awsCall({ action: 's3:GetObject', where: rates, meter: new Meter() }, async () => {
    const client = s3Client(undefined);
    const { Body: body } = await client.send(
      new GetObjectCommand({ Bucket: address.bucket, Key: address.prefix }),
    );
    return await body?.transformToByteArray();
  });
  if (bytes === undefined) unreadable(rates, new Error('the object came without a body'));
  return decoded(rates, () => bytes);
}

function decoded(rates: string, bytes: () => Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes());
  } catch (cause) {
    unreadable(rates, cause);
  }
}

function unreadable(rates: string, cause: unknown): never {
  const why = cause instanceof TypeError ? 'it is no UTF-8 text' : String(cause);
  throw new BursarError('input', `the exchange rates cannot be read: ${why}`, {
    where: rates,
    hint: 'Correct conversion.rates in the config.',
    cause,
  });
}
