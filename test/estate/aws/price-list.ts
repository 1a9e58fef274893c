import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  GetProductsRequest$,
  type GetProductsResponse,
  GetProductsResponse$,
  PricingClient,
} from '@aws-sdk/client-pricing';
import { z } from 'zod';
import { schemaFaults } from '../../sdk-schema.ts';

const request = z.object({
  ServiceCode: z.string(),
  Filters: z.array(z.object({ Type: z.string(), Field: z.string(), Value: z.string() })),
  NextToken: z.string().optional(),
});
export type PriceRequest = z.output<typeof request>;

export interface Sold {
  readonly sku: string;
  readonly service: string;
  readonly region: string;
  readonly usagetype: string;
  readonly operation: string;
  readonly unit: string;
  /** Price by begin of its range. */
  readonly tiers: Readonly<Record<string, string>>;
  readonly locationType?: string;
  readonly currency?: string;
  readonly effectiveDate?: string;
}

type Answer = GetProductsResponse | { error: string; message: string } | undefined;

export interface PriceListFake extends AsyncDisposable {
  readonly client: PricingClient;
  readonly url: string;
  readonly requests: PriceRequest[];
}

/** A product in the form of the example in the API reference of GetProducts (`aws_v1`). */
export function productText(sold: Sold): string {
  const { sku, service, region, usagetype, operation, unit, tiers, currency = 'USD' } = sold;
  const term = `${sku}.JRTCKXETXF`;
  const dimensions = Object.entries(tiers).map(([from, price], index, all) => {
    const rateCode = `${term}.${index}`;
    const endRange = all[index + 1]?.[0] ?? 'Inf';
    const told = { unit, beginRange: from, endRange, description: '', appliesTo: [], rateCode };
    return [rateCode, { ...told, pricePerUnit: { [currency]: price } }];
  });
  return JSON.stringify({
    product: {
      productFamily: 'Any',
      attributes: {
        servicecode: service,
        regionCode: region,
        usagetype,
        operation,
        locationType: sold.locationType ?? 'AWS Region',
      },
      sku,
    },
    serviceCode: service,
    terms: {
      OnDemand: {
        [term]: {
          priceDimensions: Object.fromEntries(dimensions),
          sku,
          effectiveDate: sold.effectiveDate ?? '2026-10-01T00:00:00Z',
          offerTermCode: 'JRTCKXETXF',
          termAttributes: {},
        },
      },
    },
    version: '20261101000000',
    publicationDate: '2026-11-01T00:00:00Z',
  });
}

/**
 * AWS's price list on a loopback socket for the real client: what is sold, filtered as the request says and given
 * in pages of two; `answer` may answer in its place. Requests and answers are checked against the SDK's schema.
 */
export async function priceListFake(
  sold: readonly Sold[],
  answer: (asked: PriceRequest, index: number) => Answer = () => undefined,
): Promise<PriceListFake> {
  const requests: PriceRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void text(incoming)
      .then((body) => {
        const raw: unknown = JSON.parse(body);
        const asked = request.parse(raw);
        const given = answer(asked, requests.length) ?? pageOf(sold, asked);
        requests.push(asked);
        const faults = schemaFaults(GetProductsRequest$, raw);
        if (incoming.headers['x-amz-target'] !== 'AWSPriceListService.GetProducts')
          faults.push('no GetProducts');
        if (!('error' in given)) faults.push(...schemaFaults(GetProductsResponse$, given));
        const [status, sent] =
          faults.length > 0
            ? [400, { __type: 'FakeIsWrong', message: faults.join('; ') }]
            : 'error' in given
              ? [400, { __type: given.error, Message: given.message }]
              : [200, given];
        outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
        return outgoing.end(JSON.stringify(sent));
      })
      .catch((error: unknown) => outgoing.writeHead(500).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake has no port');
  const url = `http://127.0.0.1:${address.port}`;
  const client = new PricingClient({
    region: 'us-east-1',
    endpoint: url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    client,
    url,
    requests,
    async [Symbol.asyncDispose]() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const PAGE = 2;

function pageOf(
  sold: readonly Sold[],
  { ServiceCode, Filters, NextToken }: PriceRequest,
): GetProductsResponse {
  const matching = sold.filter(
    (each) => each.service === ServiceCode && Filters.every((filter) => matches(each, filter)),
  );
  const start = Number(NextToken ?? 0);
  const next = start + PAGE;
  return {
    FormatVersion: 'aws_v1',
    PriceList: matching.slice(start, next).map(productText),
    ...(next < matching.length ? { NextToken: String(next) } : {}),
  };
}

/** TERM_MATCH matches the whole value, CONTAINS a part of it (client-pricing, Filter.Type). */
function matches(sold: Sold, { Type, Field, Value }: PriceRequest['Filters'][number]): boolean {
  const value = { regionCode: sold.region, usagetype: sold.usagetype }[Field];
  if (value === undefined) throw new Error(`the fake has no field ${Field}`);
  return Type === 'CONTAINS' ? value.includes(Value) : value === Value;
}
