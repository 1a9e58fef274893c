import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { jsonRefusal, stsRefusal } from '../estate/aws/emulated.ts';

/** What befalls an account: for good (`denied`), or the first calls alone. */
export type Fault = 'denied' | 'throttled' | 'broken';

export interface Organisation {
  readonly url: string;
  /** Calls that were answered, by service and, of the member accounts, by how: asked of the emulator or known. */
  readonly calls: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array | string;
}

/**
 * Many member accounts before one emulator. Keys of a role tell the account; what all accounts are asked alike is asked
 * of the emulator once, in `region`, and then answered from memory: each account holds what the emulator's own does.
 * SQS, DynamoDB, S3 and the own account go to the emulator itself.
 *
 * A message that is to come again in so many minutes comes in as many seconds.
 * @param faults by account
 * @param refusals after so many a throttled or broken account answers
 */
export async function startOrganisation(
  emulator: string,
  region: string,
  faults: ReadonlyMap<string, Fault>,
  refusals: number,
): Promise<Organisation> {
  const calls = new Map<string, number>();
  const known = new Map<string, Promise<Answer>>();
  const refused = new Map<string, number>();
  const count = (name: string) => calls.set(name, (calls.get(name) ?? 0) + 1);

  async function answer(request: IncomingMessage, body: Buffer): Promise<Answer | null> {
    const signed = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '');
    const [, key = '', from = '', service = ''] = signed ?? [];
    const text = body.toString('utf8');
    if (service === 'sts' && text.includes('Action=AssumeRole')) return enter(text);
    if (!key.startsWith('MEMBER')) {
      count(service);
      return await ask(request, soon(request, body), request.headers.authorization);
    }
    // Times of a window differ from look to look, and no answer depends on them.
    const same = `${request.method} ${request.url} ${String(request.headers['x-amz-target'] ?? '')} ${text}`;
    const asked = `${service} ${same.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z?|\d{9,}(\.\d+)?/g, 'T').replaceAll(from, region)}`;
    count(known.has(asked) ? 'members, known' : 'members, asked');
    const told =
      known.get(asked) ??
      ask(request, body, request.headers.authorization?.replace(`/${from}/`, `/${region}/`));
    known.set(asked, told);
    return await told;
  }

  function enter(text: string): Answer | null {
    const account = /iam%3A%3A(\d{12})/.exec(text)?.[1] ?? '';
    count('sts');
    const fault = faults.get(account);
    const former = refused.get(account) ?? 0;
    if (fault === 'denied') return stsRefusal('AccessDenied', 'not authorized to perform: sts:AssumeRole');
    if (fault !== undefined && former < refusals) {
      refused.set(account, former + 1);
      return fault === 'throttled' ? stsRefusal('Throttling', 'Rate exceeded', 400) : null;
    }
    const end = new Date(Date.now() + 900_000).toISOString();
    return {
      status: 200,
      type: 'text/xml',
      body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>MEMBER${account}</AccessKeyId><SecretAccessKey>none</SecretAccessKey><SessionToken>none</SessionToken><Expiration>${end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    };
  }

  async function ask(
    request: IncomingMessage,
    body: Buffer,
    authorization: string | undefined,
  ): Promise<Answer> {
    const headers = new Headers(authorization === undefined ? {} : { authorization });
    for (const [name, value] of Object.entries(request.headers))
      if (
        typeof value === 'string' &&
        !['host', 'content-length', 'connection', 'expect', 'authorization'].includes(name)
      )
        headers.set(name, value);
    const method = request.method ?? 'POST';
    const told = await fetch(new URL(request.url ?? '/', emulator), {
      method,
      headers,
      body: method === 'GET' || method === 'HEAD' ? null : new Uint8Array(body),
    });
    return {
      status: told.status,
      type: told.headers.get('content-type') ?? 'text/xml',
      body: new Uint8Array(await told.arrayBuffer()),
    };
  }

  const server = createServer((request, response) => {
    buffer(request)
      .then((body) => answer(request, body))
      .then((told) => (told === null ? response.destroy() : send(response, told)))
      .catch((error: unknown) => send(response, jsonRefusal('InternalFailure', String(error), 500)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the organisation has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function soon(request: IncomingMessage, body: Buffer): Buffer {
  if (request.headers['x-amz-target'] !== 'AmazonSQS.ChangeMessageVisibility') return body;
  return Buffer.from(
    body
      .toString('utf8')
      .replace(/"VisibilityTimeout":(\d+)/, (_, seconds) => `"VisibilityTimeout":${Number(seconds) / 60}`),
  );
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}
