import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A request as the server saw it. */
export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** An answer; a text is sent as it is. `break`: none, `half`: it ends in the middle, `hang`: it never comes. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly broken?: 'break' | 'half' | 'hang';
}

export interface VendorServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: Asked[];
}

/** An HTTP server on loopback that answers as it is told, by the request and its number from 0. */
export async function vendorServer(answer: (asked: Asked, index: number) => Answer): Promise<VendorServer> {
  const asked: Asked[] = [];
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://loopback');
    const request = { path: url.pathname, query: url.searchParams, headers: incoming.headers };
    asked.push(request);
    try {
      send(outgoing, answer(request, asked.length - 1));
    } catch (error) {
      send(outgoing, { status: 400, body: { error: { type: 'fake_is_wrong', message: String(error) } } });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function send(outgoing: ServerResponse, { status = 200, headers, body = {}, broken }: Answer): void {
  if (broken === 'hang') return;
  if (broken === 'break') {
    outgoing.destroy();
    return;
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  if (broken === undefined) {
    outgoing.end(text);
    return;
  }
  outgoing.write(text.slice(0, text.length / 2));
  setImmediate(() => outgoing.destroy());
}

/** Writes a number into JSON digit by digit: `exactly('0.1000')` is the number 0.1000 in `toJson`. */
export function exactly(digits: string): string {
  return `exactly ${digits}`;
}

/** JSON in which the texts of `exactly` are numbers. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/"exactly ([^"]+)"/g, '$1');
}

export const DAY = 86_400;

/** Unix seconds of a day. */
export function dayStart(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1000;
}

/** Every day of a half-open range of Unix seconds. */
export function daysBetween(start: number, end: number): number[] {
  const days: number[] = [];
  for (let day = start; day < end; day += DAY) days.push(day);
  return days;
}
