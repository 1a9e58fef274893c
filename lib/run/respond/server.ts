import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { MOST_BYTES } from '../../notices/payload.ts';
import { respond } from './index.ts';
import type { RespondParts } from './model.ts';

/**
 * The click handler on a socket of its own, for a laptop behind a tunnel: the same answers as the deployed
 * function gives.
 */
export async function serveClicks(parts: RespondParts, port: number, host = '127.0.0.1'): Promise<Server> {
  const server = createServer((request, response) => void handle(parts, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

async function handle(
  parts: RespondParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { status, contentType, body } = await answer(parts, request);
    response.writeHead(status, { 'content-type': contentType });
    response.end(body);
  } catch (error) {
    // A connection that broke while its body was read: nobody is left to answer.
    parts.log.error('request failed', error);
    response.destroy();
  }
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
