import type { z } from 'zod';
import type { DraftBill } from '../config/draft.ts';
import {
  accountId,
  bucketName,
  channel,
  currency,
  domain,
  projectId,
  someText,
  tagKey,
  timeZone,
} from '../config/values.ts';
import type { Read } from './ask.ts';

/** How each answer is read, from a flag or from a person: by the rules of the config itself. */
export const readName = by(someText);
export const readCurrency = (answer: string) => by(currency)(answer.toUpperCase());
export const readTimeZone = by(timeZone);
export const readChannel = optional(by(channel));
export const readTag = optional(by(tagKey));
export const readTags = listOf(by(tagKey));
export const readDomains = listOf((answer) => by(domain)(answer.toLowerCase()));
export const readPaths = listOf(by(someText));

/** `s3://bucket/folder`, as AWS Data Exports are configured. */
export function readExport(answer: string): Read<DraftBill> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/\s]+)\/?(\S*)$/.exec(answer) ?? [];
  return bucketName.safeParse(bucket).success
    ? { ok: true, value: { type: 'aws-focus-export', bucket, prefix: prefix.replace(/\/$/, '') } }
    : { ok: false, expected: 'the folder of the export: s3://BUCKET/FOLDER' };
}

export function readTable(answer: string): Read<DraftBill> {
  return /^[a-z0-9.:-]+\.\w+\.\w+$/.test(answer)
    ? { ok: true, value: { type: 'gcp-bigquery', table: answer } }
    : { ok: false, expected: 'a table as PROJECT.DATASET.TABLE' };
}

export function readAccounts(answer: string): Read<'own' | 'organisation' | string[] | null> {
  if (answer === 'own' || answer === 'organisation') return { ok: true, value: answer };
  if (isNone(answer)) return { ok: true, value: null };
  const ids = listOf(by(accountId))(answer);
  return ids.ok
    ? ids
    : { ok: false, expected: 'own, organisation, account ids of 12 digits by comma, or none' };
}

export function readProjects(answer: string): Read<'linked' | 'organisation' | string[] | null> {
  if (answer === 'linked' || answer === 'organisation') return { ok: true, value: answer };
  if (isNone(answer)) return { ok: true, value: null };
  const ids = listOf(by(projectId))(answer);
  return ids.ok ? ids : { ok: false, expected: 'linked, organisation, project ids by comma, or none' };
}

/** The kinds of bill, in the order in which they are asked for. */
export const BILLS = [
  ['aws-focus-export', 'AWS data export (FOCUS) in S3'],
  ['aws-cost-explorer', 'AWS Cost Explorer, without an export'],
  ['gcp-bigquery', 'Google Cloud billing export in BigQuery'],
  ['openai', 'OpenAI'],
  ['anthropic', 'Anthropic'],
  ['focus-file', 'FOCUS files: CSV or Parquet of any provider'],
] as const;

export function readKinds(answer: string): Read<DraftBill['type'][]> {
  const expected = `numbers from 1 to ${BILLS.length} by comma, or none`;
  if (isNone(answer)) return { ok: true, value: [] };
  const kinds = split(answer).map((each) => (/^\d$/.test(each) ? BILLS[Number(each) - 1]?.[0] : undefined));
  const known = kinds.filter((each) => each !== undefined);
  return known.length === kinds.length ? { ok: true, value: [...new Set(known)] } : { ok: false, expected };
}

function by(schema: z.ZodType<string, string>): (answer: string) => Read<string> {
  return (answer) => {
    const parsed = schema.safeParse(answer);
    return parsed.success
      ? { ok: true, value: parsed.data }
      : { ok: false, expected: parsed.error.issues[0]?.message ?? 'another text' };
  };
}

function isNone(answer: string): boolean {
  return answer === '' || answer.toLowerCase() === 'none';
}

function split(answer: string): string[] {
  return answer
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
}

function optional(read: (answer: string) => Read<string>): (answer: string) => Read<string | null> {
  return (answer) => (isNone(answer) ? { ok: true, value: null } : read(answer));
}

function listOf(read: (answer: string) => Read<string>): (answer: string) => Read<string[]> {
  return (answer) => {
    const values: string[] = [];
    for (const each of isNone(answer) ? [] : split(answer)) {
      const one = read(each);
      if (!one.ok) return one;
      values.push(one.value);
    }
    return { ok: true, value: [...new Set(values)] };
  };
}
