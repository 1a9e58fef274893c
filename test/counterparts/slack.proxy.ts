import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { z } from 'zod';
import { isObject, type Json } from './json.ts';
import { type Disturbance, Order, type SlackCall } from './slack.control.ts';
import { isTooLong, type Limits, problemsOf } from './slack.limits.ts';

interface Answer {
  readonly status: number;
  readonly body: Json | readonly unknown[];
  readonly headers?: Readonly<Record<string, string>>;
}

const POSTING = new Set(['chat.postMessage', 'chat.update', 'chat.postEphemeral', 'chat.scheduleMessage']);
const VIEWS = new Set(['views.open', 'views.push', 'views.update', 'views.publish']);

/**
 * What the emulated Slack does not do: it checks the token and the limits of blocks before a call goes on,
 * disturbs calls as told, and keeps a log of all.
 *
 * @param upstream the emulated server's address, without a slash at its end.
 * @param tokens the scopes of each: told with every answer, in the header X-OAuth-Scopes, as Slack does
 *   (docs.slack.dev, "Using scopes").
 * @returns the address to call and a function that closes it.
 */
export async function startProxy(
  upstream: string,
  limits: Limits,
  tokens: ReadonlyMap<string, readonly string[]>,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const calls: SlackCall[] = [];
  const pending: z.infer<typeof Order>[] = [];

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://proxy').pathname;
    const done = path.startsWith('/_control/') ? control(path, request) : forward(path, request, response);
    done
      .then((answer) => answer !== null && send(response, answer))
      .catch((error: unknown) => send(response, { status: 500, body: { ok: false, error: String(error) } }));
  });

  async function control(path: string, request: IncomingMessage): Promise<Answer> {
    if (path === '/_control/reset') {
      calls.length = 0;
      pending.length = 0;
    } else if (path === '/_control/disturb') {
      pending.push(Order.parse(JSON.parse((await buffer(request)).toString())));
    } else if (path === '/_control/calls') {
      return { status: 200, body: calls };
    }
    return { status: 200, body: { ok: true } };
  }

  async function forward(path: string, request: IncomingMessage, response: ServerResponse) {
    const raw = await buffer(request);
    const method = path.replace(/^\/api\//, '');
    const args = argumentsOf(request, raw);
    const disturbance = take(method, args);
    const refused = path.startsWith('/api/')
      ? (refusal(request, method, args) ?? disturbed(disturbance))
      : null;
    const answer = refused ?? (await ask(path, request, raw));
    const told: Json = isObject(answer.body) ? answer.body : {};
    const body = disturbance?.kind === 'with' && told['ok'] === true ? withMembers(told, disturbance) : told;
    const error = typeof body['error'] === 'string' ? body['error'] : null;
    calls.push({ method, args, status: answer.status, ok: body['ok'] === true, error });
    if (disturbance?.kind === 'answer-lost' && refused === null) {
      response.socket?.destroy();
      return null;
    }
    return { ...answer, body };
  }

  function take(method: string, args: Json): Disturbance | null {
    const at = pending.findIndex((one) => {
      if (one.method !== method || one.times < 1) return false;
      if (one.disturbance.kind !== 'refuse-block') return true;
      return JSON.stringify(args['blocks'] ?? []).includes(`"type":"${one.disturbance.block}"`);
    });
    const found = pending[at];
    if (found === undefined) return null;
    found.times -= 1;
    return found.disturbance;
  }

  function refusal(request: IncomingMessage, method: string, args: Json): Answer | null {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? args['token'];
    if (typeof token !== 'string') return failure('not_authed');
    if (!tokens.has(token)) return failure('invalid_auth');
    if (POSTING.has(method)) {
      const problems = problemsOf(limits, args, true);
      if (problems.length > 0) return failure('invalid_blocks', problems);
      if (isTooLong(args['blocks'])) return failure('msg_blocks_too_long');
    }
    if (VIEWS.has(method)) {
      const view = isObject(args['view']) ? args['view'] : {};
      const problems = problemsOf(limits, view, false);
      if (problems.length > 0) return failure('invalid_arguments', problems);
    }
    return null;
  }

  async function ask(path: string, request: IncomingMessage, raw: Buffer): Promise<Answer> {
    const answered = await fetch(`${upstream}${path}`, {
      method: request.method ?? 'POST',
      headers: {
        'content-type': request.headers['content-type'] ?? 'application/json',
        ...(request.headers.authorization === undefined
          ? {}
          : { authorization: request.headers.authorization }),
      },
      ...(raw.length === 0 ? {} : { body: new Uint8Array(raw) }),
    });
    const text = await answered.text();
    const body: unknown = JSON.parse(text === '' ? '{}' : text);
    const scopes = tokens.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    return {
      status: answered.status,
      body: isObject(body) ? body : { ok: false, error: 'not_json' },
      ...(scopes === undefined ? {} : { headers: { 'x-oauth-scopes': scopes.join(',') } }),
    };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy got no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function disturbed(disturbance: Disturbance | null): Answer | null {
  if (disturbance === null || disturbance.kind === 'answer-lost' || disturbance.kind === 'with') return null;
  if (disturbance.kind === 'error') return failure(disturbance.error);
  if (disturbance.kind === 'refuse-block') {
    return failure('invalid_blocks', [`/blocks: unsupported type: ${disturbance.block}`]);
  }
  if (disturbance.kind === 'status') {
    return { status: disturbance.status, body: { ok: false, error: `http_${disturbance.status}` } };
  }
  return {
    status: 429,
    body: { ok: false, error: 'ratelimited' },
    headers: { 'retry-after': String(disturbance.retryAfter) },
  };
}

function withMembers(body: Json, { key, members }: Extract<Disturbance, { kind: 'with' }>): Json {
  const former = body[key];
  return { ...body, [key]: { ...(isObject(former) ? former : {}), ...members } };
}

/** Slack's way: HTTP 200, and what was wrong in `response_metadata.messages`. */
function failure(error: string, problems: readonly string[] = []): Answer {
  const messages = problems.map((problem) => {
    const [pointer, ...why] = problem.split(': ');
    return `[ERROR] ${why.join(': ')} [json-pointer:${pointer}]`;
  });
  return {
    status: 200,
    body: { ok: false, error, ...(messages.length === 0 ? {} : { response_metadata: { messages } }) },
  };
}

function argumentsOf(request: IncomingMessage, raw: Buffer): Json {
  const type = request.headers['content-type'] ?? '';
  const query = Object.fromEntries(new URL(request.url ?? '/', 'http://proxy').searchParams);
  if (type.includes('json')) {
    const parsed: unknown = JSON.parse(raw.toString() || '{}');
    return isObject(parsed) ? { ...query, ...parsed } : query;
  }
  if (!type.includes('urlencoded')) return query;
  const form = [...new URLSearchParams(raw.toString())].map(([key, value]) => [key, maybeJson(value)]);
  return { ...query, ...Object.fromEntries(form) };
}

/** A form carries blocks, metadata and views as JSON text; everything else stays the text it is. */
function maybeJson(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(JSON.stringify(answer.body));
}
