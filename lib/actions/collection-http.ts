import { BursarError, type ErrorCode } from '../platform/errors.ts';
import type { Meter } from '../platform/meter.ts';
import type { CollectionData } from './collection-data.ts';

/** The headers that prove who asks, for one request. */
export type SignedHeaders = (
  url: URL,
  sent: { readonly method: string; readonly body?: string },
) => Promise<Readonly<Record<string, string>>>;

/** Milliseconds until a request is given up: a page of documents with vectors is some MiB. */
const TIMEOUT = 60_000;

/**
 * The data plane of a collection, over HTTPS. Nothing is asked again here: whoever calls knows what may be done twice.
 * @param endpoint `https://id.region.aoss.amazonaws.com`
 */
export function collectionData(endpoint: string, headers: SignedHeaders, meter: Meter): CollectionData {
  const where = new URL(endpoint).host;
  return {
    where,
    async send(method, path, body) {
      const url = new URL(path, endpoint);
      const sent = body === undefined ? { method } : { method, body };
      const proof = await headers(url, sent);
      meter.count('aoss:APIAccessAll');
      const type = path.endsWith('/_bulk') ? 'application/x-ndjson' : 'application/json';
      try {
        const answer = await fetch(url, {
          ...sent,
          headers: { ...(body === undefined ? {} : { 'content-type': type }), ...proof },
          // What proves who asks is never carried to another address.
          redirect: 'manual',
          signal: AbortSignal.timeout(TIMEOUT),
        });
        const text = await answer.text();
        if (answer.ok) return text;
        throw refused(answer.status, text, where);
      } catch (error) {
        if (error instanceof BursarError) throw error;
        // fetch tells what goes wrong below HTTP as a TypeError with its cause, and the time limit as a DOMException.
        if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
        const told = error.cause instanceof Error ? error.cause.message : error.message;
        throw new BursarError('unavailable', `the collection did not answer: ${told}`, {
          where,
          cause: error,
        });
      }
    },
  };
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'denied',
  403: 'denied',
  404: 'input',
  429: 'throttled',
};

function refused(status: number, text: string, where: string): BursarError {
  const code = CODES[status] ?? (status === 408 || status >= 500 ? 'unavailable' : 'conflict');
  return new BursarError(code, `the collection answers ${status}: ${text.slice(0, 300)}`, {
    where,
    hint:
      code === 'denied'
        ? 'Let its data access policy give the role that acts aoss:* on its indexes, and its network policy let the sweep in.'
        : 'See the message of OpenSearch Serverless.',
  });
}
