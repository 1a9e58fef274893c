import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  CostExplorerClient,
  GetCostAndUsageRequest$,
  type GetCostAndUsageResponse,
  GetCostAndUsageResponse$,
  GetCostAndUsageWithResourcesRequest$,
  type GetCostAndUsageWithResourcesResponse,
  GetCostAndUsageWithResourcesResponse$,
  GetReservationCoverageRequest$,
  type GetReservationCoverageResponse,
  GetReservationCoverageResponse$,
  GetReservationPurchaseRecommendationRequest$,
  type GetReservationPurchaseRecommendationResponse,
  GetReservationPurchaseRecommendationResponse$,
  GetReservationUtilizationRequest$,
  type GetReservationUtilizationResponse,
  GetReservationUtilizationResponse$,
  GetSavingsPlansCoverageRequest$,
  type GetSavingsPlansCoverageResponse,
  GetSavingsPlansCoverageResponse$,
  GetSavingsPlansPurchaseRecommendationRequest$,
  type GetSavingsPlansPurchaseRecommendationResponse,
  GetSavingsPlansPurchaseRecommendationResponse$,
  GetSavingsPlansUtilizationDetailsRequest$,
  type GetSavingsPlansUtilizationDetailsResponse,
  GetSavingsPlansUtilizationDetailsResponse$,
  GetSavingsPlansUtilizationRequest$,
  type GetSavingsPlansUtilizationResponse,
  GetSavingsPlansUtilizationResponse$,
  type Group,
  ListCostAllocationTagsRequest$,
  type ListCostAllocationTagsResponse,
  ListCostAllocationTagsResponse$,
  type ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import { z } from 'zod';
import { schemaFaults } from '../../sdk-schema.ts';

const requestBody = z.record(z.string(), z.unknown());

/** An answer of Cost Explorer: a page, an error in its own JSON, or a connection that breaks. */
export type FakeAnswer =
  | GetCostAndUsageResponse
  | GetCostAndUsageWithResourcesResponse
  | GetReservationCoverageResponse
  | GetReservationPurchaseRecommendationResponse
  | GetReservationUtilizationResponse
  | GetSavingsPlansCoverageResponse
  | GetSavingsPlansPurchaseRecommendationResponse
  | GetSavingsPlansUtilizationDetailsResponse
  | GetSavingsPlansUtilizationResponse
  | ListCostAllocationTagsResponse
  | { error: string; message: string; status?: number }
  | 'break';

const SCHEMAS: Readonly<Record<string, readonly [request: unknown, response: unknown]>> = {
  GetCostAndUsage: [GetCostAndUsageRequest$, GetCostAndUsageResponse$],
  GetCostAndUsageWithResources: [GetCostAndUsageWithResourcesRequest$, GetCostAndUsageWithResourcesResponse$],
  GetReservationCoverage: [GetReservationCoverageRequest$, GetReservationCoverageResponse$],
  GetReservationUtilization: [GetReservationUtilizationRequest$, GetReservationUtilizationResponse$],
  GetSavingsPlansCoverage: [GetSavingsPlansCoverageRequest$, GetSavingsPlansCoverageResponse$],
  ListCostAllocationTags: [ListCostAllocationTagsRequest$, ListCostAllocationTagsResponse$],
  GetReservationPurchaseRecommendation: [
    GetReservationPurchaseRecommendationRequest$,
    GetReservationPurchaseRecommendationResponse$,
  ],
  GetSavingsPlansPurchaseRecommendation: [
    GetSavingsPlansPurchaseRecommendationRequest$,
    GetSavingsPlansPurchaseRecommendationResponse$,
  ],
  GetSavingsPlansUtilizationDetails: [
    GetSavingsPlansUtilizationDetailsRequest$,
    GetSavingsPlansUtilizationDetailsResponse$,
  ],
  GetSavingsPlansUtilization: [GetSavingsPlansUtilizationRequest$, GetSavingsPlansUtilizationResponse$],
};

export interface CostExplorerFake extends AsyncDisposable {
  readonly client: CostExplorerClient;
  /** Bodies of the requests in order. */
  readonly requests: Record<string, unknown>[];
}

/**
 * Cost Explorer on a loopback socket for the real client: answers by what `answer` returns for a request's
 * body and its number from 0. Requests and answers are checked against the SDK's schema.
 */
export async function costExplorerFake(
  answer: (request: Record<string, unknown>, index: number, operation: string) => FakeAnswer,
): Promise<CostExplorerFake> {
  const requests: Record<string, unknown>[] = [];
  const server = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => {
      const request = requestBody.parse(JSON.parse(body));
      const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
      const given = answer(request, requests.length, operation);
      requests.push(request);
      if (given === 'break') return incoming.socket.destroy();
      const [asked, answered] = SCHEMAS[operation] ?? [];
      const faults = schemaFaults(asked, request);
      if (!('error' in given)) faults.push(...schemaFaults(answered, given));
      const [status, sent] =
        faults.length > 0
          ? [400, { __type: 'FakeIsWrong', message: faults.join('; ') }]
          : 'error' in given
            ? [given.status ?? 400, { __type: given.error, Message: given.message }]
            : [200, given];
      outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      return outgoing.end(JSON.stringify(sent));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake has no port');
  return {
    requests,
    client: new CostExplorerClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${address.port}`,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 2,
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export function group(
  account: string,
  service: string,
  billed: string,
  effective = billed,
  unit = 'USD',
): Group {
  return {
    Keys: [account, service],
    Metrics: {
      UnblendedCost: { Amount: billed, Unit: unit },
      AmortizedCost: { Amount: effective, Unit: unit },
    },
  };
}

export function day(start: string, groups: Group[], estimated = false): ResultByTime {
  const end = new Date(Date.parse(`${start}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return { TimePeriod: { Start: start, End: end }, Total: {}, Groups: groups, Estimated: estimated };
}

export function page(results: ResultByTime[], token?: string): GetCostAndUsageResponse {
  return {
    GroupDefinitions: [
      { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
      { Type: 'DIMENSION', Key: 'SERVICE' },
    ],
    ResultsByTime: results,
    DimensionValueAttributes: [{ Value: '111122223333', Attributes: { description: 'Platform, "prod"' } }],
    ...(token === undefined ? {} : { NextPageToken: token }),
  };
}
