import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestProject } from 'vitest/node';
import { GcpAnswer, type GcpCall, type GcpDisturbance, GcpOrder } from './gcp.control.ts';
import { problemsAgainst, readDiscovery } from './gcp.discovery.ts';
import { seriesOf } from './gcp.monitoring.ts';
import { pageOf } from './gcp.paging.ts';
import { type Recording, readRecordings, recordingKey } from './gcp.recordings.ts';
import { isParameter, type Route, routesOf } from './gcp.routes.ts';
import { GCP_WORLD } from './gcp.world.ts';
import { isObject, type Json } from './json.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Names of Google's canonical errors (google.rpc.Code) by HTTP status, and the reason that older APIs add. */
const ERRORS: Readonly<Record<number, readonly [status: string, reason: string]>> = {
  400: ['INVALID_ARGUMENT', 'badRequest'],
  401: ['UNAUTHENTICATED', 'required'],
  403: ['PERMISSION_DENIED', 'forbidden'],
  404: ['NOT_FOUND', 'notFound'],
  429: ['RESOURCE_EXHAUSTED', 'rateLimitExceeded'],
  500: ['INTERNAL', 'backendError'],
  501: ['UNIMPLEMENTED', 'notImplemented'],
  503: ['UNAVAILABLE', 'backendError'],
};
const PAGE_SIZE = 500;

/**
 * Google's REST APIs on one loopback address. What exists is what the discovery documents say: an unknown path is
 * 404, an unknown parameter 400. Answers come from what a test set, else from recordings of the real APIs, else
 * from the small fake world; all but recordings are checked against the documents' schemas, and all are paged.
 */
