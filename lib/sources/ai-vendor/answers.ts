import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import { oddAnswer } from './errors.ts';
import type { VendorRequest, VendorSession } from './http.ts';

/** A count, as `parseExactJson` gives it: the text of a whole number that is not negative. */
export const count = z.string().regex(/^\d{1,18}$/, { error: 'a whole number' });
/** A number in any spelling of JSON, or a text that holds one. */
export const numeric = z.string().regex(/^-?\d+(\.\d+)?([eE][+-]?\d{1,4})?$/, { error: 'a number' });
/** An id or a name that may be null or missing. */
export const label = z
  .string()
  .nullish()
  .transform((text) => (text === undefined || text === '' ? null : text));

/** A guard against an endless answer: a page holds a month or half a year. */
const MOST_PAGES = 2_000;

/**
 * Every page of a report of time buckets: both vendors say `has_more` and `next_page`, and take the latter back as
 * `page`. A token that comes back, or `has_more` without a token, is an error: the bill would never end, or be short.
 */
export async function* reportPages<Bucket>(
  session: VendorSession,
  request: VendorRequest,
  bucket: z.ZodType<Bucket>,
  { where, meter }: { where: string; meter: Meter },
): AsyncGenerator<{ buckets: Bucket[]; headers: Headers }> {
  const page = z.object({
    data: z.array(bucket),
    has_more: z.boolean(),
    next_page: z.string().nullish(),
  });
  const seen = new Set<string>();
  let token: string | null = null;
  do {
    const query: VendorRequest['query'] =
      token === null ? request.query : [...request.query, ['page', token]];
    const { body, headers } = await session.get({ ...request, query }, meter);
    const read = page.safeParse(body);
    if (!read.success)
      throw oddAnswer(where, request.call, `a page that is not as documented: ${faultOf(read.error)}`);
    yield { buckets: read.data.data, headers };
    token = read.data.has_more ? (read.data.next_page ?? null) : null;
    if (read.data.has_more && (token === null || token === ''))
      throw oddAnswer(where, request.call, 'more to come but no token to ask for it');
    if (token !== null && (seen.has(token) || seen.size >= MOST_PAGES))
      throw oddAnswer(
        where,
        request.call,
        seen.has(token)
          ? 'the same page token twice, so it would never end'
          : `more than ${MOST_PAGES} pages`,
      );
    if (token !== null) seen.add(token);
  } while (token !== null);
}

/** The first fault of an answer, with its place: `data.0.results.3.amount: a number`. */
export function faultOf(error: z.ZodError): string {
  const [first] = error.issues;
  return first === undefined ? 'unreadable' : `${first.path.join('.')}: ${first.message}`;
}

const DAY = 86_400;

/**
 * The day (`YYYY-MM-DD`) of a bucket of one period; null where it is a day outside of it, which is another
 * period's. Throws where the bucket is no whole day in UTC.
 */
export function dayOf(
  { start, end }: { readonly start: number; readonly end: number },
  period: { readonly start: number; readonly end: number },
  odd: (what: string) => Error,
): string | null {
  if (!Number.isSafeInteger(start) || start % DAY !== 0 || end - start !== DAY)
    throw odd(`the time from ${shown(start)} to ${shown(end)}, which is no day`);
  return start >= period.start && end <= period.end
    ? new Date(start * 1000).toISOString().slice(0, 10)
    : null;
}

function shown(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString();
}
