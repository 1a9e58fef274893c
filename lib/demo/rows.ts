import { Decimal, decimalText } from '../focus/decimal.ts';
import {
  ACCOUNTS,
  GCP_BILLING_ACCOUNT,
  GCP_PROJECT,
  ORGANISATION,
  PAYER,
  REGIONS,
  SAVINGS_PLAN,
} from './cast.ts';

/** Columns of the demo's files: the FOCUS 1.2 columns that its rows use, in the specification's spelling, and the model. */
export const COLUMNS = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingAccountType',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'CommitmentDiscountCategory',
  'CommitmentDiscountId',
  'CommitmentDiscountName',
  'CommitmentDiscountQuantity',
  'CommitmentDiscountStatus',
  'CommitmentDiscountType',
  'CommitmentDiscountUnit',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'ContractedUnitPrice',
  'EffectiveCost',
  'InvoiceId',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingCurrency',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'RegionName',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'ServiceSubcategory',
  'SkuId',
  'SkuMeter',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'SubAccountType',
  'Tags',
  'x_AiModel',
] as const;
export type Column = (typeof COLUMNS)[number];
export type BillRow = Readonly<Partial<Record<Column, string>>>;

export function charge(day: Date, more: BillRow): BillRow {
  return {
    ChargeCategory: 'Usage',
    ChargeFrequency: more.ChargeCategory === 'Purchase' ? 'Recurring' : 'Usage-Based',
    BillingCurrency: 'USD',
    BillingAccountType: 'Billing Account',
    ChargePeriodStart: stamp(day),
    ChargePeriodEnd: stamp(new Date(day.getTime() + 86_400_000)),
    ...billingPeriod(day),
    ...more,
  };
}

export function billingPeriod(day: Date): BillRow {
  const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()];
  return {
    BillingPeriodStart: stamp(new Date(Date.UTC(year, month, 1))),
    BillingPeriodEnd: stamp(new Date(Date.UTC(year, month + 1, 1))),
    InvoiceId: `INV-${year}-${String(month + 1).padStart(2, '0')}`,
  };
}

export function amounts(billed: Decimal, effective: Decimal, list: Decimal): BillRow {
  return {
    BilledCost: decimalText(billed),
    EffectiveCost: decimalText(effective),
    ListCost: decimalText(list),
    ContractedCost: decimalText(list),
  };
}

/** One amount for all four costs, where list, contract and invoice agree. */
export function flat(amount: string): BillRow {
  const value = new Decimal(amount);
  return { ...amounts(value, value, value), PricingCategory: 'Standard' };
}

export function priced(unitPrice: string, quantity: Decimal, unit: string, sku: string): BillRow {
  return {
    ListUnitPrice: unitPrice,
    ContractedUnitPrice: unitPrice,
    PricingQuantity: decimalText(quantity),
    PricingUnit: unit,
    PricingCurrency: 'USD',
    ConsumedQuantity: decimalText(quantity),
    ConsumedUnit: unit,
    SkuId: sku,
    SkuPriceId: `${sku}-usd`,
  };
}

export function commitment(status: string, quantity: string): BillRow {
  return {
    CommitmentDiscountId: SAVINGS_PLAN.id,
    CommitmentDiscountName: SAVINGS_PLAN.name,
    CommitmentDiscountCategory: 'Spend',
    CommitmentDiscountType: 'Savings Plan',
    CommitmentDiscountStatus: status,
    CommitmentDiscountQuantity: quantity,
    CommitmentDiscountUnit: 'USD',
  };
}

export function awsAccount(account: keyof typeof ACCOUNTS): BillRow {
  return {
    ProviderName: 'AWS',
    PublisherName: 'AWS',
    InvoiceIssuerName: 'AWS',
    BillingAccountId: PAYER,
    BillingAccountName: ORGANISATION,
    SubAccountId: ACCOUNTS[account].id,
    SubAccountName: ACCOUNTS[account].name,
    SubAccountType: 'Linked Account',
  };
}

export function gcpAccount(): BillRow {
  return {
    ProviderName: 'Google Cloud',
    PublisherName: 'Google Cloud',
    InvoiceIssuerName: 'Google Cloud',
    BillingAccountId: GCP_BILLING_ACCOUNT,
    BillingAccountName: ORGANISATION,
    SubAccountId: GCP_PROJECT,
    SubAccountName: GCP_PROJECT,
    SubAccountType: 'Project',
  };
}

export function place(region: string): BillRow {
  return { RegionId: region, RegionName: REGIONS[region] ?? region };
}

/** The rows as a CSV file (RFC 4180), every column present, an empty field for null. */
export function toCsv(rows: readonly BillRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => field(row[column] ?? '')).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`;
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** FOCUS 1.2's date format: ISO 8601 in UTC, whole seconds. */
export function stamp(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
