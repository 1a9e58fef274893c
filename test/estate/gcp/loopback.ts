import { createServer, type IncomingHttpHeaders } from 'node:http';
import { OAuth2Client } from 'google-auth-library';

export interface LoopbackAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export interface Loopback extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Path and parameters of the requests in order. */
  readonly requests: {
    readonly path: string;
    readonly params: Record<string, string>;
    readonly headers: IncomingHttpHeaders;
  }[];
}

/** A server that answers Google's clients as a test says; `break` ends the connection without an answer. */
export async function loopback(
  answer: (path: string, params: Record<string, string>, index: number) => LoopbackAnswer | 'break',
): Promise<Loopback> {
  const requests: Loopback['requests'] = [];
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://loopback');
    const params = Object.fromEntries(url.searchParams);
    const given = answer(url.pathname, params, requests.length);
    requests.push({ path: url.pathname, params, headers: incoming.headers });
    if (given === 'break') return incoming.socket.destroy();
    outgoing.writeHead(given.status ?? 200, {
      'content-type': 'application/json; charset=UTF-8',
      ...given.headers,
    });
    return outgoing.end(JSON.stringify(given.body ?? {}));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the loopback server has no port');
  return {
    requests,
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** A signed-in client of google-auth-library that asks nobody for a token. */
export function signedIn(): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: 'test-token', expiry_date: 4_102_444_800_000 });
  return client;
}

/** An error as Google's REST APIs write it (AIP-193, with the older `errors` list beside it). */
export function refusal(status: number, reason: string, message = 'as Google says it'): LoopbackAnswer {
  return {
    status,
    body: { error: { code: status, message, errors: [{ reason, domain: 'global', message }] } },
  };
}