export async function startGcp(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const routes = routesOf(await readDiscovery());
  const google = new Google(routes, readRecordings());
  const server = createServer((request, response) => {
    answer(google, request)
      .catch((error: unknown) => ({ status: 500, body: failure(500, String(error)) }))
      .then((given) => send(response, given))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the GCP server got no port');
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${address.port}`, stop };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const gcp = await startGcp();
  project.provide('gcpUrl', gcp.url);
  return gcp.stop;
}

class Google {
  readonly #routes: readonly Route[];
  readonly #recordings: readonly Recording[];
  readonly #calls: GcpCall[] = [];
  readonly #set = new Map<string, Json>();
  readonly #played = new Map<Recording, number>();
  #disturbances: GcpDisturbance[] = [];
  #preferred: string | null = null;

  constructor(routes: readonly Route[], recordings: readonly Recording[]) {
    this.#routes = routes;
    this.#recordings = recordings;
    for (const [path, body] of Object.entries(GCP_WORLD)) this.#assertFits(path, body);
  }

  /** What a test orders. */
  control(what: string, body: unknown): Answer {
    switch (what) {
      case 'calls':
        return { status: 200, body: this.#calls };
      case 'disturb':
        this.#disturbances.push(GcpOrder.parse(body));
        break;
      case 'answer': {
        const order = GcpAnswer.parse(body);
        this.#assertFits(order.path, order.body);
        this.#set.set(order.path, order.body);
        break;
      }
      case 'prefer':
        this.#preferred = isObject(body) ? String(body['recording']) : null;
        break;
      case 'reset':
        this.#calls.length = 0;
        this.#disturbances = [];
        this.#set.clear();
        this.#played.clear();
        this.#preferred = null;
        break;
      default:
        return { status: 404, body: { error: `no control ${what}` } };
    }
    return { status: 200, body: {} };
  }

  /** What Google answers. */
  ask(verb: string, url: URL): Answer {
    const given = this.#answer(verb, url);
    this.#calls.push({
      method: verb,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      status: given.status,
    });
    return given;
  }

  #answer(verb: string, url: URL): Answer {
    const disturbance = this.#disturbances.find(
      (one) => one.times > 0 && new RegExp(one.path).test(url.pathname),
    );
    if (disturbance !== undefined) {
      disturbance.times -= 1;
      const { status, retryAfter, reason, message = `made to answer ${status}` } = disturbance;
      const headers: Record<string, string> =
        retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
      return { status, body: failure(status, message, reason), headers };
    }
    const route = this.#route(verb, url.pathname);
    if (route === null) return { status: 404, body: failure(404, `no method for ${verb} ${url.pathname}`) };
    const unknown = [...url.searchParams.keys()].find((key) => !isParameter(route, key));
    if (unknown !== undefined) {
      return { status: 400, body: failure(400, `Invalid JSON payload received. Unknown name "${unknown}"`) };
    }
    const whole = this.#whole(verb, url.pathname);
    if (whole === null) return { status: 404, body: failure(404, `${url.pathname} was not found`) };
    // A filter of series is cleverer than those of other lists, and asked with or without an aligner.
    const ofSeries = url.pathname.endsWith('/timeSeries') && url.searchParams.has('filter');
    return paged(route, ofSeries ? seriesOf(whole, url.searchParams) : whole, url);
  }

  #route(verb: string, path: string): Route | null {
    return this.#routes.find((one) => one.method.httpMethod === verb && one.pattern.test(path)) ?? null;
  }

  #whole(verb: string, path: string): Json | null {
    const set = this.#set.get(path);
    if (verb === 'GET' && set !== undefined) return set;
    const key = recordingKey(verb, path);
    const found = this.#recordings.filter((one) => one.key === key);
    const recording = found.find((one) => one.folder === this.#preferred) ?? found[0];
    if (recording !== undefined) {
      const nth = this.#played.get(recording) ?? 0;
      this.#played.set(recording, nth + 1);
      return recording.bodies[Math.min(nth, recording.bodies.length - 1)] ?? null;
    }
    const fake = GCP_WORLD[path];
    return verb === 'GET' && isObject(fake) ? fake : null;
  }

  #assertFits(path: string, body: unknown): void {
    const route = this.#route('GET', path);
    const name = route?.method.response?.$ref;
    if (route === null || name === undefined) throw new Error(`Google has no GET ${path}`);
    const problems = problemsAgainst(route.document.schemas, { $ref: name }, body);
    if (problems.length > 0) throw new Error(`no answer of ${route.method.id}:\n${problems.join('\n')}`);
  }
}

function paged(route: Route, whole: Json, url: URL): Answer {
  const name = route.method.response?.$ref;
  if (name === undefined) return { status: 200, body: whole };
  const asked = Number(url.searchParams.get('pageSize') ?? url.searchParams.get('maxResults') ?? PAGE_SIZE);
  const size = asked > 0 ? Math.min(asked, PAGE_SIZE) : PAGE_SIZE;
  const token = url.searchParams.get('pageToken') ?? '';
  const offset = token === '' ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(offset)) return { status: 400, body: failure(400, `Invalid page token: ${token}`) };
  const page = pageOf(route.document, name, whole, offset, size);
  const next = Buffer.from(String(offset + size)).toString('base64url');
  return { status: 200, body: page.isLast ? page.body : { ...page.body, nextPageToken: next } };
}

async function answer(google: Google, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://gcp');
  const body = await text(request);
  const control = /^\/_control\/(\w+)$/.exec(url.pathname)?.[1];
  if (control !== undefined) return google.control(control, body === '' ? {} : JSON.parse(body));
  return google.ask(request.method ?? 'GET', url);
}

/** Google's shape of an error: the canonical status, and `errors` as older APIs (Compute) send them too. */
function failure(code: number, message: string, detail?: string): Json {
  const [status, reason] = ERRORS[code] ?? ['UNKNOWN', 'unknown'];
  const details =
    detail === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: detail }];
  return { error: { code, message, status, errors: [{ message, domain: 'global', reason }], details } };
}

function send(response: ServerResponse, given: Answer): void {
  response.writeHead(given.status, { 'content-type': 'application/json; charset=UTF-8', ...given.headers });
  response.end(JSON.stringify(given.body));
}
