import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { CloudTrailClient, LookupEventsRequest$, LookupEventsResponse$ } from '@aws-sdk/client-cloudtrail';
import { z } from 'zod';
import { schemaFaults } from '../../sdk-schema.ts';

/** A call as CloudTrail keeps it. */
export interface Trailed {
  readonly name: string;
  readonly at: string;
  readonly identity: Readonly<Record<string, unknown>>;
  readonly answer: unknown;
  readonly errorCode?: string;
}

const lookup = z.object({
  LookupAttributes: z.tuple([z.object({ AttributeKey: z.literal('EventName'), AttributeValue: z.string() })]),
  StartTime: z.number(),
  EndTime: z.number(),
  MaxResults: z.int().max(50),
  NextToken: z.string().optional(),
});

export interface CloudTrailFake extends AsyncDisposable {
  readonly client: CloudTrailClient;
  /** Names of the events that were asked for, one a page. */
  readonly asked: string[];
}

/**
 * Event history on a loopback socket for the real client: newest first, 50 a page, tokens bound to their question.
 * Requests and answers are checked against the SDK's schema.
 */
export async function cloudTrailFake(events: readonly Trailed[], refuse?: string): Promise<CloudTrailFake> {
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => {
      const raw: unknown = JSON.parse(body);
      const request = lookup.parse(raw);
      const name = request.LookupAttributes[0].AttributeValue;
      asked.push(name);
      const { status, sent } = refuse === undefined ? answer(request, name) : refused(refuse);
      const faults = [
        ...schemaFaults(LookupEventsRequest$, raw),
        ...(status === 200 ? schemaFaults(LookupEventsResponse$, sent) : []),
      ];
      outgoing.writeHead(faults.length > 0 ? 400 : status, { 'content-type': 'application/x-amz-json-1.1' });
      return outgoing.end(
        JSON.stringify(faults.length > 0 ? { __type: 'FakeIsWrong', message: faults.join('; ') } : sent),
      );
    });
  });
  const answer = (request: z.output<typeof lookup>, name: string) => {
    const found = events
      .filter((event) => event.name === name)
      .filter(
        ({ at }) => Date.parse(at) / 1000 >= request.StartTime && Date.parse(at) / 1000 <= request.EndTime,
      )
      .toSorted((a, b) => (a.at < b.at ? 1 : -1));
    const [of, from] = (request.NextToken ?? `${name}@0`).split('@');
    if (of !== name) return refused('InvalidNextTokenException');
    const begin = Number(from);
    const end = begin + request.MaxResults;
    return {
      status: 200,
      sent: {
        Events: found.slice(begin, end).map((event, index) => ({
          EventId: `${name}-${begin + index}`,
          EventName: name,
          EventTime: Date.parse(event.at) / 1000,
          CloudTrailEvent: JSON.stringify({
            eventVersion: '1.11',
            eventName: name,
            eventTime: event.at,
            userIdentity: event.identity,
            responseElements: event.answer,
            ...(event.errorCode === undefined ? {} : { errorCode: event.errorCode }),
          }),
        })),
        ...(end < found.length ? { NextToken: `${name}@${end}` } : {}),
      },
    };
  };
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake has no port');
  const client = new CloudTrailClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    asked,
    client,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function refused(code: string) {
  return { status: 400, sent: { __type: code, message: `${code} by the fake` } };
}
