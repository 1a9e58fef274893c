/** A row of a bill; what is left out is a plain USD usage of November 2026. */
export type Charge = Readonly<Record<string, string>>;

const PLAIN: Charge = {
  BilledCost: '1.5',
  EffectiveCost: '1.25',
  ListCost: '2',
  ContractedCost: '1.5',
  BillingCurrency: 'USD',
  BillingAccountId: '111122223333',
  SubAccountId: '111122223333',
  BillingPeriodStart: '2026-11-01T00:00:00Z',
  BillingPeriodEnd: '2026-12-01T00:00:00Z',
  ChargePeriodStart: '2026-11-03T00:00:00Z',
  ChargePeriodEnd: '2026-11-04T00:00:00Z',
  ChargeCategory: 'Usage',
  ProviderName: 'AWS',
  PublisherName: 'AWS',
  InvoiceIssuerName: 'AWS',
  ServiceName: 'Amazon Elastic Compute Cloud',
  ServiceCategory: 'Compute',
  RegionId: 'us-east-1',
  ResourceId: 'i-0123456789abcdef0',
  ResourceType: 'Instance',
  Tags: '{"team":"search"}',
};

/** A FOCUS file in CSV (RFC 4180). */
export function csvBill(charges: readonly Charge[], delimiter = ','): string {
  const names = [...new Set([PLAIN, ...charges].flatMap((charge) => Object.keys(charge)))];
  const lines = charges.map((charge) => names.map((name) => quoted(charge[name] ?? PLAIN[name] ?? '')));
  return [names, ...lines].map((line) => `${line.join(delimiter)}\n`).join('');
}

function quoted(value: string): string {
  return /[",;\t\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
