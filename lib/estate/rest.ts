import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BursarError, type ErrorCode } from '../platform/errors.ts';
import { isNetwork } from '../platform/google-errors.ts';
import type { Meter } from '../platform/meter.ts';

export interface RestSettings {
  /** `store:docs`, for errors. */
  readonly where: string;
  /** `https://search-docs.eu-central-1.es.amazonaws.com`, with the port where it is not the usual one. */
  readonly address: string;
  /** What proves who asks, for one request. */
  readonly headers: (url: URL) => Promise<Readonly<Record<string, string>>>;
  /** What right or login is needed, one sentence. */
  readonly hint: string;
  /** Milliseconds until an attempt is given up. */
  readonly timeout?: number;
  /** Most bytes of one answer. */
  readonly mostBytes?: number;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/** A way to read from a store over HTTP: GET alone, and never at another address. */
export interface Rest {
  /**
   * The JSON at a path, asked again where that may help (429, 5xx, no answer). Each attempt is counted as `call`.
   * Throws BursarError `credentials`, `denied`, `throttled`, `input` (404) or `unavailable`.
   */
  get(call: string, path: string, query: Readonly<Record<string, string>>, meter: Meter): Promise<unknown>;
}

const TIMEOUT = 30_000;
const ATTEMPTS = 4;
/** A mapping of some ten thousand fields is a few MiB; what is larger would be held in memory for nothing. */
const MOST_BYTES = 64 * 2 ** 20;

type Outcome =
  | { readonly body: unknown }
  | {
      readonly status: number | null;
      readonly text: string;
      readonly passing: boolean;
      readonly cause?: unknown;
    };

export function rest(settings: RestSettings): Rest {
  const { wait = (ms) => sleep(ms) } = settings;
  return {
    async get(call, path, query, meter) {
      const url = new URL(path, settings.address);
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
      for (let attempt = 1; ; attempt += 1) {
        meter.count(call);
        const outcome = await ask(url, settings);
        if ('body' in outcome) return outcome.body;
        if (!outcome.passing || attempt >= ATTEMPTS) throw refusal(call, outcome, settings);
        await wait(randomInt(1, 500 * 2 ** attempt));
      }
    },
  };
}

async function ask(url: URL, settings: RestSettings): Promise<Outcome> {
  const { timeout = TIMEOUT, mostBytes = MOST_BYTES } = settings;
  const headers = await settings.headers(url);
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', 'user-agent': 'bursar', ...headers },
      // What proves who asks is never carried to another address.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    });
    const text = await textOf(response, mostBytes);
    const { status } = response;
    if (text === null)
      return { status, text: `its answer is larger than ${mostBytes} bytes`, passing: false };
    if (!response.ok) return { status, text, passing: status === 408 || status === 429 || status >= 500 };
    try {
      return { body: JSON.parse(text) };
    } catch (cause) {
      return { status, text: 'its answer is no JSON', passing: false, cause };
    }
  } catch (error) {
    const passing = isNetwork(error);
    // fetch says "fetch failed" of all that goes wrong below HTTP; its cause says what: a certificate, a port.
    if (!passing && !(error instanceof TypeError && error.cause instanceof Error)) throw error;
    const text = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return { status: null, text, passing, cause: error };
  }
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

function refusal(
  call: string,
  { status, text, cause }: Exclude<Outcome, { body: unknown }>,
  { where, hint }: RestSettings,
): BursarError {
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
