import { BursarError } from './errors.ts';
import type { Meter } from './meter.ts';

/** A page is asked again for up to this long where Google does not answer; the client's own default is 10 minutes. */
const PATIENCE = 30_000;

/** How Google's own clients (google-gax) ask again. */
export const GOOGLE_RETRY = {
  // DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE (google/rpc/code.proto), and the same as the REST
  // transport of google-gax gives them: as HTTP status.
  retryCodes: [4, 8, 14, 408, 429, 500, 502, 503, 504],
  backoffSettings: {
    initialRetryDelayMillis: 100,
    retryDelayMultiplier: 2,
    maxRetryDelayMillis: 5_000,
    initialRpcTimeoutMillis: 20_000,
    rpcTimeoutMultiplier: 1,
    maxRpcTimeoutMillis: 20_000,
    totalTimeoutMillis: PATIENCE,
  },
};

/**
 * Every page of a list call of one of Google's own clients, counted. The client is signed in first: what its own
 * methods throw where that fails nobody can catch, and the process ends (`initialize().catch(err => { throw err; })`
 * in each method that google-gax's generator writes).
 * @param call as the meter names it, `cloudbilling.billingAccounts.list`
 * @param where the scope's name, for the error
 */
export async function* googlePages<T>(
  {
    client,
    call,
    where,
    meter,
  }: { client: { initialize(): Promise<unknown> }; call: string; where: string; meter: Meter },
  page: (token: string) => Promise<{ items: readonly T[]; next: string | null | undefined }>,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  await client.initialize();
  for (let token = ''; ; ) {
    const { items, next } = await page(token);
    meter.count(call);
    yield items;
    if (!next) return;
    if (seen.has(next))
      throw new BursarError('unavailable', `${call} gave the same page token twice`, {
        where,
        hint: 'Run again, and report it if it stays.',
      });
    seen.add(next);
    token = next;
  }
}

/** The items of every page. */
export async function allItems<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const items of pages) found.push(...items);
  return found;
}
