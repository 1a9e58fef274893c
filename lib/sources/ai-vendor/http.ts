import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNetwork } from '../../platform/google-errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { type Refusal, refusal } from './errors.ts';
import { parseExactJson } from './json.ts';

/** One GET of a vendor's REST API. */
export interface VendorRequest {
  /** `openai.organization.costs`: how the meter and the errors name it. */
  readonly call: string;
  /** Below the address of the API: `/organization/costs`. */
  readonly path: string;
  /** A key may come several times: lists are repeated. */
  readonly query: readonly (readonly [key: string, value: string])[];
}

export interface VendorAnswer {
  /** JSON with every number as its text: see `parseExactJson`. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** A way into one organisation at a vendor. */
export interface VendorSession {
  /**
   * Asks, and asks again what may pass: 429, 5xx, no answer, half an answer. Each attempt is counted in the meter.
   * Throws BursarError `credentials` (401), `denied` (403), `input` (404), `throttled` or `unavailable`.
   */
  get(request: VendorRequest, meter: Meter): Promise<VendorAnswer>;
}

export interface VendorSessionSettings {
  /** `bill:openai`, for errors. */
  readonly where: string;
  readonly vendor: string;
  /** `https://api.openai.com/v1` */
  readonly address: string;
  /** With the key in them; asked for once, before the first call. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** What key is needed and where it is made, one sentence. */
  readonly keyHint: string;
  /** Attempts of one call, the first included. */
  readonly attempts?: number;
  /** Milliseconds until an attempt is given up. */
  readonly timeout?: number;
  /** Waits between attempts. */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

const TIMEOUT = 60_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** A vendor that asks for more patience than this is told to the caller: a function has 15 minutes in all. */
const LONGEST_ASKED = 120_000;

export function vendorSession(settings: VendorSessionSettings): VendorSession {
  const { address, attempts = 5, timeout = TIMEOUT, wait = (ms) => sleep(ms) } = settings;
  let headers: ReturnType<VendorSessionSettings['headers']> | null = null;
  return {
    async get(request, meter) {
      const params = new URLSearchParams();
      for (const [key, value] of request.query) params.append(key, value);
      const query = params.size === 0 ? '' : `?${params.toString()}`;
      const url = `${address.replace(/\/+$/, '')}${request.path}${query}`;
      for (let attempt = 1; ; attempt += 1) {
        meter.count(request.call);
        const outcome = await ask(url, await (headers ??= settings.headers()), timeout);
        if ('body' in outcome) return outcome;
        const pause = pauseFor(outcome, attempt);
        if (!outcome.passing || attempt >= attempts || pause > LONGEST_ASKED)
          throw refusal(outcome, { ...settings, call: request.call });
        await wait(pause);
      }
    },
  };
}

async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  timeout: number,
): Promise<VendorAnswer | Refusal> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', 'user-agent': 'bursar', ...headers },
      // A key is never carried to another address.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    });
    const text = await response.text();
    const retryAfter = secondsOf(response.headers.get('retry-after'));
    if (!response.ok) {
      const { status } = response;
      return { status, text, retryAfter, passing: status === 408 || status === 429 || status >= 500 };
    }
    return read(text, response);
  } catch (error) {
    const passing = isNetwork(error);
    // fetch says "fetch failed" of all that goes wrong below HTTP; its cause says what: a certificate, a port.
    if (!passing && !(error instanceof TypeError && error.cause instanceof Error)) throw error;
    const text = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    return { status: null, text, retryAfter: null, passing, cause: error };
  }
}

function read(text: string, { headers, status }: Response): VendorAnswer | Refusal {
  try {
    return { body: parseExactJson(text), headers };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Half a page may come whole the next time; a page of HTML is somebody else's answer.
    const isHtml = /^\s*</.test(text) || (headers.get('content-type') ?? '').includes('text/html');
    return {
      status,
      text: isHtml ? 'a web page' : 'half an answer',
      retryAfter: null,
      passing: !isHtml,
      cause: error,
    };
  }
}

/** Milliseconds before the next attempt: what the answer asks for, else exponential with full jitter. */
function pauseFor({ retryAfter }: Refusal, attempt: number): number {
  if (retryAfter !== null) return retryAfter * 1000;
  return randomInt(1, Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT));
}

/** Retry-After is a number of seconds or a date (RFC 9110, section 10.2.3). */
function secondsOf(header: string | null): number | null {
  if (header === null || header.trim() === '') return null;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Math.ceil(Number(header));
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}
