import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Discovery, type Method, methodsOf, problemsAgainst, readDiscovery } from './gcp.discovery.ts';

/** An answer of Google instead of the emulator's, for the next calls of a method. */
export interface Disturbance {
  /** `bigquery.jobs.insert` */
  readonly method: string;
  readonly times: number;
  /** null: the connection is cut. With `after` the emulator is asked first, and its answer is lost. */
  readonly status: number | null;
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfter?: string;
  readonly after?: boolean;
}

export interface Seen {
  readonly method: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly status: number | null;
}

/**
 * A proxy before a BigQuery emulator. It refuses what Google's discovery document does not have (methods, parameters,
 * bodies), answers what the emulator does not know of (bytes of a query, ceilings, partitions, locations) and disturbs
 * what it is told to.
 */
export interface Front {
  readonly url: string;
  readonly calls: Seen[];
  readonly disturbances: Disturbance[];
  /** Bytes that a query would read, by its SQL; those of every query until told otherwise are 10 MiB. */
  bytes: (sql: string) => bigint;
  /** Laid over the answers of tables.get. */
  table: Readonly<Record<string, unknown>>;
  /** Changes SQL on its way to the emulator, which lacks some of BigQuery's columns and functions. */
  rewrite: (sql: string) => string;
  /** Lets the answer of a method through changed. */
  change: ((method: string, answer: Record<string, unknown>) => Record<string, unknown>) | null;
  close(): Promise<void>;
}

interface Route {
  readonly method: Method;
  readonly pattern: RegExp;
}

export async function openFront(emulator: string): Promise<Front> {
  const [document] = await readDiscovery(['bigquery.v2']);
  if (document === undefined) throw new Error("Google's discovery document of BigQuery is not installed");
  const routes = methodsOf(document).map((method) => ({ method, pattern: pathOf(document, method) }));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const front: Front = {
    url: `http://127.0.0.1:${address.port}`,
    calls: [],
    disturbances: [],
    bytes: () => 10n * 2n ** 20n,
    table: {},
    rewrite: (sql) => sql,
    change: null,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const jobs = new Map<string, { sql: string; refused: string | null }>();
  server.on('request', (request, response) => {
    answer({ front, emulator, document, routes, jobs }, request, response).catch((error: unknown) => {
      response.writeHead(599).end(String(error));
    });
  });
  return front;
}

interface World {
  readonly front: Front;
  readonly emulator: string;
  readonly document: Discovery;
  readonly routes: readonly Route[];
  readonly jobs: Map<string, { sql: string; refused: string | null }>;
}

async function answer(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { front, document, routes } = world;
  const url = new URL(request.url ?? '/', 'http://bigquery');
  const raw = await text(request);
  const body: unknown = raw === '' ? null : JSON.parse(raw);
  const route = routes.find(
    ({ method, pattern }) => method.httpMethod === request.method && pattern.test(url.pathname),
  );
  const query = Object.fromEntries(url.searchParams);
  const send = (status: number, given: unknown, headers: Record<string, string> = {}): void => {
    front.calls.push({
      method: route?.method.id ?? `${request.method} ${url.pathname}`,
      query,
      body,
      status,
    });
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(given));
  };
  if (route === undefined)
    return send(404, failure(404, 'notFound', `no method ${request.method} ${url.pathname}`));
  const problems = problemsOf(document, route.method, query, body);
  if (problems.length > 0) return send(400, failure(400, 'invalid', problems.join('; ')));

  const disturbance = front.disturbances.find(({ method, times }) => method === route.method.id && times > 0);
  const disturb = (): void => {
    if (disturbance === undefined) return;
    front.disturbances[front.disturbances.indexOf(disturbance)] = {
      ...disturbance,
      times: disturbance.times - 1,
    };
    const { status, reason = 'backendError', message = 'made to fail', retryAfter } = disturbance;
    if (status === null) {
      front.calls.push({ method: route.method.id, query, body, status });
      request.socket.destroy();
      return;
    }
    send(
      status,
      failure(status, reason, message),
      retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    );
  };
  if (disturbance !== undefined && disturbance.after !== true) return disturb();
  const given = await asGoogle(world, route.method, request, url, body);
  if (disturbance !== undefined) return disturb();
  const changed =
    front.change === null || given.status >= 300 ? given.body : front.change(route.method.id, given.body);
  if (given.status < 300) {
    const named = route.method.response?.$ref;
    const odd =
      named === undefined ? [] : problemsAgainst(document.schemas, { $ref: named }, laidBare(changed));
    if (odd.length > 0) return send(598, { odd });
  }
  send(given.status, changed);
}

/** What the emulator adds to Google's answers is none of Google's. */
function laidBare(body: Record<string, unknown>): unknown {
  const { rows: _rows, ...rest } = body;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
}

