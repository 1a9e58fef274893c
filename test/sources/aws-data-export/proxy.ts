import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** What stands between a client and moto does with one request; null: it is passed on. */
export type Disturbance = (asked: {
  method: string;
  path: string;
  range: string | null;
  owner: string | null;
  /** For which the request is signed. */
  region: string | null;
  nth: number;
}) =>
  | { status: number; xml: string; headers?: Readonly<Record<string, string>> }
  | { cutAfter: number }
  | { silentAfter: number }
  | { before: () => Promise<void> }
  | null;

/**
 * Stands before moto on a port of its own. It answers in AWS's words what moto does not know, cuts answers short,
 * falls silent, or lets the test change something before a request arrives.
 */
export async function proxy(
  moto: string,
  disturb: Disturbance,
): Promise<AsyncDisposable & { url: string; seen: string[] }> {
  const seen: string[] = [];
  const times = new Map<string, number>();
  const handle = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = from;
    const path = decodeURIComponent(url.split('?')[0] ?? '');
    const { range = null } = from.headers;
    const key = `${method} ${path} ${range ?? ''}`.trim();
    const nth = (times.get(key) ?? 0) + 1;
    times.set(key, nth);
    seen.push(key);
    const owner = from.headers['x-amz-expected-bucket-owner'];
    const [, region = null] = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(from.headers.authorization ?? '') ?? [];
    const how = disturb({
      method,
      path,
      range,
      owner: typeof owner === 'string' ? owner : null,
      region,
      nth,
    });
    if (how !== null && 'status' in how) {
      to.writeHead(how.status, { 'content-type': 'application/xml', ...how.headers });
      to.end(method === 'HEAD' ? undefined : how.xml);
      return;
    }
    if (how !== null && 'before' in how) await how.before();
    const target = new URL(url, moto);
    const out = request(target, { method, headers: { ...from.headers, host: target.host } }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers);
      if (how === null || !('cutAfter' in how || 'silentAfter' in how)) {
        answer.pipe(to);
        return;
      }
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => {
        const bytes = 'cutAfter' in how ? how.cutAfter : how.silentAfter;
        to.write(Buffer.concat(pieces).subarray(0, bytes), () => {
          if ('cutAfter' in how) to.destroy();
        });
      });
    });
    out.on('error', () => to.destroy());
    from.pipe(out);
  };
  const server = createServer((from, to) => {
    handle(from, to).catch(() => to.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An error of S3 in its own words (S3 API Reference, "Error responses"). */
export function s3Error(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>${code}</Code><Message>${message}</Message><RequestId>4442587FB7D0A2F9</RequestId><HostId>x</HostId></Error>`;
}
