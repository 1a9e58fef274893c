import { createServer } from 'node:http';
import { z } from 'zod';

/**
 * A server as it would be with the k-NN plugin, whose type it lacks: a field of floats called `embedding` is told as
 * the documentation of `knn_vector` writes it. Everything else is the server's own answer.
 */
const KNN = {
  type: 'knn_vector',
  dimension: 1536,
  space_type: 'cosinesimil',
  method: { name: 'hnsw', engine: 'faiss', parameters: { ef_construction: 128, m: 24 } },
};

/** What was asked, and how the server answered unless something was put in its place. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly answer: string;
}

export interface Front {
  readonly url: string;
  readonly asked: Asked[];
  /** Runs before a request goes on; what it gives is answered in the server's place. */
  between: (request: {
    readonly method: string;
    readonly path: string;
    readonly body: string;
  }) => Promise<{ readonly status: number; readonly body: string } | null>;
  close(): void;
}

/** @param server address of the real one */
export async function openFront(server: string): Promise<Front> {
  const asked: Asked[] = [];
  const proxy = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(z.instanceof(Buffer).parse(chunk));
      const body = Buffer.concat(chunks).toString();
      const { method = 'GET', url: path = '/', headers } = request;
      const put = await front.between({ method, path, body });
      if (put !== null) {
        asked.push({ method, path, headers, body, answer: put.body });
        response.writeHead(put.status, { 'content-type': 'application/json' }).end(put.body);
        return;
      }
      const answer = await fetch(new URL(path, server), {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === '' ? {} : { body }),
      });
      const text = await answer.text();
      asked.push({ method, path, headers, body, answer: text });
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(text.replaceAll('"embedding":{"type":"float"}', `"embedding":${JSON.stringify(KNN)}`));
    })();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const front: Front = {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    between: async () => null,
    close: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
  return front;
}

/** The server's answer to a request that must succeed. */
export async function send(server: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(new URL(path, server), {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

/** Writes documents by their ids, and lets searches see them. */
export async function fill(
  server: string,
  index: string,
  documents: Iterable<readonly [id: string, document: unknown]>,
): Promise<void> {
  const lines = [...documents].flatMap(([_id, document]) => [
    JSON.stringify({ index: { _index: index, _id } }),
    JSON.stringify(document),
  ]);
  for (let at = 0; at < lines.length; at += 10_000) {
    const { errors } = z
      .looseObject({ errors: z.boolean() })
      .parse(await send(server, 'POST', '/_bulk', `${lines.slice(at, at + 10_000).join('\n')}\n`));
    if (errors) throw new Error(`${index} did not take its documents`);
  }
  await send(server, 'POST', `/${index}/_refresh`);
}