async function asGoogle(
  world: World,
  method: Method,
  request: IncomingMessage,
  url: URL,
  body: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const { front, jobs } = world;
  const id = /\/(?:jobs|queries)\/([^/]+)/.exec(url.pathname)?.[1] ?? '';
  const known = jobs.get(id);
  if (method.id === 'bigquery.jobs.insert') {
    const job = jobOf(body);
    if (job.dryRun) {
      const bytes = String(front.bytes(job.sql));
      return {
        status: 200,
        body: {
          kind: 'bigquery#job',
          statistics: { totalBytesProcessed: bytes, query: { totalBytesProcessed: bytes } },
          status: { state: 'DONE' },
        },
      };
    }
    if (jobs.has(job.id))
      return { status: 409, body: failure(409, 'duplicate', `Already Exists: Job ${job.id}`) };
    const bytes = front.bytes(job.sql);
    if (job.ceiling !== null && bytes > BigInt(job.ceiling)) {
      const refused = `Query exceeded limit for bytes billed: ${job.ceiling}. ${bytes} or higher required.`;
      jobs.set(job.id, { sql: job.sql, refused });
      return { status: 200, body: { kind: 'bigquery#job', status: { state: 'DONE' } } };
    }
    jobs.set(job.id, { sql: job.sql, refused: null });
    const made = await forward(world, request, url, rewritten(front, body));
    return made.status < 300
      ? { status: 200, body: { kind: 'bigquery#job', status: { state: 'RUNNING' } } }
      : made;
  }
  if (known !== undefined && known.refused !== null)
    return { status: 400, body: failure(400, 'bytesBilledLimitExceeded', known.refused) };
  if (method.id === 'bigquery.jobs.get' && known !== undefined)
    return {
      status: 200,
      body: {
        kind: 'bigquery#job',
        status: { state: 'DONE' },
        statistics: { query: { totalBytesBilled: String(front.bytes(known.sql)) } },
      },
    };
  const given = await forward(world, request, url, body);
  if (method.id === 'bigquery.tables.get' && given.status < 300)
    return { status: 200, body: { ...cleaned(given.body), location: 'EU', ...front.table } };
  return given;
}

async function forward(
  { emulator }: World,
  request: IncomingMessage,
  url: URL,
  body: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${emulator}${url.pathname}${url.search}`, {
    method: request.method ?? 'GET',
    ...(body === null ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const read = await response.text();
  const parsed: Record<string, unknown> = read === '' ? {} : JSON.parse(read);
  // The emulator gives every fault of a query the reason of a fault inside BigQuery.
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(read)?.[1] ?? '';
  if (response.status === 400 && /failed to (analyze|parse)|Syntax error/i.test(message))
    return { status: 400, body: failure(400, 'invalidQuery', message) };
  return { status: response.status, body: parsed };
}

function rewritten(front: Front, body: unknown): unknown {
  return JSON.parse(JSON.stringify(body), (key, value: unknown) =>
    key === 'query' && typeof value === 'string' ? front.rewrite(value) : value,
  );
}

function jobOf(body: unknown): { id: string; sql: string; dryRun: boolean; ceiling: string | null } {
  const at = (...keys: string[]): unknown =>
    keys.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      body,
    );
  const ceiling = at('configuration', 'query', 'maximumBytesBilled');
  return {
    id: textOf(at('jobReference', 'jobId')),
    sql: textOf(at('configuration', 'query', 'query')),
    dryRun: at('configuration', 'dryRun') === true,
    ceiling: typeof ceiling === 'string' ? ceiling : null,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** tables.get of the emulator has empty parts that Google leaves out, and its own names of types. */
function cleaned(body: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(body), (key, value: unknown) => {
    if (key === 'type' && value === 'FLOAT64') return 'FLOAT';
    return key === 'creationTime' || key === 'lastModifiedTime' ? String(value) : value;
  });
}

function problemsOf(
  document: Discovery,
  method: Method,
  query: Readonly<Record<string, string>>,
  body: unknown,
): string[] {
  const known = { ...document.parameters, ...method.parameters };
  const unknown = Object.keys(query).filter((key) => known[key]?.location !== 'query');
  const wanted = requestOf(method);
  const wrong =
    body === null || wanted === undefined ? [] : problemsAgainst(document.schemas, { $ref: wanted }, body);
  return [...unknown.map((key) => `Unknown name "${key}"`), ...wrong];
}

function requestOf(method: Method): string | undefined {
  const request: unknown = Reflect.get(method, 'request');
  const named: unknown =
    typeof request === 'object' && request !== null ? Reflect.get(request, '$ref') : undefined;
  return typeof named === 'string' ? named : undefined;
}

function pathOf(document: Discovery, method: Method): RegExp {
  const path = `/${document.servicePath}${method.path}`;
  return new RegExp(`^${path.replaceAll(/\{\+?\w+\}/g, '[^/]+')}$`);
}

export function failure(code: number, reason: string, message: string): Record<string, unknown> {
  return { error: { code, message, errors: [{ message, domain: 'global', reason }] } };
}
