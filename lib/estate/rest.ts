import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'lossless-json';
import { BursarError, type ErrorCode } from '../platform/errors.ts';
import { isNetwork } from '../platform/google-errors.ts';
import type { Meter } from '../platform/meter.ts';

export interface RestSettings {
  /** `store:docs`, for errors. */
  readonly where: string;
  /** `https://search-docs.eu-central-1.es.amazonaws.com`, with the port where it is not the usual one; paths follow it. */
  readonly address: string;
  /** What proves who asks, for one request. */
  readonly headers: (url: URL, sent: RestSent) => Promise<Readonly<Record<string, string>>>;
  /** What right or login is needed, one sentence. */
  readonly hint: string;
  /** Milliseconds until an attempt is given up. */
  readonly timeout?: number;
  /** Most bytes of one answer. */
  readonly mostBytes?: number;
  /** Reads integers beyond what a number holds exactly as bigint, as ids of 64 bits need it. */
  readonly wideIntegers?: boolean;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/** What of a request a signature covers besides its address. */
export interface RestSent {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Left out where there is none. */
  readonly body?: string;
}

/** Parameters of a query; what has several values is repeated. */
export type RestQuery = Readonly<Record<string, string | readonly string[]>>;

/**
 * A way to read from a store over HTTP, never at another address. What may pass is asked again (429, 5xx, no answer),
 * after the time that the answer asks for. Each attempt is counted as `call`. All throw BursarError `credentials`,
 * `denied`, `throttled`, `input` (404) or `unavailable`.
 */
export interface Rest {
  /** The JSON at a path. */
  get(call: string, path: string, query: RestQuery, meter: Meter): Promise<unknown>;
  /** The JSON of a read that the store takes as a POST; a bigint in its body is written as the integer that it is. */
  post(call: string, path: string, body: unknown, meter: Meter): Promise<unknown>;
  /** Gives back what a store holds for this reader alone, such as a point in time. */
  release(call: string, path: string, body: unknown, meter: Meter): Promise<unknown>;
  /** The text at a path. */
  text(call: string, path: string, query: RestQuery, meter: Meter): Promise<string>;
}

const TIMEOUT = 30_000;
const ATTEMPTS = 4;
/** A mapping of some ten thousand fields is a few MiB; what is larger would be held in memory for nothing. */
const MOST_BYTES = 64 * 2 ** 20;
const LONGEST_WAIT = 30_000;
const JSON_TYPE = 'application/json';

interface Failure {
  readonly status: number | null;
  readonly text: string;
  readonly passing: boolean;
  /** Milliseconds that the answer asks to wait; null where it does not. */
  readonly retryAfter?: number | null;
  readonly cause?: unknown;
}
/** What kind of answer is wanted, and what is sent. */
interface How extends RestSent {
  readonly accept: string;
}
type Outcome = { readonly text: string; readonly status: 200 } | Failure;

export function rest(settings: RestSettings): Rest {
  const { wait = (ms) => sleep(ms) } = settings;
  const read = async (
    call: string,
    path: string,
    { query = {}, ...how }: How & { query?: RestQuery },
    meter: Meter,
  ): Promise<string> => {
    const url = new URL(`${settings.address.replace(/\/$/, '')}${path}`);
    for (const [key, values] of Object.entries(query))
      for (const value of [values].flat()) url.searchParams.append(key, value);
    for (let attempt = 1; ; attempt += 1) {
      meter.count(call);
      const outcome = await ask(url, how, settings);
      if (!('passing' in outcome)) return outcome.text;
      if (!outcome.passing || attempt >= ATTEMPTS) throw refusal(call, outcome, settings);
      await wait(outcome.retryAfter ?? randomInt(1, 500 * 2 ** attempt));
    }
  };
  const json = (call: string, text: string): unknown => {
    try {
      return settings.wideIntegers === true ? JSON.parse(text, widened) : JSON.parse(text);
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw refusal(call, { status: 200, text: 'its answer is no JSON', passing: false, cause }, settings);
    }
  };
  return {
    get: async (call, path, query, meter) =>
      json(call, await read(call, path, { method: 'GET', accept: JSON_TYPE, query }, meter)),
    post: async (call, path, body, meter) => json(call, await read(call, path, sent('POST', body), meter)),
    release: async (call, path, body, meter) =>
      json(call, await read(call, path, sent('DELETE', body), meter)),
    text: async (call, path, query, meter) =>
      await read(call, path, { method: 'GET', accept: 'text/plain', query }, meter),
  };
}

function sent(method: RestSent['method'], body: unknown): How {
  return { method, accept: JSON_TYPE, body: stringify(body) ?? '' };
}

/** A reviver that knows the text of a number: integers that a number would round come as bigint. */
function widened(_key: string, value: unknown, context?: { source?: string }): unknown {
  const { source = '' } = context ?? {};
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value;
}

async function ask(url: URL, { accept, method, body }: How, settings: RestSettings): Promise<Outcome> {
  const { timeout = TIMEOUT, mostBytes = MOST_BYTES } = settings;
  const headers = await settings.headers(url, { method, ...(body === undefined ? {} : { body }) });
  try {
    const response = await fetch(url, {
      headers: {
        accept,
        'user-agent': 'bursar',
        ...(body === undefined ? {} : { 'content-type': JSON_TYPE }),
        ...headers,
      },
      method,
      ...(body === undefined ? {} : { body }),
      // What proves who asks is never carried to another address.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    });
    const text = await textOf(response, mostBytes);
    const { status } = response;
    if (text === null)
      return { status, text: `its answer is larger than ${mostBytes} bytes`, passing: false };
    if (response.ok) return { status: 200, text };
    return {
      status,
      text: withoutProof(text, headers),
      passing: status === 408 || status === 429 || status >= 500,
      retryAfter: retryAfterOf(response.headers.get('retry-after')),
    };
  } catch (error) {
    const passing = isNetwork(error);
    // fetch says "fetch failed" of all that goes wrong below HTTP; its cause says what: a certificate, a port.
    if (!passing && !(error instanceof TypeError && error.cause instanceof Error)) throw error;
    const text = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return { status: null, text, passing, cause: error };
  }
}

/** Headers that prove who asks. */
const PROOF = /auth|key|token|secret|cookie/i;

/** Proxies show requests in their errors, with their headers: what proves who asks is taken out of an answer. */
function withoutProof(text: string, headers: Readonly<Record<string, string>>): string {
  const proofs = Object.entries(headers).flatMap(([name, value]) => {
    if (!PROOF.test(name)) return [];
    const [, basic] = /^Basic\s+(\S+)$/i.exec(value) ?? [];
    const login = basic === undefined ? '' : Buffer.from(basic, 'base64').toString();
    return [value, ...value.split(/[\s,]+/), login, login.slice(login.indexOf(':') + 1)];
  });
  return proofs
    .filter((proof) => proof.length >= 4 && !/^(basic|bearer|aws4-hmac-sha256)$/i.test(proof))
    .toSorted((a, b) => b.length - a.length)
    .reduce((shown, proof) => shown.replaceAll(proof, '(hidden)'), text);
}

/** Milliseconds of a Retry-After in seconds, at most half a minute; null where there is none. */
function retryAfterOf(header: string | null): number | null {
  return header !== null && /^\d+$/.test(header) ? Math.min(Number(header) * 1000, LONGEST_WAIT) : null;
}

/**
 * A name as one part of a path. Throws BursarError `input` for `.` and `..`, which every client takes for a way
 * through the path, however they are written (URL standard, "double-dot path segment").
 */
export function pathPart(name: string): string {
  if (name === '' || name === '.' || name === '..')
    throw new BursarError('input', `${JSON.stringify(name)} cannot be part of an address`, {
      hint: 'Rename it in the store.',
    });
  return encodeURIComponent(name);
}

/** The text of an answer; null where it is larger than allowed, of which no more is read. */
async function textOf(response: Response, mostBytes: number): Promise<string | null> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function refusal(call: string, { status, text, cause }: Failure, { where, hint }: RestSettings): BursarError {
  const said = text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
  const tell = (code: ErrorCode, what: string, what2do: string) =>
    new BursarError(code, said === '' ? what : `${what}: ${said}`, { where, hint: what2do, cause });
  if (status === null)
    return tell(
      'unavailable',
      `${call} got no answer`,
      'See that the address is right, that this network reaches it, and that its certificate is one that can be verified.',
    );
  if (status === 401) return tell('credentials', `${call} was refused for its login`, hint);
  if (status === 403) return tell('denied', `${call} was denied`, hint);
  if (status === 404)
    return tell('input', `${call} does not exist at this address`, 'See that the address is right.');
  if (status === 429) return tell('throttled', `${call} was throttled and stayed so`, 'Look again later.');
  return tell(
    'unavailable',
    `${call} failed with HTTP ${status}`,
    'See that the address is that of the store itself, and look again later.',
  );
}
