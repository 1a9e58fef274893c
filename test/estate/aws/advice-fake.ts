import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  GetEBSVolumeRecommendationsRequest$,
  GetEBSVolumeRecommendationsResponse$,
  GetEC2InstanceRecommendationsRequest$,
  GetEC2InstanceRecommendationsResponse$,
  GetEnrollmentStatusRequest$,
  GetEnrollmentStatusResponse$,
  GetIdleRecommendationsRequest$,
  GetIdleRecommendationsResponse$,
} from '@aws-sdk/client-compute-optimizer';
import type {
  ListEnrollmentStatusesResponse,
  ListRecommendationsResponse,
} from '@aws-sdk/client-cost-optimization-hub';
import { z } from 'zod';
import { schemaFaults } from '../../sdk-schema.ts';
import { OWN, session } from './emulated.ts';

/** A time as it travels: seconds since 1970. */
export type Wire<T> = T extends Date
  ? number
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [K in keyof T]: Wire<T[K]> }
      : T;

/** Answers of the Hub are of the SDK's own types, since this version of its client carries no schema of itself. */
export type HubPage = Wire<ListRecommendationsResponse>;
export type HubEnrollment = Wire<ListEnrollmentStatusesResponse>;

/** What each call answers, one page after the other; a refusal is `{ __type, message }` with its status. */
export interface Answers {
  readonly GetEnrollmentStatus?: object;
  readonly GetIdleRecommendations?: readonly object[];
  readonly GetEC2InstanceRecommendations?: readonly object[];
  readonly GetEBSVolumeRecommendations?: readonly object[];
  readonly ListEnrollmentStatuses?: HubEnrollment;
  readonly ListRecommendations?: readonly HubPage[];
  /** Calls that are refused, by their error. */
  readonly refuse?: Readonly<Record<string, { readonly status: number; readonly name: string }>>;
}

const SCHEMAS: Readonly<Record<string, readonly [request: unknown, response: unknown]>> = {
  GetEnrollmentStatus: [GetEnrollmentStatusRequest$, GetEnrollmentStatusResponse$],
  GetIdleRecommendations: [GetIdleRecommendationsRequest$, GetIdleRecommendationsResponse$],
  GetEC2InstanceRecommendations: [
    GetEC2InstanceRecommendationsRequest$,
    GetEC2InstanceRecommendationsResponse$,
  ],
  GetEBSVolumeRecommendations: [GetEBSVolumeRecommendationsRequest$, GetEBSVolumeRecommendationsResponse$],
};

/** What a member of the organisation and its opted-in account answers where a test says nothing else. */
const EMPTY: Required<Omit<Answers, 'refuse'>> = {
  GetEnrollmentStatus: { status: 'Active' },
  GetIdleRecommendations: [{ idleRecommendations: [], errors: [] }],
  GetEC2InstanceRecommendations: [{ instanceRecommendations: [], errors: [] }],
  GetEBSVolumeRecommendations: [{ volumeRecommendations: [], errors: [] }],
  ListEnrollmentStatuses: { items: [{ accountId: OWN, status: 'Active' }] },
  ListRecommendations: [{ items: [] }],
};

const body = z.looseObject({ nextToken: z.string().optional() });

export interface AdviceFake extends AsyncDisposable {
  readonly url: string;
  readonly session: ReturnType<typeof session>;
  /** `signed`: what the signature is for, `us-east-1/compute-optimizer`. */
  readonly asked: { readonly call: string; readonly body: unknown; readonly signed: string }[];
}

/** Who calls, as STS says it (API reference, GetCallerIdentity). */
const CALLER = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${OWN}:user/test</Arn><UserId>AIDATEST</UserId><Account>${OWN}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

/**
 * Compute Optimizer and Cost Optimization Hub on a loopback socket for the real clients, a page a token; STS knows the
 * caller, and everything else is refused. Requests and answers of Compute Optimizer are checked against the SDK's schema.
 */
export async function adviceFake(answers: Answers, region = 'us-east-1'): Promise<AdviceFake> {
  const asked: AdviceFake['asked'] = [];
  const all = { ...EMPTY, ...answers };
  const answer = (call: string, token: string | undefined): { status: number; sent: object } => {
    const refused = answers.refuse?.[call];
    if (refused !== undefined)
      return { status: refused.status, sent: { __type: refused.name, message: `${refused.name} as told` } };
    const told: unknown = Reflect.get(all, call);
    if (told === undefined) return { status: 400, sent: { __type: 'UnknownOperationException' } };
    if (!Array.isArray(told)) return { status: 200, sent: z.looseObject({}).parse(told) };
    const at = token === undefined ? 0 : Number(token.slice('page-'.length));
    const page = z.looseObject({}).parse(told[at]);
    return {
      status: 200,
      sent: at + 1 < told.length ? { ...page, nextToken: `page-${at + 1}` } : page,
    };
  };
  const server = createServer((incoming, outgoing) => {
    void text(incoming).then((raw) => {
      const target = incoming.headers['x-amz-target'];
      if (typeof target !== 'string') {
        const knows = raw.includes('Action=GetCallerIdentity');
        outgoing.writeHead(knows ? 200 : 400, { 'content-type': 'text/xml' });
        return outgoing.end(knows ? CALLER : '');
      }
      const call = target.slice(target.indexOf('.') + 1);
      const request = body.parse(JSON.parse(raw));
      const scope = /Credential=[^/]+\/\d+\/([^/]+\/[^/]+)\//.exec(incoming.headers.authorization ?? '');
      asked.push({ call, body: request, signed: scope?.[1] ?? '' });
      const { status, sent } = answer(call, request.nextToken);
      const [asks, answersWith] = SCHEMAS[call] ?? [];
      const faults = [
        ...(asks === undefined ? [] : schemaFaults(asks, request)),
        ...(answersWith === undefined || status !== 200 ? [] : schemaFaults(answersWith, sent)),
      ];
      outgoing.writeHead(faults.length > 0 ? 400 : status, { 'content-type': 'application/x-amz-json-1.0' });
      return outgoing.end(
        JSON.stringify(faults.length > 0 ? { __type: 'FakeIsWrong', message: faults.join('; ') } : sent),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake has no port');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    asked,
    url,
    session: session(url, region),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
