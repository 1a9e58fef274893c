import type { Condition } from './ai/model.ts';

/** Where data went, as billers price it. */
export const TRANSFER_CLASSES = [
  'internet',
  'inter-region',
  'inter-zone',
  'nat',
  'other transfer',
  'no transfer',
] as const;
export type TransferClass = (typeof TRANSFER_CLASSES)[number];

/** Names the class of a charge. The first rule that holds wins; a charge that none names is no transfer. */
export interface TransferRule {
  readonly id: string;
  /** Where it is from: the document and its date. */
  readonly source: string;
  readonly when: Condition;
  readonly class: Exclude<TransferClass, 'no transfer'>;
}

const CUR = 'AWS Data Exports User Guide, "Understanding data transfer charges", November 2026';
const VPC = 'Amazon VPC pricing (usage types of its price list), November 2026';
const DESCRIPTIONS = 'Descriptions of charges in the FOCUS sample of AWS, September 2024';
const SKUS = 'Google Cloud SKU catalogue (cloud.google.com/skus), names since August 2023 and before';
const METERS = 'Azure retail prices, meters of Bandwidth, NAT Gateway and Virtual Network, November 2026';

const rules = (
  provider: 'aws' | 'gcp' | 'azure',
  all: readonly (readonly [id: string, source: string, meter: string, of: TransferRule['class']])[],
): TransferRule[] =>
  all.map(([id, source, meter, of]) => ({
    id: `${provider}-${id}`,
    source,
    when: { provider, meter },
    class: of,
  }));

/**
 * Classes of data transfer by usage type (AWS), SKU (Google) and meter (Azure), the narrower before the wider. AWS
 * usage types have the region before them, save those of us-east-1. What a NAT gateway costs by the hour is no
 * transfer; what it takes for each gigabyte is.
 */
export const TRANSFER_RULES: readonly TransferRule[] = [
  ...rules('aws', [
    ['nat', VPC, '(^|-)natgateway-(prvd-)?bytes$|data processed by nat gateways', 'nat'],
    [
      'zone',
      CUR,
      '(^|-)(datatransfer-(regional|xaz-(in|out))|vpcpeering-(in|out))-bytes$|regional data transfer',
      'inter-zone',
    ],
    [
      'cdn',
      DESCRIPTIONS,
      '(^|-)cloudfront-(in|out)-bytes$|data transfer (out of|in to) .* (to|from) cloudfront',
      'other transfer',
    ],
    [
      'region',
      CUR,
      '(^|-)aws-(in|out)-(abytes|bytes)(-t[0-9])?$| data transfer (to|from) [a-z]',
      'inter-region',
    ],
    [
      'internet',
      CUR,
      '(^|-)datatransfer-(in|out)-(abytes|bytes)$|data transfer (in|out)( per month| under| beyond|$| )|month data transfer out',
      'internet',
    ],
    ['other', VPC, '(^|-)(transitgateway|vpcendpoint)-bytes$', 'other transfer'],
  ]),
  ...rules('gcp', [
    ['nat', SKUS, 'nat gateway: data processing|cloud nat data processing', 'nat'],
    ['zone', SKUS, 'network inter zone (data transfer out|egress)', 'inter-zone'],
    ['region', SKUS, 'inter.?region (data transfer out|data transfer in|egress|ingress)', 'inter-region'],
    [
      'internet',
      SKUS,
      '(internet|standard|premium)[a-z ]* (data transfer (out|in)|egress|ingress)|^(download|egress)',
      'internet',
    ],
    ['other', SKUS, '(data transfer (out|in)|egress|ingress)( |$)', 'other transfer'],
  ]),
  ...rules('azure', [
    ['nat', METERS, '^standard data processed$', 'nat'],
    ['zone', METERS, 'inter-?availability zone|availability zone data transfer', 'inter-zone'],
    ['region', METERS, 'inter-?region|intra continent|inter continent', 'inter-region'],
    ['internet', METERS, 'data transfer (out|in)( |$)', 'internet'],
    ['other', METERS, 'peering .*(ingress|egress)|(ingress|egress) data', 'other transfer'],
  ]),
];
