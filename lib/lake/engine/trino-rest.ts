import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'lossless-json';
import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';

export interface TrinoServer {
  /** `https://trino.acme.com:8443`. */
  readonly server: string;
  readonly catalog: string;
  readonly schema: string;
  readonly user: string;
  /** Sent over TLS alone, or to this machine itself. */
  readonly password?: string;
}

/** A page of an answer (Trino documentation, "Trino client REST API", QueryResults). */
const page = z.object({
  id: z.string(),
  nextUri: z.string().optional(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })).optional(),
  data: z.array(z.array(z.unknown())).optional(),
  error: z.object({ message: z.string(), errorName: z.string(), errorType: z.string() }).optional(),
});
export type Page = z.output<typeof page>;

/** The documentation says to wait 50 to 100 ms; a gateway that restarts takes seconds, so waits grow. */
const WAITS_MS = [75, 150, 300, 600, 1200, 2400, 4800] as const;
/** A long poll is answered within a second; a connection that is silent for a minute is dead. */
const SILENCE_MS = 60_000;

/**
 * One request of Trino's protocol. Tried again on 502, 503 and 504, and on 429 as gateways say it; anything else but
 * 200 means that the query has failed (Trino documentation, "Trino client REST API"). Numbers are kept as they are
 * written: trino-client reads them as floats, which loses the last digits of a BIGINT.
 */
export async function exchange(
  { server, catalog, schema, user, password }: TrinoServer,
  request: { readonly url: string; readonly statement?: string; readonly signal: AbortSignal },
): Promise<Page> {
  const { url, statement, signal } = request;
  const headers = {
    'X-Trino-User': user,
    'X-Trino-Source': 'bursar',
    'X-Trino-Catalog': catalog,
    'X-Trino-Schema': schema,
    'X-Trino-Time-Zone': 'UTC',
    ...authorization(server, user, password),
  };
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetched(url, {
      method: statement === undefined ? 'GET' : 'POST',
      headers,
      redirect: 'error',
      ...(statement === undefined ? {} : { body: statement }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(SILENCE_MS)]),
    });
    if (response.status === 200) return page.parse(parse(await response.text()));
    const text = await response.text();
    const wait = WAITS_MS[attempt];
    if (wait === undefined || ![429, 502, 503, 504].includes(response.status))
      throw refusal(server, response.status, text);
    await delay(Math.max(wait, retryAfterMs(response.headers)), undefined, { signal });
  }
}

/** Ends a query at the server; one that has ended by itself is gone, which is as good. */
export async function cancel(at: TrinoServer, url: string): Promise<void> {
  const response = await fetched(url, {
    method: 'DELETE',
    headers: { 'X-Trino-User': at.user, ...authorization(at.server, at.user, at.password) },
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  });
  await response.arrayBuffer();
  if (response.status >= 400 && response.status !== 404 && response.status !== 410)
    throw refusal(at.server, response.status, 'the query could not be cancelled');
}

/** The password goes to the server that the config names and to no other: an answer may not lead elsewhere. */
export function sameServer(server: string, nextUri: string): string {
  if (new URL(nextUri).origin !== new URL(server).origin)
    throw new BursarError('unavailable', `its answer leads to another address: ${new URL(nextUri).origin}`, {
      where: server,
      hint: 'Set http-server.process-forwarded=true on a Trino behind a proxy, or name its own address in lake.trino.server.',
    });
  return nextUri;
}

function authorization(server: string, user: string, password: string | undefined) {
  if (password === undefined) return {};
  const { protocol, hostname } = new URL(server);
  if (protocol !== 'https:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
    throw new BursarError('config', 'a password is sent over https alone', {
      where: 'lake.trino.server',
      hint: 'Name the https address of the cluster.',
    });
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

async function fetched(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true && error instanceof Error && error.name === 'AbortError') throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new BursarError('unavailable', `Trino gave no answer: ${String(cause)}`, {
      where: new URL(url).origin,
      hint: 'See that lake.trino.server is right and can be reached from here.',
      cause: error,
    });
  }
}

function retryAfterMs(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? '0');
  return Number.isFinite(seconds) ? Math.min(seconds, 30) * 1000 : 0;
}

function refusal(where: string, status: number, text: string): BursarError {
  const said = text.replaceAll(/\s+/g, ' ').slice(0, 300);
  if (status === 401)
    return new BursarError('credentials', `Trino refused the user or password (HTTP 401): ${said}`, {
      where,
      hint: 'See lake.trino.user and lake.trino.password.',
    });
  if (status === 403)
    return new BursarError('denied', `Trino refused the user (HTTP 403): ${said}`, {
      where,
      hint: 'Let the user of lake.trino.user run queries.',
    });
  return new BursarError(
    status === 429 ? 'throttled' : 'unavailable',
    `Trino answered HTTP ${status}: ${said}`,
    {
      where,
      hint: status >= 500 || status === 429 ? 'Look again later.' : 'See that lake.trino.server is a Trino.',
    },
  );
}
