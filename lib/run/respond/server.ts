import { createServer, type IncomingMessage, type Server } from 'node:http';
import { MOST_BYTES } from '../../notices/payload.ts';
import { respond } from './index.ts';
import type { RespondParts } from './model.ts';

/**
 * The click handler on a socket of its own, for a laptop behind a tunnel: the same answers as the deployed
 * function gives.
 */
export async function serveClicks(parts: RespondParts, port: number, host = '127.0.0.1'): Promise<Server> {
  const server = createServer((request, response) => {
    answer(parts, request)
      .catch((error: unknown) => {
        parts.log.error('request failed', error);
        return { status: 500, contentType: 'text/plain', body: 'nothing was stored' };
      })
      .then(
        ({ status, contentType, body }) => {
          response.writeHead(status, { 'content-type': contentType });
          response.end(body);
        },
        (error: unknown) => parts.log.error('answer failed', error),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

async function answer(parts: RespondParts, request: IncomingMessage) {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  return await respond(parts, { method: request.method ?? '', headers, body: await bodyOf(request) });
}

/** One byte more than is allowed is enough to refuse it: the rest is read away and not kept. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length - bytes.length <= MOST_BYTES) chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
